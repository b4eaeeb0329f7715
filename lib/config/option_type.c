/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How each type of option is read from text, printed and owned. */
#include "config/option_type.h"

#include "base/parse.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static void *at(void *record, uint16_t offset)
{
	return (char *)record + offset;
}

static const void *at_const(const void *record, uint16_t offset)
{
	return (const char *)record + offset;
}

/* Fields of 1, 2, 4 or 8 bytes are moved as bytes: x86-64 is little-endian. */
static uint64_t load(const struct option *o, const void *record)
{
	uint64_t v = 0;

	memcpy(&v, at_const(record, o->offset), o->width);
	return v;
}

static void store(const struct option *o, void *record, uint64_t v)
{
	memcpy(at(record, o->offset), &v, o->width);
}

static void unset_zero(const struct option *o, void *record)
{
	memset(at(record, o->offset), 0, o->width);
}

static int set_toggle(const struct option *o, void *record, const char *text, struct err *e)
{
	bool v;
	int r = parse_toggle(text, &v, e);

	if (!r)
		store(o, record, v);
	return r;
}

static void get_toggle(const struct option *o, const void *record, struct strbuf *out)
{
	strbuf_puts(out, load(o, record) ? "on" : "off");
}

static uint64_t width_max(const struct option *o)
{
	return o->width == 8 ? UINT64_MAX : (UINT64_C(1) << (8 * o->width)) - 1;
}

static int set_uint(const struct option *o, void *record, const char *text, struct err *e)
{
	uint64_t v;
	int r;

	if (o->zero && strcmp(text, o->zero) == 0) {
		store(o, record, 0);
		return 0;
	}
	r = parse_uint(text, o->min, o->max ? o->max : width_max(o), &v, e);
	if (!r)
		store(o, record, v);
	else if (r == -EINVAL && o->zero)
		err_set(e, r, "'%s' is neither a number nor '%s'", text, o->zero);
	return r;
}

static void get_uint(const struct option *o, const void *record, struct strbuf *out)
{
	uint64_t v = load(o, record);

	if (v == 0 && o->zero)
		strbuf_puts(out, o->zero);
	else if (v != 0 || o->fallback)
		strbuf_printf(out, "%" PRIu64, v);
}

static int set_int(const struct option *o, void *record, const char *text, struct err *e)
{
	uint64_t v;
	int r = parse_uint(text, o->min, o->max ? o->max : width_max(o) / 2, &v, e);

	if (!r)
		store(o, record, v);
	return r;
}

static void unset_int(const struct option *o, void *record)
{
	store(o, record, UINT64_MAX);
}

static void get_int(const struct option *o, const void *record, struct strbuf *out)
{
	uint64_t v = load(o, record);

	if (v != width_max(o))
		strbuf_printf(out, "%" PRIu64, v);
}

static int set_size(const struct option *o, void *record, const char *text, struct err *e)
{
	uint64_t v;
	int r = parse_size(text, &v, e);

	if (r)
		return r;
	if (v < o->min)
		return err_set(e, -ERANGE, "'%s' is out of range (%" PRIu64 " or more)", text,
			       o->min);
	store(o, record, v);
	return 0;
}

static void get_size(const struct option *o, const void *record, struct strbuf *out)
{
	uint64_t v = load(o, record);
	char text[32];

	if (v == 0 && !o->fallback)
		return;
	format_size(v, text, sizeof(text));
	strbuf_puts(out, text);
}

static char **string_at(const struct option *o, void *record)
{
	return at(record, o->offset);
}

/* Control characters would break the lines of profiles and logs. */
static int check_text(const char *text, struct err *e)
{
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return err_set(e, -EINVAL, "control character 0x%02x in the value",
				       (unsigned int)(unsigned char)*p);
	return 0;
}

static int check_choice(const struct option *o, const char *text, unsigned int *index,
			struct err *e)
{
	_strbuf_ struct strbuf words = { 0 };

	for (unsigned int i = 0; o->choices[i]; i++) {
		if (strcasecmp(o->choices[i], text) == 0) {
			*index = i;
			return 0;
		}
		strbuf_printf(&words, "%s%s", i ? ", " : "", o->choices[i]);
	}
	return err_set(e, -EINVAL, "'%s' is not one of %s", text, strbuf_text(&words));
}

static int set_string(const struct option *o, void *record, const char *text, struct err *e)
{
	unsigned int index;
	uint8_t mac[6];
	char *copy;
	int r = check_text(text, e);

	if (!r && o->choices)
		r = check_choice(o, text, &index, e);
	if (!r && o->type == OPTION_MAC)
		r = parse_mac(text, mac, e);
	if (r)
		return r;
	copy = strdup(text);
	if (!copy)
		return err_nomem(e);
	free(*string_at(o, record));
	*string_at(o, record) = copy;
	return 0;
}

static void unset_string(const struct option *o, void *record)
{
	free(*string_at(o, record));
	*string_at(o, record) = NULL;
}

static void get_string(const struct option *o, const void *record, struct strbuf *out)
{
	const char *const *s = at_const(record, o->offset);

	if (*s)
		strbuf_puts(out, *s);
}

static int dup_string(const struct option *o, void *record)
{
	char **s = string_at(o, record);

	if (!*s)
		return 0;
	*s = strdup(*s);
	return *s ? 0 : -ENOMEM;
}

static int set_choice(const struct option *o, void *record, const char *text, struct err *e)
{
	unsigned int index;
	int r = check_choice(o, text, &index, e);

	if (!r)
		store(o, record, index);
	return r;
}

static void get_choice(const struct option *o, const void *record, struct strbuf *out)
{
	strbuf_puts(out, o->choices[load(o, record)]);
}

static int set_mode_path(const struct option *o, void *record, const char *text, struct err *e)
{
	unsigned int mode = o->mode;
	int r = set_string(o, record, text, e);

	if (!r)
		memcpy(at(record, o->companion), &mode, sizeof(mode));
	return r;
}

static bool mode_is(const struct option *o, const void *record)
{
	unsigned int mode;

	memcpy(&mode, at_const(record, o->companion), sizeof(mode));
	return mode == o->mode;
}

static void get_mode_path(const struct option *o, const void *record, struct strbuf *out)
{
	if (mode_is(o, record))
		get_string(o, record, out);
}

/* Of the rows that share the field only one duplicates it. */
static int dup_mode_path(const struct option *o, void *record)
{
	return o->flags & OPTION_SHARED ? 0 : dup_string(o, record);
}

static const struct option_type_ops types[] = {
	[OPTION_TOGGLE] = { .set = set_toggle, .unset = unset_zero, .get = get_toggle },
	[OPTION_UINT] = { .set = set_uint, .unset = unset_zero, .get = get_uint },
	[OPTION_INT] = { .set = set_int, .unset = unset_int, .get = get_int },
	[OPTION_SIZE] = { .set = set_size, .unset = unset_zero, .get = get_size },
	[OPTION_STRING] = { .set = set_string,
			    .unset = unset_string,
			    .get = get_string,
			    .dup = dup_string },
	[OPTION_MAC] = { .set = set_string,
			 .unset = unset_string,
			 .get = get_string,
			 .dup = dup_string },
	[OPTION_CHOICE] = { .set = set_choice, .unset = unset_zero, .get = get_choice },
	[OPTION_MODE_PATH] = { .set = set_mode_path,
			       .unset = unset_string,
			       .get = get_mode_path,
			       .dup = dup_mode_path },
};

const struct option_type_ops *option_type_ops(enum option_type type)
{
	if (type == OPTION_TOPOLOGY)
		return &option_type_topology;
	if (type == OPTION_LIST)
		return &option_type_list;
	return &types[type];
}
