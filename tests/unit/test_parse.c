/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words to values. */
#include "unit.h"

#include "base/parse.h"

#include <errno.h>

static void sizes(void **state)
{
	static const struct {
		const char *word;
		int r;
		uint64_t value;
	} rows[] = {
		{ "0", 0, 0 },
		{ "512", 0, 512 },
		{ "1K", 0, 1024 },
		{ "512M", 0, UINT64_C(512) << 20 },
		{ "17179869183G", 0, UINT64_C(17179869183) << 30 },
		{ "17179869184G", -ERANGE, 0 },
		{ "99999999999999999999", -ERANGE, 0 },
		{ "1KM", -EINVAL, 0 },
		{ "1k", -EINVAL, 0 },
		{ "1T", -EINVAL, 0 },
		{ "-1", -EINVAL, 0 },
		{ " 1", -EINVAL, 0 },
		{ "1 ", -EINVAL, 0 },
		{ "", -EINVAL, 0 },
		{ "0x10", -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t v = 7;
		struct err e = { 0 };

		assert_int_equal(parse_size(rows[i].word, &v, &e), rows[i].r);
		assert_int_equal(v, rows[i].r ? 7 : rows[i].value);
		if (rows[i].r)
			assert_non_null(strstr(e.text, rows[i].word));
	}
}

static void numbers(void **state)
{
	uint64_t v = 7;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(parse_uint("255", 0, 255, &v, &e), 0);
	assert_int_equal(v, 255);
	assert_int_equal(parse_uint("256", 0, 255, &v, &e), -ERANGE);
	assert_string_equal(e.text, "'256' is out of range (0 to 255)");
	assert_int_equal(parse_uint("+1", 0, 255, &v, &e), -EINVAL);
	assert_int_equal(parse_uint("0x10", 0, 255, &v, &e), -EINVAL);
	assert_int_equal(parse_uint_or_hex("0x10", 0, 255, &v, &e), 0);
	assert_int_equal(v, 16);
	assert_int_equal(parse_uint_or_hex("0x", 0, 255, &v, &e), -EINVAL);
	assert_int_equal(parse_uint("18446744073709551615", 0, UINT64_MAX, &v, &e), 0);
	assert_true(v == UINT64_MAX);
	assert_int_equal(parse_uint("18446744073709551616", 0, UINT64_MAX, &v, &e), -ERANGE);
}

static void macs(void **state)
{
	uint8_t mac[6];
	char text[18];

	(void)state;
	assert_int_equal(parse_mac("52:54:00:AA:bb:cc", mac, NULL), 0);
	format_mac(mac, text, sizeof(text));
	assert_string_equal(text, "52:54:00:aa:bb:cc");
	assert_int_equal(parse_mac("00:00:00:00:00:00", mac, NULL), -EINVAL);
	assert_int_equal(parse_mac("01:00:00:00:00:00", mac, NULL), -EINVAL);
	assert_int_equal(parse_mac("52:54:00:aa:bb", mac, NULL), -EINVAL);
	assert_int_equal(parse_mac("52:54:00:aa:bb:cc:", mac, NULL), -EINVAL);
	assert_int_equal(parse_mac("52:54:00:aa:bb:c", mac, NULL), -EINVAL);
	assert_int_equal(parse_mac("", mac, NULL), -EINVAL);
}

static void sizes_print_back(void **state)
{
	static const char *const words[] = { "1G", "512M", "4K", "513", "0", "1025M" };
	char text[32];
	uint64_t v;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		assert_int_equal(parse_size(words[i], &v, NULL), 0);
		format_size(v, text, sizeof(text));
		assert_string_equal(text, words[i]);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes),
		cmocka_unit_test(numbers),
		cmocka_unit_test(macs),
		cmocka_unit_test(sizes_print_back),
	};

	return cmocka_run_group_tests_name("parse", tests, NULL, NULL);
}
