/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Completion of vdpa-vmm's options: names, keys, the words a value is chosen from. */
#include "shell/complete.h"

#include "config/cli_options.h"
#include "config/vm_options.h"
#include "config/vmm_options.h"
#include "profiles.h"
#include "vdpa/dev.h"

#include <string.h>

/* Of a VM that vdpactl starts, it says these itself. */
static bool is_ours(const struct cli_option *o)
{
	return o->section == &vmm_section_api_socket || o->section == &vmm_section_restore;
}

static void complete_names(struct completion *c)
{
	for (const struct cli_option *o = cli_options; o->name; o++) {
		const struct option *key;
		const char *help = o->help;
		char name[64];

		if (o->kind == CLI_UNSUPPORTED || o->kind == CLI_VERBOSE || o->kind == CLI_HELP ||
		    o->kind == CLI_VERSION || is_ours(o))
			continue;
		key = o->kind == CLI_KEY || o->kind == CLI_FLAG ? cli_option_key(o) : NULL;
		if (!help)
			help = key ? key->help : o->section->help;
		snprintf(name, sizeof(name), "--%s", o->name);
		completion_add(c, name, help);
	}
}

/* Candidates are whole words, so each begins with what stands before the value. */
static void add_value(struct completion *c, const char *before, const char *value, const char *help)
{
	_strbuf_ struct strbuf text = { 0 };

	strbuf_puts(&text, before);
	strbuf_puts(&text, value);
	c->failed |= text.failed;
	completion_add(c, strbuf_text(&text), help);
}

void complete_option_value(struct session *s, const struct option *row, const char *before,
			   struct completion *c)
{
	const char *word;

	for (size_t i = 0; (word = option_value_word(row, i)); i++)
		add_value(c, before, word, NULL);
	snprintf(c->hint, sizeof(c->hint), "%s: %s", row->key, row->help);
	if (row->unit && !strcmp(row->unit, "path"))
		c->files = true;
	if (!strcmp(row->key, "device")) {
		_vdpa_dev_list_ struct vdpa_dev_list list = { 0 };
		struct vdpa_nl *nl;

		if (session_nl(s, &nl, NULL) || vdpa_dev_list(nl, &list, NULL))
			return;
		for (size_t i = 0; i < list.n; i++)
			add_value(c, before, list.items[i].name, list.items[i].mgmtdev);
	}
}

/* The words that stand without a key; what needs a path is offered as its key. */
static void complete_bare(const struct option_section *section, const struct option *row,
			  const char *before, struct completion *c)
{
	const char *word;

	for (size_t i = 0; (word = option_value_word(row, i)); i++)
		if (!option_find(section, word))
			add_value(c, before, word, NULL);
	snprintf(c->hint, sizeof(c->hint), "%s: %s", row->key, row->help);
}

/* Is this key in a text of key=value,key=value? */
static bool is_given(const struct option *row, const char *text)
{
	size_t len = strlen(row->key);

	for (const char *p = text; p; p = strchr(p, ',')) {
		p += *p == ',';
		if (!strncmp(p, row->key, len) && p[len] == '=')
			return true;
	}
	return false;
}

/* Is this key of no use behind what was typed, since it or what excludes it is there? */
static bool is_ruled_out(const struct option_section *section, const struct option *row,
			 const char *typed)
{
	for (size_t i = 0; i < section->n_options; i++) {
		const struct option *other = &section->options[i];

		if ((other == row || row->flags & other->flags & OPTION_ONE_OF) &&
		    is_given(other, typed))
			return true;
	}
	return false;
}

/* key=value,key=value with the last of them being typed. */
static void complete_string(struct session *s, const struct option_section *section,
			    struct completion *c)
{
	const char *comma = strrchr(c->partial, ','), *part = comma ? comma + 1 : c->partial;
	const char *equals = strchr(part, '=');
	char before[512], key[64];
	const struct option *row;

	snprintf(before, sizeof(before), "%.*s", (int)((equals ? equals + 1 : part) - c->partial),
		 c->partial);
	if (equals) {
		snprintf(key, sizeof(key), "%.*s", (int)(equals - part), part);
		row = option_find(section, key);
		if (row)
			complete_option_value(s, row, before, c);
		return;
	}
	c->no_space = true;
	for (size_t i = 0; i < section->n_options; i++) {
		row = &section->options[i];
		if (row->flags & OPTION_UNSUPPORTED || row->flags & OPTION_PROFILE_ONLY ||
		    is_ruled_out(section, row, before))
			continue;
		if (row->flags & OPTION_BARE) {
			complete_bare(section, row, before, c);
			continue;
		}
		snprintf(key, sizeof(key), "%s=", row->key);
		add_value(c, before, key, row->help);
	}
}

void complete_vm_options(struct session *s, struct completion *c)
{
	const struct cli_option *o = NULL;
	const struct option *row;

	/* The option whose value is being typed: the nearest one before. */
	for (size_t i = c->n_words; i && !o; i--)
		if (!strncmp(c->words[i - 1], "--", 2))
			o = cli_option_find(c->words[i - 1] + 2);
	if (c->partial[0] == '-') {
		complete_names(c);
		return;
	}
	if (!o || !o->section)
		return;
	if (o->kind == CLI_KEY) {
		row = cli_option_key(o);
		if (row)
			complete_option_value(s, row, "", c);
		return;
	}
	complete_string(s, o->section, c);
}

void complete_vdpa_options(struct session *s, struct completion *c)
{
	complete_string(s, &vm_section_vdpa, c);
}

void complete_disk_options(struct session *s, struct completion *c)
{
	complete_string(s, &vm_section_disk, c);
}

void complete_profiles(struct session *s, struct completion *c)
{
	_folders_ struct profile_folders folders = { 0 };
	_profile_list_ struct profile_list list = { 0 };

	(void)s;
	c->files = strchr(c->partial, '/');
	if (c->files || profile_folders_get(&folders, NULL) ||
	    profile_list(folders.list, &list, NULL))
		return;
	for (size_t i = 0; i < list.n; i++)
		completion_add(c, list.entries[i].name, list.entries[i].path);
}
