/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Command files: one command a line, the same language as at the prompt. */
#include "session.h"

#include "command/words.h"

#include <errno.h>
#include <string.h>

bool command_read(FILE *f, char **command, unsigned *lines)
{
	_strbuf_ struct strbuf whole = { 0 };
	_free_ char *line = NULL;
	size_t size = 0;

	*lines = 0;
	while (getline(&line, &size, f) >= 0) {
		line[strcspn(line, "\n")] = '\0';
		++*lines;
		/* The next line takes the place of the backslash. */
		if (whole.len)
			whole.text[--whole.len] = '\0';
		strbuf_puts(&whole, line);
		if (!words_continued(strbuf_text(&whole)))
			break;
	}
	if (!*lines)
		return false;
	*command = strbuf_steal(&whole);
	return *command;
}

static enum exit_status run_lines(struct session *s, FILE *f)
{
	enum exit_status worst = EXIT_DONE;
	unsigned next = 1, lines;

	for (; !s->quit; next += lines) {
		_free_ char *command = NULL;
		enum exit_status status;

		if (!command_read(f, &command, &lines))
			break;
		s->line = next;
		status = session_run_line(s, command);
		if (status == EXIT_DONE)
			continue;
		worst = status;
		if (!s->keep_going)
			break;
	}
	if (!s->quit && !feof(f) && (worst == EXIT_DONE || s->keep_going)) {
		struct err e = { 0 };

		err_errno(&e, -errno, "cannot read on");
		s->command = NULL;
		worst = session_fail(s, &e);
		(void)session_flush(s, NULL);
	}
	return worst;
}

enum exit_status batch_run(struct session *s, const char *path)
{
	const char *outer_source = s->source;
	unsigned outer_line = s->line;
	_fclose_ FILE *opened = NULL;
	enum exit_status status;
	FILE *f = stdin;

	if (strcmp(path, "-") != 0) {
		f = opened = fopen(path, "re");
		if (!opened) {
			struct err e = { 0 };

			err_errno(&e, -errno, "cannot open '%s'", path);
			status = session_fail(s, &e);
			(void)session_flush(s, NULL);
			return status;
		}
	}
	s->source = f == stdin ? "-" : path;
	status = run_lines(s, f);
	s->source = outer_source;
	s->line = outer_line;
	return status;
}
