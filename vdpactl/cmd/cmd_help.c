/* SPDX-License-Identifier: GPL-3.0-or-later */
/* help, version, exit, history. */
#include "cmd/cmds.h"

#include "base/file.h"
#include "command/commands.h"
#include "command/help.h"
#include "places.h"
#include "shell/complete.h"

#include <errno.h>
#include <string.h>

enum {
	MAX_HISTORY = 4 << 20 /* bytes */
};

struct help_args {
	struct arg_words words;
};

static void complete_topic(struct session *s, struct completion *c)
{
	/* The words behind "help" are a path of their own. */
	c->words++;
	c->n_words--;
	complete_command_words(s, c);
	c->words--;
	c->n_words++;
}

static const struct arg help_rows[] = {
	ARG_WORDS_ROW(help_args, words, "COMMAND", "command or group; all where none is given",
		      .complete = complete_topic),
};

static int run_help(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct help_args *a = args;
	/* help_words takes lists of both kinds of words; it does not write to them. */
	char *const *words = (char *const *)(const void *)a->words.list;
	const struct command *c;
	size_t used;

	(void)n;
	if (help_words(&s->out, words, a->words.n, s->prefixes))
		return 0;
	/* It says what was meant. */
	return commands_find(words, a->words.n, s->prefixes, &c, &used, e);
}

static int run_version(struct session *s, const void *args, size_t n, struct err *e)
{
	(void)args;
	(void)n;
	(void)e;
	out_str(&s->out, "version", NULL, VERSION);
	out_line(&s->out, "vdpactl %s", VERSION);
	return 0;
}

static int run_exit(struct session *s, const void *args, size_t n, struct err *e)
{
	(void)args;
	(void)n;
	(void)e;
	s->quit = true;
	return 0;
}

static int run_history(struct session *s, const void *args, size_t n, struct err *e)
{
	_free_ char *path = NULL, *text = NULL;
	char *save = NULL;
	int r = place_state("history", &path, e);

	(void)args;
	(void)n;
	if (!r)
		r = file_read(path, MAX_HISTORY, &text, NULL, e);
	if (r == -ENOENT)
		r = 0;
	out_begin(&s->out, "history", OUT_TABLE, OUT_LIST, NULL);
	for (char *line = text ? strtok_r(text, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		out_item(&s->out, NULL);
		out_str(&s->out, "line", "LINE", line);
	}
	out_end(&s->out);
	return r;
}

const struct command command_help = {
	.path = "help",
	.summary = "Explain a command, or list them all",
	.example = "vdpactl help dev add",
	COMMAND_ARGS(help_rows, help_args),
	.run = run_help,
};

const struct command command_version = {
	.path = "version",
	.summary = "Print the version",
	.run = run_version,
};

const struct command command_exit = {
	.path = "exit",
	.alias = "quit",
	.summary = "Leave the shell, or end a command file",
	.in_shell = true,
	.run = run_exit,
};

const struct command command_history = {
	.path = "history",
	.summary = "Show the lines typed in the shell",
	.run = run_history,
};
