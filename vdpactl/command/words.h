/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of the shell and of batch files to words: blanks, quotes, backslashes, comments. */
#pragma once

#include "base/err.h"
#include "base/strbuf.h"

#include <stddef.h>

/* What a shell would have put something in the place of: $NAME, ${...} or $(...). */
struct word_variable {
	size_t word, at; /* which word, and the offset in it */
};

/* Starts as all zero. The list and its words are owned; `list` ends with NULL once there is one. */
struct words {
	char **list;
	size_t n;
	size_t last_start; /* offset in the line where the last word begins, its quote included */
	bool open;         /* the line ends inside the last word: it is still being typed */
	char quote;        /* the quote that is open at the end, or 0 */
	bool continued;    /* the line ends with a backslash: the next one belongs to it */
	struct word_variable *variables; /* owned; that are in no single quotes */
	size_t n_variables;
};

#define _words_ _cleanup_(words_free)

/*
 * Appends the words of a text. '...' takes all as it is, "..." and bare words know the backslash,
 * # starts a comment where a word could begin, to the end of its line, a bare ~ or ~/ that begins a
 * word is the home folder. An open quote is an error, except with `unfinished` (a line that is
 * being completed).
 */
int words_split(struct words *w, const char *line, bool unfinished, struct err *e);

/* Appends `text` as it stands in a word: bare (`quote` 0, in the middle of one with `inside`) or
 * behind the open `quote`. */
void words_quote(struct strbuf *sb, const char *text, char quote, bool inside);

/* Does the command go on in the line behind this one? Then that one takes the place of the
 * backslash at its end. */
bool words_continued(const char *line);

/* The words of the command, borrowed: those of the line, save a first one that names this program,
 * as in a line copied from a hint or a manual; *n becomes their number. */
char *const *words_command(const struct words *w, size_t *n);

/* Appends a copy of `word`. 0 or -ENOMEM. */
int words_add(struct words *w, const char *word);

void words_free(struct words *w);
