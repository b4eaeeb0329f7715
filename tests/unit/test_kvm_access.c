/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A /dev/kvm that a user may not open: the remedy works. */
#include "unit.h"

#include "fake_tree.h"
#include "host/accounts.h"
#include "host/checks.h"

#include <unistd.h>

static const char user[] = "daemon";

/* What helps where no group has the rights. */
static void by_other_means(const char *path, char *command, size_t size)
{
	struct account kvm;

	if (account_find_local(ACCOUNT_GROUP, "kvm", &kvm) == 0)
		snprintf(command, size, "chgrp kvm %s && chmod 660 %s && usermod -aG kvm %s", path,
			 path, user);
	else
		snprintf(command, size, "setfacl -m u:%s:rw %s", user, path);
}

static void expect(const struct fake_tree *t, const char *command)
{
	const struct check_options o = { .roots = &t->roots, .user = user, .only = "access" };
	_report_ struct report report = { 0 };

	assert_int_equal(host_check_run(&o, &report, NULL), 0);
	assert_int_equal(report.n, 1);
	assert_int_equal(report.items[0].status, FINDING_FAIL);
	assert_string_equal(report.items[0].command, command);
}

/* Membership helps only where the group has the rights, and nobody should become root's. */
static void by_group_and_mode(void **state)
{
	struct fake_tree t;
	struct account group;
	char path[PATH_MAX], other[3 * PATH_MAX];

	(void)state;
	/* Only root can give files away, and try as another user. */
	if (geteuid() != 0 || account_find_local(ACCOUNT_GROUP, "games", &group))
		skip();
	fake_tree_make(&t);
	fake_tree_file(&t, "dev/kvm", "");
	fake_tree_path(&t, "dev/kvm", path);
	by_other_means(path, other, sizeof(other));
	assert_int_equal(chown(path, 0, group.id), 0);
	assert_int_equal(chmod(path, 0660), 0);
	expect(&t, "usermod -aG games daemon");
	assert_int_equal(chmod(path, 0600), 0);
	expect(&t, other);
	assert_int_equal(chmod(path, 0660), 0);
	assert_int_equal(chown(path, 0, 0), 0);
	expect(&t, other);
	fake_tree_remove(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_group_and_mode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
