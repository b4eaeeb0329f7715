/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engine over option rows: find, set, print, default and copy. */
#include "config/option.h"

#include "base/distance.h"
#include "base/parse.h"
#include "config/option_type.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

const struct option *option_find(const struct option_section *section, const char *key)
{
	for (size_t i = 0; i < section->n_options; i++)
		if (strcmp(section->options[i].key, key) == 0)
			return &section->options[i];
	return NULL;
}

const char *option_suggest(const struct option_section *section, const char *key)
{
	const char *best = NULL;
	unsigned int least = UINT_MAX;

	for (size_t i = 0; i < section->n_options; i++) {
		const struct option *o = &section->options[i];
		unsigned int d;

		if (!option_has_value(o) || !word_is_near(key, o->key))
			continue;
		d = word_distance(key, o->key);
		if (d < least) {
			least = d;
			best = o->key;
		}
	}
	return best;
}

int option_unknown(const struct option_section *section, const char *key, struct err *e)
{
	const char *near = option_suggest(section, key);
	int r = err_set(e, -EINVAL, "unknown option: %s", key);

	if (near)
		err_hint(e, "did you mean '%s'?", near);
	return r;
}

bool option_has_value(const struct option *o)
{
	return !(o->flags & OPTION_UNSUPPORTED);
}

/* A key that is only recognised: its default in any spelling, or a refusal. */
static int set_unsupported(const struct option *o, const char *text, struct err *e)
{
	const char *fallback = o->fallback ? o->fallback : "";
	bool v;

	if (o->type == OPTION_TOGGLE && parse_toggle(text, &v, e) == 0)
		text = v ? "on" : "off";
	if (strcasecmp(text, fallback) == 0 || strcmp(text, "[]") == 0)
		return 0;
	return err_set(e, -EOPNOTSUPP, "%s is not supported by this VMM", o->key);
}

static int set_default(const struct option *o, void *record, struct err *e)
{
	const struct option_type_ops *ops = option_type_ops(o->type);

	if (o->fallback)
		return ops->set(o, record, o->fallback, e);
	ops->unset(o, record);
	return 0;
}

int option_set_value(const struct option *o, void *record, const char *text, struct err *e)
{
	if (!option_has_value(o))
		return *text ? set_unsupported(o, text, e) : 0;
	if (o->type == OPTION_MODE_PATH && !*text)
		return err_set(e, -EINVAL, "path missing when using %s console mode", o->key);
	if (!*text)
		return set_default(o, record, e);
	return option_type_ops(o->type)->set(o, record, text, e);
}

int option_set(const struct option *o, void *record, const char *text, struct err *e)
{
	int r = option_set_value(o, record, text, e);

	/* A refusal of the key itself and a missing path name it already. */
	if (r && option_has_value(o) && *text)
		err_prefix(e, "%s", o->key);
	return r;
}

void option_get(const struct option *o, const void *record, struct strbuf *out)
{
	if (option_has_value(o))
		option_type_ops(o->type)->get(o, record, out);
}

bool option_is_default_or_fail(const struct option *o, const void *record, struct strbuf *out)
{
	_strbuf_ struct strbuf text = { 0 };

	option_get(o, record, &text);
	if (out)
		out->failed |= text.failed;
	return !option_has_value(o) ||
	       (!text.failed && strcmp(strbuf_text(&text), o->fallback ? o->fallback : "") == 0);
}

bool option_is_default(const struct option *o, const void *record)
{
	return option_is_default_or_fail(o, record, NULL);
}

static const char *const toggle_words[] = { "on", "off", NULL };

const char *option_value_word(const struct option *o, size_t i)
{
	const char *const *words = o->type == OPTION_TOGGLE ? toggle_words : o->choices;

	if (!words)
		return i == 0 ? o->zero : NULL;
	for (size_t n = 0; n < i; n++)
		if (!words[n])
			return NULL;
	return words[i];
}

void option_value_help(const struct option *o, struct strbuf *out)
{
	static const char *const units[] = {
		[OPTION_UINT] = "number",      [OPTION_INT] = "number",
		[OPTION_SIZE] = "size",        [OPTION_STRING] = "text",
		[OPTION_MAC] = "address",      [OPTION_MODE_PATH] = "path",
		[OPTION_TOPOLOGY] = "t:c:d:p", [OPTION_LIST] = "list",
	};
	const char *word = option_value_word(o, 0);

	for (size_t i = 0; word; word = option_value_word(o, ++i))
		strbuf_printf(out, "%s%s", i ? "|" : "", word);
	if (o->choices || o->type == OPTION_TOGGLE)
		return;
	strbuf_printf(out, "%s<%s>", o->zero ? "|" : "", o->unit ? o->unit : units[o->type]);
}

int option_record_init(const struct option_section *section, void *record)
{
	memset(record, 0, section->size);
	for (size_t i = 0; i < section->n_options; i++) {
		const struct option *o = &section->options[i];
		int r;

		/* The row of the mode has set the default; a path is of one mode only. */
		if (!option_has_value(o) || o->type == OPTION_MODE_PATH)
			continue;
		r = set_default(o, record, NULL);
		if (r) {
			option_record_clear(section, record);
			return r;
		}
	}
	return 0;
}

static bool owns_memory(const struct option *o)
{
	return option_has_value(o) && option_type_ops(o->type)->dup;
}

void option_record_clear(const struct option_section *section, void *record)
{
	for (size_t i = 0; i < section->n_options; i++)
		if (owns_memory(&section->options[i]))
			option_type_ops(section->options[i].type)
				->unset(&section->options[i], record);
}

int option_record_copy(const struct option_section *section, void *to, const void *from)
{
	int r = 0;

	memcpy(to, from, section->size);
	/* To the end even after a failure: a field that failed is absent, none stays shared. */
	for (size_t i = 0; i < section->n_options; i++) {
		const struct option *o = &section->options[i];

		if (owns_memory(o) && option_type_ops(o->type)->dup(o, to))
			r = -ENOMEM;
	}
	if (r)
		option_record_clear(section, to);
	return r;
}
