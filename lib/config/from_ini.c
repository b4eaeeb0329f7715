/* SPDX-License-Identifier: GPL-3.0-or-later */
/* INI profiles to configurations. */
#include "config/from_ini.h"

#include "base/distance.h"
#include "config/ini_syntax.h"
#include "config/option.h"
#include "config/vm_options.h"

#include <errno.h>
#include <string.h>

struct ini_reading {
	struct ini_reader reader;
	struct vm_config *config;
	const struct option_section *section; /* NULL before the first head */
	size_t index;
	void *record;
	struct err *e;
};

static int unknown_section(const char *name, struct err *e)
{
	const char *near = NULL;

	for (const struct option_section *const *s = vm_sections; *s && !near; s++)
		if (word_is_near(name, (*s)->name))
			near = (*s)->name;
	err_set(e, -EINVAL, "unknown section: %s", name);
	if (near)
		err_hint(e, "did you mean '%s'?", near);
	return -EINVAL;
}

static bool has_lines(const struct ini_reading *in)
{
	return in->reader.file != NULL;
}

static int given_already(const struct ini_reading *in, const char *kind, const char *what,
			 unsigned int line)
{
	if (!has_lines(in))
		return err_set(in->e, -EEXIST, "%s '%s' is given already", kind, what);
	return err_set(in->e, -EEXIST, "%s '%s' is given at line %u already", kind, what, line);
}

/* A section that stands once, or a label that its kind has already. */
static int check_repeated(const struct ini_reading *in, const struct option_section *section,
			  const struct ini_head *head)
{
	const struct origins *origins = &in->config->origins;

	for (size_t i = 0; i < origins->n_rows; i++) {
		const struct origin *o = &origins->rows[i];
		_strbuf_ struct strbuf label = { 0 };

		if (o->section != section || o->option)
			continue;
		if (!section->list)
			return given_already(in, "section", head->name, o->line);
		if (!head->has_label)
			continue;
		option_get(option_find(section, section->label),
			   vm_config_record(in->config, section, o->index), &label);
		if (strcmp(strbuf_text(&label), head->label) == 0)
			return given_already(in, head->name, head->label, o->line);
	}
	return 0;
}

static int note(struct ini_reading *in, const struct option *option)
{
	struct origin origin = { .section = in->section,
				 .option = option,
				 .index = in->index,
				 .line = in->reader.line };

	return origins_add(&in->config->origins, origin) ? err_nomem(in->e) : 0;
}

static int begin_section(void *ctx, const char *text)
{
	struct ini_reading *in = ctx;
	const struct option_section *section;
	struct ini_head head;
	int r;

	if (strlen(text) > INI_MAX_HEAD)
		return err_set(in->e, -EINVAL, "the line is too long");
	r = ini_head_parse(text, &head, in->e);
	if (r)
		return r;
	section = vm_section_find(head.name);
	if (!section)
		return unknown_section(head.name, in->e);
	if (head.has_label && !section->label)
		return err_set(in->e, -EINVAL, "section '%s' takes no label", head.name);
	r = check_repeated(in, section, &head);
	if (r)
		return r;
	in->section = section;
	in->record = vm_config_open(in->config, section, &in->index, in->e);
	if (!in->record)
		return -ENOMEM;
	r = note(in, NULL);
	if (r || !head.has_label)
		return r;
	r = option_set(option_find(section, section->label), in->record, head.label, in->e);
	if (!r)
		return note(in, option_find(section, section->label));
	return has_lines(in) ? r : err_prefix(in->e, "%s", section->name);
}

static int check_key_repeated(const struct ini_reading *in, const struct option *option)
{
	const struct origins *origins = &in->config->origins;

	for (size_t i = 0; i < origins->n_rows; i++) {
		const struct origin *o = &origins->rows[i];

		if (o->section == in->section && o->index == in->index && o->option == option)
			return given_already(in, "option", option->key, o->line);
	}
	return 0;
}

/* The mode and the path of another mode in one section: one of them would be dropped in silence. */
static int check_mode(const struct ini_reading *in, const struct option *option, const char *text)
{
	const struct origins *origins = &in->config->origins;
	bool is_path = option->type == OPTION_MODE_PATH;

	if (!is_path && !(option->flags & OPTION_BARE))
		return 0;
	for (size_t i = 0; i < origins->n_rows; i++) {
		const struct origin *o = &origins->rows[i];
		_strbuf_ struct strbuf mode = { 0 };

		if (o->section != in->section || !o->option)
			continue;
		if (o->option->type != OPTION_MODE_PATH && !(o->option->flags & OPTION_BARE))
			continue;
		option_get(option_find(in->section, "mode"), in->record, &mode);
		if (strcmp(strbuf_text(&mode), is_path ? option->key : text) == 0)
			continue;
		if (!has_lines(in))
			return err_set(in->e, -EINVAL, "mode is '%s'", strbuf_text(&mode));
		return err_set(in->e, -EINVAL, "%s: mode is '%s' by line %u", option->key,
			       strbuf_text(&mode), o->line);
	}
	return 0;
}

static int set_value(struct ini_reading *in, const struct option *o, const char *value)
{
	_free_ char *text = strdup(value);
	int r;

	if (!text)
		return err_nomem(in->e);
	ini_value_unquote(text);
	r = check_mode(in, o, text);
	if (r)
		return r;
	return has_lines(in) ? option_set(o, in->record, text, in->e)
			     : option_set_value(o, in->record, text, in->e);
}

static int set_key(void *ctx, const char *key, const char *value)
{
	struct ini_reading *in = ctx;
	const struct option *o;
	int r;

	if (!in->section)
		return err_set(in->e, -EINVAL, "'%s' stands before the first section", key);
	o = option_find(in->section, key);
	if (o) {
		r = check_key_repeated(in, o);
		if (!r)
			r = set_value(in, o, value);
	} else {
		r = option_unknown(in->section, key, in->e);
	}
	if (!r)
		return note(in, o);
	return has_lines(in) ? r : vm_config_prefix(in->config, in->section, in->index, o, in->e);
}

/* Tabs and ends of lines are the only control characters that a profile may hold. */
static int check_bytes(const char *text, size_t len, const char *file, struct err *e)
{
	unsigned int line = 1;

	if (len > INI_MAX_FILE)
		return err_set(e, -EFBIG, "%s%s%zu bytes is longer than a profile may be (%d)",
			       file ? file : "", file ? ": " : "", len, INI_MAX_FILE);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		line += c == '\n';
		if ((c >= ' ' && c != 0x7f) || c == '\t' || c == '\n' || c == '\r')
			continue;
		err_set(e, -EINVAL, "control character 0x%02x", (unsigned int)c);
		return file ? err_prefix(e, "%s:%u", file, line) : -EINVAL;
	}
	return 0;
}

int vm_config_from_ini(const char *text, size_t len, const char *file, struct vm_config *config,
		       struct err *e)
{
	struct err own = { 0 };
	struct ini_reading in = {
		.reader = {
			.pos = text,
			.end = text + len,
			.file = file,
			.head = begin_section,
			.key = set_key,
			.ctx = &in,
			.e = e ? e : &own,
		},
		.config = config,
		.e = e ? e : &own,
	};
	int r = check_bytes(text, len, file, in.e);

	if (r)
		return r;
	if (vm_config_init(config))
		return err_nomem(in.e);
	config->origins.form = file ? ORIGIN_INI : ORIGIN_PLACE;
	config->origins.file = file ? strdup(file) : NULL;
	r = file && !config->origins.file ? err_nomem(in.e) : ini_read(&in.reader);
	if (r)
		vm_config_clear(config);
	return r;
}
