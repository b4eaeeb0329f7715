/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of a profile's and a host file's lines that reading, printing and editing share. */
#pragma once

#include "base/err.h"
#include "base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	INI_MAX_HEAD = 49,  /* bytes between the brackets of a profile's section head */
	INI_MAX_LABEL = 64, /* bytes in quotes, of a host file, whose heads may be longer */
	INI_MAX_LINE_BYTES = 80 << 10,
	INI_MAX_FILE = 1 << 20,
};

/* `disk "root"` taken apart. */
struct ini_head {
	char name[INI_MAX_HEAD + 1];
	char label[INI_MAX_LABEL + 1];
	bool has_label;
};

/* A text on its way through inih. `head` gets what stands between the brackets of a section head,
 * `key` a line below it; they fail with `e` set. */
struct ini_reader {
	const char *pos, *end; /* what is left of the text, which holds no NUL */
	const char *file;      /* for failures; NULL: they name no line */
	unsigned int line;     /* that is in hand */
	int (*head)(void *ctx, const char *text);
	int (*key)(void *ctx, const char *key, const char *value);
	void *ctx;
	struct err *e;
	bool failed;
};

/* Reads all of it. What fails gets "FILE:LINE: " in front. */
int ini_read(struct ini_reader *in);

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
