/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Users and groups of this host: those that every host has. */
#include "unit.h"

#include "host/accounts.h"

#include <errno.h>

static void by_name_and_by_number(void **state)
{
	struct account a;

	(void)state;
	assert_int_equal(account_find(ACCOUNT_USER, "root", &a), 0);
	assert_int_equal(a.id, 0);
	assert_int_equal(a.gid, 0);
	assert_int_equal(account_find(ACCOUNT_USER, "0", &a), 0);
	assert_string_equal(a.name, "root");
	assert_int_equal(account_find_id(ACCOUNT_GROUP, 0, &a), 0);
	assert_string_equal(a.name, "root");
}

static void nobody_of_that_name(void **state)
{
	static const char *const names[] = { "",    "-h",         "root:x",    "root\nroot",
					     "roo", "nosuchuser", "4294967295" };
	struct account a;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		assert_int_equal(account_find(ACCOUNT_USER, names[i], &a), -ENOENT);
		assert_int_equal(account_find(ACCOUNT_GROUP, names[i], &a), -ENOENT);
	}
}

/* What is remembered is the answer of who was asked for. */
static void asked_again(void **state)
{
	struct account a;

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(account_find_id(ACCOUNT_USER, 0, &a), 0);
		assert_string_equal(a.name, "root");
		assert_int_equal(account_find_id(ACCOUNT_USER, 1, &a), 0);
		assert_string_equal(a.name, "daemon");
		assert_int_equal(account_find_id(ACCOUNT_USER, 1, &a), 0);
		assert_int_equal(a.id, 1);
		assert_int_equal(account_find_id(ACCOUNT_GROUP, 2, &a), 0);
		assert_string_equal(a.name, "bin");
		for (int j = 0; j < 2; j++) {
			assert_int_equal(account_find_id(ACCOUNT_USER, 3999999999, &a), -ENOENT);
			assert_int_equal(account_find(ACCOUNT_USER, "3999999999", &a), -ENOENT);
		}
		assert_int_equal(account_find(ACCOUNT_GROUP, "daemon", &a), 0);
		assert_int_equal(account_find(ACCOUNT_USER, "bin", &a), 0);
		assert_int_equal(a.id, 2);
	}
}

static void members(void **state)
{
	(void)state;
	assert_true(account_in_group("anyone", 0, "root"));
	assert_false(account_in_group("anyone", 4242, "root"));
	assert_false(account_in_group("root", 0, "nosuchgroup"));
}

static void note_root(void *found, const char *name)
{
	if (strcmp(name, "root") == 0)
		++*(int *)found;
}

static void all_names(void **state)
{
	int found = 0;

	(void)state;
	account_names(ACCOUNT_USER, note_root, &found);
	assert_int_equal(found, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_name_and_by_number),
		cmocka_unit_test(nobody_of_that_name),
		cmocka_unit_test(asked_again),
		cmocka_unit_test(members),
		cmocka_unit_test(all_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
