/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Completion of places in a profile: its sections, keys and values. */
#include "shell/complete.h"

#include "config/ini_syntax.h"
#include "config/vm_options.h"
#include "profiles.h"

#include <string.h>

/* One section head of a profile, or one key below it. */
struct place_line {
	const char *section; /* "disk" or "disk.root" */
	const char *key;     /* NULL for a head */
	const char *value;
};

typedef void take_line(struct completion *c, const struct place_line *line);

static void read_head(char *line, char *section, size_t size)
{
	struct ini_head head;

	line[strcspn(line, "]")] = '\0';
	if (ini_head_parse(line + 1, &head, NULL))
		snprintf(section, size, "?");
	else
		snprintf(section, size, "%s%s%s", head.name, head.has_label ? "." : "", head.label);
}

/* Gives the heads and keys of the profile that the command line names, if it can be read. */
static void each_line(struct completion *c, take_line *take)
{
	_free_ char *path = NULL, *text = NULL;
	char section[INI_MAX_HEAD + INI_MAX_LABEL + 2] = "", *save = NULL;

	/* "profile", its verb, the profile */
	if (c->n_words < 3 || profiles_find(c->words[2], &path, NULL) ||
	    profile_read(path, &text, NULL))
		return;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *equals = strchr(line, '=');
		struct place_line place = { .section = section };

		line += strspn(line, " \t");
		if (*line == '[')
			read_head(line, section, sizeof(section));
		if (*line != '[' && (strchr(";#", *line) || !equals))
			continue;
		if (*line != '[') {
			*equals = '\0';
			line[strcspn(line, " \t")] = '\0';
			place.key = line;
			place.value = equals + 1 + strspn(equals + 1, " \t");
		}
		take(c, &place);
	}
}

static const struct option_section *section_of(const char *place)
{
	char name[INI_MAX_HEAD + 1];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(place, "."), place);
	return vm_section_find(name);
}

/* "PLACE.KEY=" once the place is typed, else the place, to be typed on. */
static void add_place(struct completion *c, const char *place)
{
	const struct option_section *section = section_of(place);
	char text[256];

	if (!section)
		return;
	snprintf(text, sizeof(text), "%s.", place);
	if (strncmp(c->partial, text, strlen(text)) != 0) {
		completion_add(c, text, section->help);
		return;
	}
	for (size_t i = 0; i < section->n_options; i++) {
		const struct option *o = &section->options[i];

		snprintf(text, sizeof(text), "%s.%s=", place, o->key);
		if (!(o->flags & OPTION_UNSUPPORTED))
			completion_add(c, text, o->help);
	}
}

static void take_place(struct completion *c, const struct place_line *line)
{
	if (!line->key)
		add_place(c, line->section);
}

static void take_key(struct completion *c, const struct place_line *line)
{
	char text[256];

	if (!line->key)
		return;
	snprintf(text, sizeof(text), "%s.%s", line->section, line->key);
	completion_add(c, text, line->value);
}

static void take_section(struct completion *c, const struct place_line *line)
{
	const struct option_section *section = section_of(line->section);

	if (!line->key)
		completion_add(c, line->section, section ? section->help : NULL);
}

/* The values of KEY=VALUE, where `key` ends at the equals sign. */
static void complete_key_value(struct session *s, const struct option_section *section,
			       const char *key, struct completion *c)
{
	const char *equals = strchr(key, '=');
	char name[64], before[256];
	const struct option *row;

	snprintf(name, sizeof(name), "%.*s", (int)(equals - key), key);
	snprintf(before, sizeof(before), "%.*s", (int)(equals + 1 - c->partial), c->partial);
	row = section ? option_find(section, name) : NULL;
	if (row)
		complete_option_value(s, row, before, c);
}

void complete_place(struct session *s, struct completion *c)
{
	const char *equals = strchr(c->partial, '=');

	if (equals) {
		const char *key = equals;

		while (key > c->partial && key[-1] != '.')
			key--;
		complete_key_value(s, section_of(c->partial), key, c);
		return;
	}
	c->no_space = true;
	each_line(c, take_place);
	/* Those that there may be several of are set where they are. */
	for (const struct option_section *const *section = vm_sections; *section; section++)
		if (!(*section)->list)
			add_place(c, (*section)->name);
}

void complete_set_place(struct session *s, struct completion *c)
{
	(void)s;
	each_line(c, take_key);
}

void complete_own_section(struct session *s, struct completion *c)
{
	(void)s;
	each_line(c, take_section);
}

void complete_new_section(struct session *s, struct completion *c)
{
	const struct option_section *section;

	if (c->n_words < 4) {
		for (const struct option_section *const *row = vm_sections; *row; row++)
			completion_add(c, (*row)->name, (*row)->help);
		return;
	}
	section = section_of(c->words[3]);
	if (strchr(c->partial, '=')) {
		complete_key_value(s, section, c->partial, c);
		return;
	}
	c->no_space = true;
	for (size_t i = 0; section && i < section->n_options; i++) {
		const struct option *o = &section->options[i];
		char text[128];

		snprintf(text, sizeof(text), "%s=", o->key);
		if (!(o->flags & OPTION_UNSUPPORTED))
			completion_add(c, text, o->help);
	}
}
