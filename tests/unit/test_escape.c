/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Foreign text in output. */
#include "unit.h"

#include "output/escape.h"

static void json(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "plain", "\"plain\"" },
		{ "a\nb\tc", "\"a\\u000ab\\u0009c\"" },
		{ "\"\\", "\"\\\"\\\\\"" },
		{ "\xc3\xbc", "\"\xc3\xbc\"" },
		/* bytes that are no UTF-8: names that differ stay so */
		{ "f-\xff\xfe", "\"f-\\\\xff\\\\xfe\"" },
		{ "f-\xff\xfd", "\"f-\\\\xff\\\\xfd\"" },
		{ "f-\xc3", "\"f-\\\\xc3\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_strbuf_ struct strbuf sb = { 0 };

		escape_json(&sb, cases[i].text);
		assert_string_equal(strbuf_text(&sb), cases[i].want);
	}
}

static void text(void **state)
{
	_strbuf_ struct strbuf sb = { 0 };

	(void)state;
	assert_int_equal(escape_text(&sb, "a\n\xc3\xbc\xff\xe2\x80\xae"), 1 + 4 + 1 + 4 + 12);
	assert_string_equal(strbuf_text(&sb), "a\\x0a\xc3\xbc\\xff\\xe2\\x80\\xae");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json),
		cmocka_unit_test(text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
