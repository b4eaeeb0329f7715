/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of the shell and of batch files to words. */
#include "command/words.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

void words_free(struct words *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->list[i]);
	free(w->list);
	free(w->variables);
	*w = (struct words){ 0 };
}

static int add_owned(struct words *w, char *word)
{
	char **list;

	if (!word)
		return -ENOMEM;
	list = realloc(w->list, (w->n + 2) * sizeof(*list));
	if (!list) {
		free(word);
		return -ENOMEM;
	}
	list[w->n++] = word;
	list[w->n] = NULL;
	w->list = list;
	return 0;
}

int words_add(struct words *w, const char *word)
{
	return add_owned(w, strdup(word));
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Past blanks, comments, and line ends that a backslash takes away. */
static const char *skip_blanks(const char *p)
{
	for (;;) {
		p += strspn(p, " \t\r\n");
		if (*p == '#')
			p += strcspn(p, "\n");
		else if (p[0] == '\\' && p[1] == '\n')
			p += 2;
		else
			return p;
	}
}

static bool is_variable(const char *p)
{
	return *p == '$' && (isalnum((unsigned char)p[1]) || (p[1] && strchr("_{(@*", p[1])));
}

/* `at` is the offset in the word that is being taken. */
static int note_variable(struct words *w, size_t at)
{
	struct word_variable *all =
		realloc(w->variables, (w->n_variables + 1) * sizeof(*w->variables));

	if (!all)
		return -ENOMEM;
	all[w->n_variables++] = (struct word_variable){ .word = w->n, .at = at };
	w->variables = all;
	return 0;
}

/* Takes one word from `p`; returns where it ended. */
static const char *take_word(struct words *w, const char *p, struct strbuf *sb)
{
	bool tilde = *p == '~' && (p[1] == '/' || !p[1] || is_blank(p[1]));
	const char *home = tilde ? getenv("HOME") : NULL;

	w->quote = 0;
	if (home) {
		strbuf_puts(sb, home);
		p++;
	}
	for (; *p; p++) {
		if (w->quote != '\'' && is_variable(p) && note_variable(w, sb->len))
			sb->failed = true;
		if (*p == '\\' && w->quote != '\'' && !p[1]) {
			w->continued = true;
		} else if (*p == '\\' && w->quote != '\'' && p[1] == '\n') {
			p++;
		} else if (w->quote) {
			if (*p == w->quote)
				w->quote = 0;
			else if (*p == '\\' && w->quote == '"')
				strbuf_putc(sb, *++p);
			else
				strbuf_putc(sb, *p);
		} else if (*p == '\'' || *p == '"') {
			w->quote = *p;
		} else if (*p == '\\') {
			strbuf_putc(sb, *++p);
		} else if (is_blank(*p)) {
			break;
		} else {
			strbuf_putc(sb, *p);
		}
	}
	return p;
}

void words_quote(struct strbuf *sb, const char *text, char quote, bool inside)
{
	const char *special = quote ? "\"\\" : " \t\r'\"\\";

	for (const char *p = text; *p; p++) {
		if (!quote && *p == '\n') {
			/* Behind a backslash it would be taken away. */
			strbuf_puts(sb, "'\n'");
			continue;
		}
		if (quote == '\'' && *p == '\'') {
			strbuf_puts(sb, "'\\'");
		} else if (quote != '\'' &&
			   (strchr(special, *p) ||
			    (!quote && !inside && p == text && strchr("#~!", *p)))) {
			strbuf_putc(sb, '\\');
		}
		strbuf_putc(sb, *p);
	}
}

bool words_continued(const char *line)
{
	_words_ struct words words = { 0 };
	size_t len = strlen(line);

	/* Most lines need no closer look. */
	if (!len || line[len - 1] != '\\')
		return false;
	(void)words_split(&words, line, true, NULL);
	return words.continued;
}

int words_split(struct words *w, const char *line, bool unfinished, struct err *e)
{
	const char *p = line;

	while (!w->open) {
		_strbuf_ struct strbuf sb = { 0 };

		p = skip_blanks(p);
		if (!*p)
			return 0;
		w->last_start = (size_t)(p - line);
		p = take_word(w, p, &sb);
		w->open = *p == '\0';
		if (w->quote && !unfinished)
			return err_misuse(e, "a %c quote is not closed", w->quote);
		if (w->continued && !unfinished)
			return err_misuse(e, "a backslash ends the last line");
		if (add_owned(w, strbuf_steal(&sb)))
			return err_nomem(e);
	}
	return 0;
}

char *const *words_command(const struct words *w, size_t *n)
{
	size_t skip = w->n > 1 && !strcmp(w->list[0], "vdpactl");

	*n = w->n - skip;
	return w->list + skip;
}
