/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of a profile's lines that reading, printing and editing share. */
#pragma once

#include "base/err.h"
#include "base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	INI_MAX_HEAD = 49,  /* bytes between the brackets of a section head; inih keeps no more */
	INI_MAX_LABEL = 64, /* bytes in quotes, of a head that inih does not keep */
	INI_MAX_LINE_BYTES = 80 << 10,
	INI_MAX_FILE = 1 << 20,
};

/* `disk "root"` taken apart. */
struct ini_head {
	char name[INI_MAX_HEAD + 1];
	char label[INI_MAX_LABEL + 1];
	bool has_label;
};

/* Tells inih what our files are like: it keeps that in variables of the process, so every reader
 * says it before it parses. */
void ini_reader_configure(void);

/* `text` is what stands between the brackets. -EINVAL for another form. */
int ini_head_parse(const char *text, struct ini_head *head, struct err *e);

/* Can `label` stand in quotes in a section head? */
bool ini_label_fits(const char *name, const char *label);

/* "[name]" or "[name "label"]" and a newline; label may be NULL. */
void ini_head_print(const char *name, const char *label, struct strbuf *out);

/* A value is taken as it stands; one whole in double quotes loses them, and doubled quotes inside
 * become one. In place. */
void ini_value_unquote(char *value);

/* The inverse: quoted only where reading would change it. */
void ini_value_print(const char *value, struct strbuf *out);

/* A newline or another control character cannot be written in a line. */
int ini_value_check(const char *value, struct err *e);
