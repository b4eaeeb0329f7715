/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where each value of a configuration was written, so that a later refusal can point at it. */
#include "config/origin.h"

#include "config/option.h"

#include <errno.h>
#include <string.h>

void origins_clear(struct origins *origins)
{
	free(origins->file);
	free(origins->rows);
	*origins = (struct origins){ .form = origins->form };
}

int origins_copy(struct origins *to, const struct origins *from)
{
	*to = (struct origins){ .form = from->form };
	if (from->file) {
		to->file = strdup(from->file);
		if (!to->file)
			return -ENOMEM;
	}
	if (from->n_rows) {
		to->rows = malloc(from->n_rows * sizeof(*to->rows));
		if (!to->rows)
			return -ENOMEM;
		memcpy(to->rows, from->rows, from->n_rows * sizeof(*to->rows));
		to->n_rows = from->n_rows;
	}
	return 0;
}

int origins_add(struct origins *origins, struct origin origin)
{
	struct origin *rows =
		realloc(origins->rows, (origins->n_rows + 1) * sizeof(*origins->rows));

	if (!rows)
		return -ENOMEM;
	rows[origins->n_rows++] = origin;
	origins->rows = rows;
	return 0;
}

/* The line of the option, else of its section; 0 when neither was written. */
static unsigned int find_line(const struct origins *origins, const struct option_section *section,
			      size_t index, const struct option *option)
{
	unsigned int line = 0;

	for (size_t i = 0; i < origins->n_rows; i++) {
		const struct origin *o = &origins->rows[i];

		if (o->section != section || o->index != index)
			continue;
		if (o->option == option)
			return o->line;
		if (!o->option)
			line = o->line;
	}
	return line;
}

int origins_prefix(const struct origins *origins, const struct option_section *section,
		   size_t index, const struct option *option, struct err *e)
{
	unsigned int line;

	switch (origins->form) {
	case ORIGIN_INI:
		line = find_line(origins, section, index, option);
		if (line)
			return err_prefix(e, "%s:%u", origins->file, line);
		return err_prefix(e, "%s: [%s]", origins->file, section->name);
	case ORIGIN_PLACE:
		if (option)
			return err_prefix(e, "%s.%s", section->name, option->key);
		return err_prefix(e, "%s", section->name);
	case ORIGIN_JSON:
		if (section->list)
			return err_prefix(e, "%s[%zu]", section->json, index);
		return err_prefix(e, "%s", section->name);
	case ORIGIN_CLI:
	default:
		if (section->flat && option)
			return err_prefix(e, "--%s", option->key);
		return err_prefix(e, "--%s", section->name);
	}
}
