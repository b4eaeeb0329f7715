/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vdpactl: one command, a file of commands, or a shell. */
#include "command/commands.h"
#include "command/words.h"
#include "session.h"
#include "shell/complete.h"

#include <signal.h>
#include <string.h>

struct program_options {
	const char *file; /* -f */
	bool version;
	int first; /* index of the command's first word */
};

/* Options in front of the command that concern the program. */
static int take_options(struct session *s, int argc, char **argv, struct program_options *o,
			struct err *e)
{
	int i;

	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		const char *word = argv[i], *file = NULL;

		if (!strcmp(word, "-f") || !strcmp(word, "--file")) {
			if (i + 1 == argc)
				return err_misuse(e, "'%s' needs a value: FILE", word);
			file = argv[++i];
		} else if (!strncmp(word, "--file=", 7)) {
			file = word + 7;
		} else if (!strcmp(word, "--keep-going") || !strcmp(word, "-k")) {
			s->keep_going = true;
		} else if (!strcmp(word, "--version") || !strcmp(word, "-V")) {
			o->version = true;
		} else if (!strcmp(word, "--json") || !strcmp(word, "-j")) {
			s->json = true;
		} else if (!strcmp(word, "--pretty") || !strcmp(word, "-p")) {
			s->pretty = true;
		} else {
			break; /* the command's, or wrong: said where commands are found */
		}
		if (file && o->file)
			return err_misuse(e, "a command file is given twice: '%s' and '%s'",
					  o->file, file);
		o->file = file ? file : o->file;
	}
	o->first = i;
	if (o->file && i < argc)
		return err_misuse(e, "'%s' stands beside a command file", argv[i]);
	return 0;
}

static enum exit_status run(struct session *s, int argc, char **argv)
{
	static char version_word[] = "version";
	static char *const version[] = { version_word };
	struct program_options o = { 0 };
	struct err e = { 0 };

	if (take_options(s, argc, argv, &o, &e)) {
		s->json_now = s->json;
		return session_fail(s, &e);
	}
	if (o.version)
		return session_run(s, version, 1);
	if (o.file)
		return batch_run(s, o.file);
	if (o.first < argc && !strcmp(argv[o.first], "__complete"))
		return complete_print(s, complete_words, argv + o.first + 1,
				      (size_t)(argc - o.first - 1));
	if (o.first < argc && !strcmp(argv[o.first], "__complete_vmm"))
		return complete_print(s, complete_vmm_words, argv + o.first + 1,
				      (size_t)(argc - o.first - 1));
	if (o.first < argc)
		return session_run(s, argv + o.first, (size_t)(argc - o.first));
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		return shell_run(s);
	return batch_run(s, "-");
}

int main(int argc, char **argv)
{
	const struct sigaction by_default = { .sa_handler = SIG_DFL };
	struct session s;
	enum exit_status status;

	/* Whoever ignores it hands that down, and then the end of a child goes unseen. */
	sigaction(SIGCHLD, &by_default, NULL);
	session_start(&s, argv[0]);
	status = run(&s, argc, argv);
	(void)session_flush(&s, NULL);
	session_end(&s);
	return (int)status;
}
