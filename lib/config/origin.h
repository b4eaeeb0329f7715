/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where each value of a configuration was written, so that a later refusal can point at it. */
#pragma once

#include "base/err.h"

#include <stddef.h>

struct option;
struct option_section;

enum origin_form {
	ORIGIN_CLI,
	ORIGIN_INI,
	ORIGIN_PLACE, /* a profile's text whose lines nobody has seen */
	ORIGIN_JSON,
};

/* One line of a profile: the value of an option, or with `option` NULL the head of its section. */
struct origin {
	const struct option_section *section;
	const struct option *option;
	size_t index; /* of the record among those of its section */
	unsigned int line;
};

struct origins {
	enum origin_form form;
	char *file; /* owned; of a profile */
	struct origin *rows;
	size_t n_rows;
};

/* Frees the rows and the file's name; the form stays. */
void origins_clear(struct origins *origins);

/* Into `to` (uninitialised before). 0 or -ENOMEM, after which a part is there to be cleared. */
int origins_copy(struct origins *to, const struct origins *from);

/* Notes the line of an option (NULL: of the section head). 0 or -ENOMEM. */
int origins_add(struct origins *origins, struct origin origin);

/*
 * Puts the place of record `index` of `section` in front of an error: "profile.ini:12: " where the
 * option (NULL: the section) was written, "vdpa.KEY: " in a text without lines, "--vdpa: " on the
 * command line, "vdpa[1]: " in JSON. Returns the error's code.
 */
int origins_prefix(const struct origins *origins, const struct option_section *section,
		   size_t index, const struct option *option, struct err *e);
