/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grammar of option strings and the types of their values. */
#include "unit.h"

#include "config/option_string.h"

#include <errno.h>

struct sample {
	char *a, *b;
	bool on;
	uint8_t small;
	uint32_t big;
	uint64_t bytes;
	int16_t slot;
	uint16_t *list;
	size_t n_list;
	uint16_t topology[4];
};

static const struct option rows[] = {
	{ .key = "a", OPTION_TO_STRING(struct sample, a) },
	{ .key = "b", .fallback = "bee", OPTION_TO_STRING(struct sample, b) },
	{ .key = "on", .fallback = "off", OPTION_TO_TOGGLE(struct sample, on) },
	{ .key = "small", .fallback = "0", OPTION_TO_UINT(struct sample, small) },
	{ .key = "big", .zero = "auto", .min = 2, OPTION_TO_UINT(struct sample, big) },
	{ .key = "bytes", .fallback = "1M", OPTION_TO_SIZE(struct sample, bytes) },
	{ .key = "slot", OPTION_TO_INT(struct sample, slot) },
	{ .key = "list", OPTION_TO_LIST(struct sample, list, n_list) },
	{ .key = "topology", OPTION_TO_TOPOLOGY(struct sample, topology) },
};

static const struct option_section section = {
	.name = "sample",
	.options = rows,
	.n_options = ARRAY_SIZE(rows),
	.size = sizeof(struct sample),
};

/* Parses into a record with defaults and prints one option of it. */
static int get(const char *text, const char *key, struct strbuf *out, struct err *e)
{
	struct sample record;
	int r;

	assert_int_equal(option_record_init(&section, &record), 0);
	r = option_string_parse(&section, &record, text, e);
	if (!r)
		option_get(option_find(&section, key), &record, out);
	option_record_clear(&section, &record);
	return r;
}

static void accepted(void **state)
{
	static const struct {
		const char *text, *key, *value;
	} cases[] = {
		{ "", "b", "bee" },
		{ " \t", "b", "bee" },
		{ "a=x", "a", "x" },
		{ "a=x=y", "a", "x=y" },
		{ "a= x ,b=y", "a", "x" },
		{ "a=\"x,y\"", "a", "x,y" },
		{ "a=\"b\"", "a", "b" },
		{ "a=x\"y,\"z", "a", "xy,z" },
		{ "a=\"x\"\"y\"", "a", "x\"y" },
		{ "a=\"\"\"\"", "a", "\"" },
		{ "a=\" x \"", "a", " x " },
		{ "a=[x,[y,z]],b=c", "a", "[x,[y,z]]" },
		{ "a=\"]\"", "a", "]" },
		{ "a=x,a=y", "a", "y" },
		{ "b=", "b", "bee" },
		{ "a=x,a=", "a", "" },
		{ "a=\"\"", "a", "" },
		{ "on=on", "on", "on" },
		{ "on=TRUE", "on", "on" },
		{ "on=False", "on", "off" },
		{ "on=on,on=", "on", "off" },
		{ "small=255", "small", "255" },
		{ "big=auto", "big", "auto" },
		{ "bytes=2G", "bytes", "2G" },
		{ "bytes=1024K", "bytes", "1M" },
		{ "slot=0", "slot", "0" },
		{ "", "slot", "" },
		{ "list=[0,2-4,7]", "list", "[0,2,3,4,7]" },
		{ "list=1", "list", "[1]" },
		{ "list=1-2", "list", "[1,2]" },
		{ "list=[ 1 , 2 ]", "list", "[1,2]" },
		{ "list=[]", "list", "" },
		{ "list=65535", "list", "[65535]" },
		{ "topology=1:2:3:4", "topology", "1:2:3:4" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_strbuf_ struct strbuf value = { 0 };
		struct err e = { 0 };

		if (get(cases[i].text, cases[i].key, &value, &e))
			fail_msg("%s: %s", cases[i].text, e.text);
		assert_string_equal(strbuf_text(&value), cases[i].value);
	}
}

static void refused(void **state)
{
	static const struct {
		const char *text;
		int r;
		const char *message;
	} cases[] = {
		{ "a=\"x", -EINVAL, "invalid syntax: a=\"x" },
		{ "a=[x", -EINVAL, "invalid syntax: a=[x" },
		{ "a=x]", -EINVAL, "invalid syntax: a=x]" },
		{ "a=[\"]\"", -EINVAL, "invalid syntax" },
		{ "a", -EINVAL, "invalid syntax: a" },
		{ "c=x", -EINVAL, "unknown option: c" },
		{ "a=1, b=2", -EINVAL, "unknown option:  b" },
		{ "a =1", -EINVAL, "unknown option: a " },
		{ ",", -EINVAL, "unknown option: " },
		{ "a=1,", -EINVAL, "unknown option: " },
		{ "=x", -EINVAL, "unknown option: " },
		{ "tpology=1", -EINVAL, "unknown option: tpology" },
		{ "on=yes", -EINVAL, "on: 'yes' is not a toggle" },
		{ "small=256", -ERANGE, "small: '256' is out of range (0 to 255)" },
		{ "small=[256]", -EINVAL, "small: '[256]' is not a number" },
		{ "small=-1", -EINVAL, "small: '-1' is not a number" },
		{ "big=1", -ERANGE, "big: '1' is out of range (2 to 4294967295)" },
		{ "big=x", -EINVAL, "big: 'x' is neither a number nor 'auto'" },
		{ "bytes=1KM", -EINVAL, "bytes: '1KM' is not a size" },
		{ "bytes=1T", -EINVAL, "bytes: '1T' is not a size" },
		{ "bytes=17179869184G", -ERANGE, "bytes: '17179869184G' does not fit" },
		{ "slot=32768", -ERANGE, "slot: '32768' is out of range (0 to 32767)" },
		{ "list=[5-5]", -EINVAL, "list: range '5-5' does not grow" },
		{ "list=[5-3]", -EINVAL, "list: range '5-3' does not grow" },
		{ "list=[1-2-3]", -EINVAL, "list: '2-3' is not a number" },
		{ "list=[1,]", -EINVAL, "list: '' is not a number" },
		{ "list=65536", -ERANGE, "list: '65536' is out of range (0 to 65535)" },
		{ "list=[0-65535,1]", -E2BIG, "list: a list of more than 65536 numbers" },
		{ "topology=1:2:3", -EINVAL, "topology: '1:2:3' is not four numbers" },
		{ "topology=1:2:3:4:5", -EINVAL, "is not four numbers" },
		{ "topology=1:2:3:x", -EINVAL, "'x' is not a number" },
		{ "topology=1:2:3:0", -EINVAL, "no part of the CPU topology can be zero" },
		{ "topology=1:1:1:65536", -EINVAL, "topology: '65536' is out of range" },
		{ "a=x\ny", -EINVAL, "a: control character 0x0a in the value" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_strbuf_ struct strbuf value = { 0 };
		struct err e = { 0 };
		int r = get(cases[i].text, "a", &value, &e);

		if (r != cases[i].r || !strstr(e.text, cases[i].message))
			fail_msg("%s: %d '%s', not %d '%s'", cases[i].text, r, e.text, cases[i].r,
				 cases[i].message);
	}
}

/* An option that fails leaves the value there was. */
static void failure_keeps_value(void **state)
{
	struct sample record;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(option_record_init(&section, &record), 0);
	assert_int_equal(option_string_parse(&section, &record, "list=[1,2],a=x,small=3", &e), 0);
	assert_int_equal(option_string_parse(&section, &record, "list=[1-1]", &e), -EINVAL);
	assert_int_equal(option_string_parse(&section, &record, "a=\x01", &e), -EINVAL);
	assert_int_equal(option_string_parse(&section, &record, "small=300", &e), -ERANGE);
	assert_int_equal(record.n_list, 2);
	assert_string_equal(record.a, "x");
	assert_int_equal(record.small, 3);
	option_record_clear(&section, &record);
	option_record_clear(&section, &record);
}

static void suggestions(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_string_equal(option_suggest(&section, "smal"), "small");
	assert_string_equal(option_suggest(&section, "smlal"), "small");
	assert_string_equal(option_suggest(&section, "topolgoy"), "topology");
	assert_null(option_suggest(&section, "something"));
	assert_int_equal(option_unknown(&section, "byte", &e), -EINVAL);
	assert_string_equal(e.hint, "did you mean 'bytes'?");
}

static void usage(void **state)
{
	_strbuf_ struct strbuf text = { 0 };

	(void)state;
	option_string_usage(&section, &text);
	assert_string_equal(strbuf_text(&text),
			    "a=<text>,b=<text>,on=on|off,small=<number>,big=auto|<number>,"
			    "bytes=<size>,slot=<number>,list=<list>,topology=<t:c:d:p>");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepted),
		cmocka_unit_test(refused),
		cmocka_unit_test(failure_keeps_value),
		cmocka_unit_test(suggestions),
		cmocka_unit_test(usage),
	};

	return cmocka_run_group_tests_name("option_string", tests, NULL, NULL);
}
