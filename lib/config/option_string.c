/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option strings, "key=value,key=value": the grammar, and printing it. */
#include "config/option_string.h"

#include <errno.h>
#include <string.h>

static int invalid_syntax(const char *text, struct err *e)
{
	return err_set(e, -EINVAL, "invalid syntax: %s", text);
}

/* The end of the field at `p` (a comma or the end of the text); NULL when a quote or a bracket does
 * not close. */
static const char *field_end(const char *p)
{
	bool quoted = false;
	unsigned int depth = 0;

	for (; *p; p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (quoted)
			continue;
		else if (*p == '[')
			depth++;
		else if (*p == ']' && depth-- == 0)
			return NULL;
		else if (*p == ',' && depth == 0)
			break;
	}
	return quoted || depth ? NULL : p;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The value between `p` and `end` without blanks around it and without its quotes; caller frees. */
static char *unquoted(const char *p, const char *end)
{
	char *word, *w;
	bool quoted = false;

	while (p < end && is_blank(*p))
		p++;
	while (p < end && is_blank(end[-1]))
		end--;
	w = word = malloc((size_t)(end - p) + 1);
	if (!word)
		return NULL;
	for (; p < end; p++) {
		if (*p != '"')
			*w++ = *p;
		else if (quoted && p + 1 < end && p[1] == '"')
			*w++ = *p++;
		else
			quoted = !quoted;
	}
	*w = '\0';
	return word;
}

static bool has_word(const struct option *o, const char *word)
{
	for (size_t n = 0; o->choices[n]; n++)
		if (strcmp(o->choices[n], word) == 0)
			return true;
	return false;
}

/* The option whose choices stand without a key (console modes), NULL where there is none. */
static const struct option *bare_option(const struct option_section *section)
{
	for (size_t i = 0; i < section->n_options; i++)
		if (section->options[i].flags & OPTION_BARE)
			return &section->options[i];
	return NULL;
}

/* A word without `=`: a choice that stands without its key. */
static int set_bare(const struct option_section *section, void *record, const char *word,
		    struct err *e)
{
	const struct option *bare = bare_option(section);

	if (option_find(section, word) && !(bare && strcmp(word, bare->key) == 0))
		return invalid_syntax(word, e);
	if (bare && has_word(bare, word))
		return option_set(bare, record, word, e);
	if (bare)
		return err_set(e, -EINVAL, "invalid %s %s given: %s", section->name, bare->key,
			       word);
	return option_unknown(section, word, e);
}

static int set_field(const struct option_section *section, void *record, const char *field,
		     const char *end, struct err *e)
{
	const char *equals = memchr(field, '=', (size_t)(end - field));
	_free_ char *key = strndup(field, (size_t)((equals ? equals : end) - field));
	const struct option *o, *bare = bare_option(section);
	_free_ char *value = NULL;

	if (!key)
		return err_nomem(e);
	if (!equals)
		return set_bare(section, record, key, e);
	o = option_find(section, key);
	if (!o && bare && has_word(bare, key))
		return err_set(e, -EINVAL, "%s takes no value", key);
	if (!o || o == bare)
		return option_unknown(section, key, e);
	if (o->flags & OPTION_PROFILE_ONLY)
		return err_set(e, -EINVAL, "%s is for profiles only", key);
	value = unquoted(equals + 1, end);
	return value ? option_set(o, record, value, e) : err_nomem(e);
}

/* Is one of the words given that a section with such a choice must have? */
static bool names_mode(const struct option *bare, const char *text)
{
	const char *end;

	for (const char *p = text;; p = end + 1) {
		size_t n = strcspn(p, "=,");
		_free_ char *key = strndup(p, n);

		if (!key || has_word(bare, key))
			return true;
		end = field_end(p);
		if (!end || !*end)
			return false;
	}
}

int option_string_parse(const struct option_section *section, void *record, const char *text,
			struct err *e)
{
	const struct option *bare = bare_option(section);
	bool blank = text[strspn(text, " \t\r\n")] == '\0';
	const char *p, *end;
	int r = 0;

	/* The shape first, so that a text with a wrong end sets nothing. */
	for (p = text; p; p = *end ? end + 1 : NULL) {
		end = field_end(p);
		if (!end)
			return invalid_syntax(text, e);
	}
	for (p = blank ? NULL : text; p && !r; p = end && *end ? end + 1 : NULL) {
		end = field_end(p);
		r = end ? set_field(section, record, p, end, e) : invalid_syntax(text, e);
	}
	if (!r && bare && (blank || !names_mode(bare, text)))
		return err_set(e, -EINVAL, "invalid %s mode given", section->name);
	return r;
}

static bool needs_quotes(const char *value)
{
	size_t n = strlen(value);

	return strpbrk(value, ",\"[]") || (n && (is_blank(value[0]) || is_blank(value[n - 1])));
}

static void print_value(const struct option *o, const char *value, struct strbuf *out)
{
	if (o->type == OPTION_LIST || !needs_quotes(value))
		strbuf_puts(out, value);
	else
		strbuf_put_quoted(out, value);
}

static bool differs(const struct option *o, const void *record)
{
	return option_has_value(o) && !(o->flags & OPTION_PROFILE_ONLY) &&
	       !option_is_default(o, record);
}

/* A mode stands in front of whatever else is printed; one with a path (file=PATH) is printed by
 * the row of its path. */
static bool is_printed(const struct option_section *section, const struct option *o,
		       const void *record)
{
	_strbuf_ struct strbuf mode = { 0 };
	bool any = false;

	if (!(o->flags & OPTION_BARE))
		return differs(o, record);
	for (size_t i = 0; i < section->n_options; i++)
		any |= differs(&section->options[i], record);
	option_get(o, record, &mode);
	return any && !option_find(section, strbuf_text(&mode));
}

void option_string_print(const struct option_section *section, const void *record,
			 struct strbuf *out)
{
	const char *comma = "";

	for (size_t i = 0; i < section->n_options; i++) {
		const struct option *o = &section->options[i];
		_strbuf_ struct strbuf value = { 0 };

		if (!is_printed(section, o, record))
			continue;
		option_get(o, record, &value);
		strbuf_puts(out, comma);
		comma = ",";
		if (!(o->flags & OPTION_BARE))
			strbuf_printf(out, "%s=", o->key);
		print_value(o, strbuf_text(&value), out);
		out->failed |= value.failed;
	}
}

void option_string_usage(const struct option_section *section, struct strbuf *out)
{
	const char *comma = "";

	for (size_t i = 0; i < section->n_options; i++) {
		const struct option *o = &section->options[i];

		if (!option_has_value(o) || o->flags & OPTION_PROFILE_ONLY)
			continue;
		strbuf_puts(out, comma);
		comma = ",";
		if (!(o->flags & OPTION_BARE)) {
			strbuf_printf(out, "%s=", o->key);
			option_value_help(o, out);
			continue;
		}
		for (size_t n = 0, shown = 0; o->choices[n]; n++)
			if (!option_find(section, o->choices[n]))
				strbuf_printf(out, "%s%s", shown++ ? "|" : "", o->choices[n]);
	}
}

void option_string_defaults(const struct option_section *section, struct strbuf *out)
{
	const char *comma = "";

	for (size_t i = 0; i < section->n_options; i++) {
		const struct option *o = &section->options[i];

		if (!option_has_value(o) || o->flags & OPTION_PROFILE_ONLY || !o->fallback ||
		    strcmp(o->fallback, "off") == 0)
			continue;
		strbuf_puts(out, comma);
		comma = ",";
		if (!(o->flags & OPTION_BARE))
			strbuf_printf(out, "%s=", o->key);
		strbuf_puts(out, o->fallback);
	}
}
