/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every option row: command line, profile and JSON give the same configuration and print back to
 * it. */
#include "config_cli.h"

#include "config/config_json.h"
#include "config/from_ini.h"
#include "config/to_cli.h"
#include "config/to_ini.h"
#include "config/vm_options.h"

#include <errno.h>
#include <json-c/json.h>

/* A value of the row's type that is not its default. */
static const char *sample(const struct option *o, char *buf, size_t size)
{
	uint64_t v = 7;

	switch (o->type) {
	case OPTION_TOGGLE:
		return strcmp(o->fallback, "on") == 0 ? "off" : "on";
	case OPTION_UINT:
	case OPTION_INT:
		if (v < o->min)
			v = o->min;
		snprintf(buf, size, "%u", (unsigned int)v);
		return buf;
	case OPTION_SIZE:
		return "3M";
	case OPTION_MAC:
		return "52:54:00:00:00:01";
	case OPTION_CHOICE:
		return o->choices[strcmp(o->choices[0], o->fallback) == 0];
	case OPTION_MODE_PATH:
		return "-a path, [\"x\"]";
	case OPTION_TOPOLOGY:
		return "2:3:4:65535";
	case OPTION_LIST:
		return "[0,2,3]";
	case OPTION_STRING:
	default:
		return o->choices ? o->choices[0] : " \"a\", b]=c ' $x ";
	}
}

static void assert_same(const struct vm_config *a, const struct vm_config *b, bool profile)
{
	for (const struct option_section *const *s = vm_sections; *s; s++) {
		size_t n = vm_config_count(a, *s);

		assert_int_equal(vm_config_count(b, *s), n);
		for (size_t i = 0; i < n * (*s)->n_options; i++) {
			const struct option *o = &(*s)->options[i % (*s)->n_options];
			const void *ra = vm_config_record(a, *s, i / (*s)->n_options);
			const void *rb = vm_config_record(b, *s, i / (*s)->n_options);
			_strbuf_ struct strbuf ta = { 0 }, tb = { 0 };

			if (o->flags & OPTION_PROFILE_ONLY && !profile)
				continue;
			option_get(o, ra, &ta);
			option_get(o, rb, &tb);
			assert_string_equal(strbuf_text(&ta), strbuf_text(&tb));
		}
	}
	assert_int_equal(a->has_platform, b->has_platform);
}

static void through_cli(const struct vm_config *config)
{
	_cli_words_ struct cli_words words = { 0 };
	_vm_config_ struct vm_config back;
	_vmm_options_ struct vmm_options options;
	struct err e = { 0 };

	assert_int_equal(cli_words_add(&words, "vdpa-vmm"), 0);
	assert_int_equal(vm_config_to_cli(config, &words, &e), 0);
	assert_int_equal(vm_cli_parse((int)words.n, words.words, &back, &options, &e), 0);
	assert_same(config, &back, false);
}

static void through_json(const struct vm_config *config)
{
	struct json_object *object = vm_config_to_json(config), *parsed;
	_vm_config_ struct vm_config back;
	struct err e = { 0 };
	const char *text;

	assert_non_null(object);
	text = json_object_to_json_string(object);
	assert_int_equal(config_json_parse(text, strlen(text), &parsed, &e), 0);
	if (vm_config_from_json(parsed, &back, &e))
		fail_msg("%s: %s", text, e.text);
	json_object_put(object);
	json_object_put(parsed);
	assert_same(config, &back, false);
}

static void through_ini(const struct vm_config *config)
{
	_strbuf_ struct strbuf text = { 0 };
	_vm_config_ struct vm_config back;
	struct err e = { 0 };

	vm_config_to_ini(config, &text);
	assert_false(text.failed);
	if (vm_config_from_ini(strbuf_text(&text), text.len, "p.ini", &back, &e))
		fail_msg("%s: %s", strbuf_text(&text), e.text);
	assert_same(config, &back, true);
}

static void through_copy(const struct vm_config *config)
{
	_vm_config_ struct vm_config copy;

	assert_int_equal(vm_config_copy(&copy, config), 0);
	assert_same(config, &copy, true);
}

static void one_row(const struct option_section *section, const struct option *o)
{
	_vm_config_ struct vm_config config;
	_strbuf_ struct strbuf text = { 0 };
	struct err e = { 0 };
	char buf[32];
	void *record;

	assert_int_equal(vm_config_init(&config), 0);
	assert_int_equal(option_set(option_find(&vm_section_payload, "kernel"), &config.payload,
				    "vmlinux", &e),
			 0);
	record = vm_config_open(&config, section, NULL, &e);
	assert_non_null(record);
	assert_true(option_is_default(o, record) || section == &vm_section_payload);
	assert_int_equal(option_set(o, record, sample(o, buf, sizeof(buf)), &e), 0);
	option_get(o, record, &text);
	assert_string_equal(strbuf_text(&text), sample(o, buf, sizeof(buf)));
	assert_false(option_is_default(o, record));
	through_copy(&config);
	through_cli(&config);
	through_json(&config);
	through_ini(&config);
	assert_int_equal(option_set(o, record, o->type == OPTION_MODE_PATH ? "x" : "", &e), 0);
	assert_true(option_is_default(o, record) || o->type == OPTION_MODE_PATH);
}

static void every_row(void **state)
{
	(void)state;
	for (const struct option_section *const *s = vm_sections; *s; s++)
		for (size_t i = 0; i < (*s)->n_options; i++)
			if (option_has_value(&(*s)->options[i]))
				one_row(*s, &(*s)->options[i]);
}

/* A default is written as option_get prints it, or it would never be seen as the default. */
static void defaults_are_canonical(void **state)
{
	(void)state;
	for (const struct option_section *const *s = vm_sections; *s; s++) {
		_vm_config_ struct vm_config config;
		struct err e = { 0 };
		void *record;

		assert_int_equal(vm_config_init(&config), 0);
		record = vm_config_open(&config, *s, NULL, &e);
		for (size_t i = 0; i < (*s)->n_options; i++)
			assert_true(option_is_default(&(*s)->options[i], record));
	}
}

/* Unsupported keys: the default passes in every form, anything else is refused by its name. */
static void unsupported_rows(void **state)
{
	(void)state;
	for (const struct option_section *const *s = vm_sections; *s; s++) {
		for (size_t i = 0; i < (*s)->n_options; i++) {
			const struct option *o = &(*s)->options[i];
			char expected[128];
			struct err e = { 0 };

			if (option_has_value(o))
				continue;
			snprintf(expected, sizeof(expected), "%s is not supported by this VMM",
				 o->key);
			assert_int_equal(option_set(o, NULL, "", &e), 0);
			if (o->fallback)
				assert_int_equal(option_set(o, NULL, o->fallback, &e), 0);
			assert_int_equal(option_set(o, NULL, "other", &e), -EOPNOTSUPP);
			assert_string_equal(e.text, expected);
		}
	}
}

static void quoting_for_a_shell(void **state)
{
	_cli_words_ struct cli_words words = { 0 };
	_strbuf_ struct strbuf line = { 0 };

	(void)state;
	assert_int_equal(cli_words_add(&words, "--cmdline"), 0);
	assert_int_equal(cli_words_add(&words, "a b='$c'"), 0);
	assert_int_equal(cli_words_add(&words, ""), 0);
	cli_words_quote(&words, &line);
	assert_string_equal(strbuf_text(&line), "--cmdline 'a b='\\''$c'\\''' ''");
}

/* The parser takes a word that begins with a dash for the next option. */
static void values_with_a_dash(void **state)
{
	_vm_config_ struct vm_config config;

	(void)state;
	assert_int_equal(vm_config_init(&config), 0);
	config.payload.kernel = strdup("--kernel");
	config.payload.cmdline = strdup("-v");
	through_cli(&config);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row),          cmocka_unit_test(defaults_are_canonical),
		cmocka_unit_test(unsupported_rows),   cmocka_unit_test(quoting_for_a_shell),
		cmocka_unit_test(values_with_a_dash),
	};

	return cmocka_run_group_tests_name("vm_config_forms", tests, NULL, NULL);
}
