/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Command files: one command a line, the same language as at the prompt. */
#include "session.h"

#include "command/words.h"

#include <errno.h>
#include <string.h>

int command_read(FILE *f, char **command, unsigned *lines, struct err *e)
{
	_strbuf_ struct strbuf whole = { 0 };
	_free_ char *line = NULL;
	size_t size = 0;
	ssize_t n;

	*lines = 0;
	while ((n = getline(&line, &size, f)) >= 0) {
		++*lines;
		if (strlen(line) != (size_t)n)
			return err_set(e, -EINVAL, "control character 0x00");
		if (line[n - 1] == '\n')
			line[--n] = '\0';
		/* The line end of other systems would stand behind a backslash. */
		if (n && line[n - 1] == '\r')
			line[n - 1] = '\0';
		/* The next line takes the place of the backslash. */
		if (whole.len)
			whole.text[--whole.len] = '\0';
		strbuf_puts(&whole, line);
		if (!words_continued(strbuf_text(&whole)))
			break;
	}
	if (!*lines)
		return feof(f) ? 0 : err_errno(e, -errno, "cannot read on");
	*command = strbuf_steal(&whole);
	return *command ? 1 : err_nomem(e);
}

/* Reports what is wrong with the file, not with a command of it. */
static enum exit_status fail(struct session *s, const struct err *e)
{
	enum exit_status status;

	s->command = NULL;
	status = session_fail(s, e);
	(void)session_flush(s, NULL);
	return status;
}

static enum exit_status run_lines(struct session *s, FILE *f)
{
	enum exit_status worst = EXIT_DONE;
	unsigned next = 1, lines;

	for (; !s->quit; next += lines) {
		_free_ char *command = NULL;
		enum exit_status status;
		struct err e = { 0 };
		int r = command_read(f, &command, &lines, &e);

		if (!r)
			break;
		s->line = r > 0 || !lines ? next : next + lines - 1;
		status = r > 0 ? session_run_line(s, command) : fail(s, &e);
		if (status == EXIT_DONE)
			continue;
		worst = status;
		if (!s->keep_going || (r < 0 && r != -EINVAL))
			break;
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
			return fail(s, &e);
		}
	}
	s->source = f == stdin ? "-" : path;
	status = run_lines(s, f);
	s->source = outer_source;
	s->line = outer_line;
	return status;
}
