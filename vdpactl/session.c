/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run of the program: finds the command of a line, runs it, reports. */
#include "session.h"

#include "child.h"
#include "command/args.h"
#include "command/commands.h"
#include "command/help.h"
#include "command/words.h"
#include "output/escape.h"
#include "vdpa/nl_deleter.h"

#include <errno.h>
#include <string.h>

void session_start(struct session *s, const char *program)
{
	const char *no_color = getenv("NO_COLOR");

	*s = (struct session){ .program = program };
	s->terminal = isatty(STDOUT_FILENO);
	s->colour = s->terminal && !(no_color && *no_color);
}

void session_end(struct session *s)
{
	vdpa_nl_close(s->nl);
	out_free(&s->out);
}

int session_may_open_nl(struct session *s, struct err *e)
{
	if (!s->nl || s->nl->fd >= 0)
		return 0;
	if (nl_deleter_waits(s->nl))
		return vdpa_nl_out_of_use(e);
	vdpa_nl_close(s->nl);
	s->nl = NULL;
	return 0;
}

int session_nl(struct session *s, struct vdpa_nl **nl, struct err *e)
{
	int r = session_may_open_nl(s, e);

	if (!r && !s->nl)
		r = vdpa_nl_open(&s->nl, e);
	if (!r)
		*nl = s->nl;
	return r;
}

void session_leave_nl(struct session *s)
{
	vdpa_nl_close(s->nl);
	s->nl = NULL;
}

void session_tell(const struct session *s, const struct err *e)
{
	_strbuf_ struct strbuf sb = { 0 };
	struct output o = { 0 };

	strbuf_puts(&sb, "vdpactl: ");
	if (s->source) {
		escape_text(&sb, s->source);
		strbuf_printf(&sb, ":%u: ", s->line);
	}
	if (s->command)
		strbuf_printf(&sb, "%s: ", s->command->path);
	escape_text(&sb, e->text);
	if (e->hint[0]) {
		strbuf_puts(&sb, " (");
		escape_text(&sb, e->hint);
		strbuf_putc(&sb, ')');
	}
	strbuf_putc(&sb, '\n');
	strbuf_append(&o.sb, sb.text, sb.len);
	/* Nowhere to report that standard error is gone. */
	(void)out_flush(&o, STDERR_FILENO);
}

enum exit_status session_fail(struct session *s, const struct err *e)
{
	if (s->json_now) {
		out_error(&s->out, e, s->source, s->line);
	} else {
		out_unsay_none(&s->out);
		/* What the command printed before it failed comes first. */
		out_finish(&s->out);
		(void)out_flush(&s->out, STDOUT_FILENO);
		session_tell(s, e);
	}
	return e->misuse ? EXIT_MISUSE : EXIT_FAILED;
}

int session_flush(struct session *s, struct err *e)
{
	int r = out_flush(&s->out, STDOUT_FILENO);

	return r ? err_errno(e, r, "cannot write to standard output") : 0;
}

static bool take_common_option(const char *word, struct common_options *o)
{
	if (!strcmp(word, "--json") || !strcmp(word, "-j"))
		o->json = true;
	else if (!strcmp(word, "--pretty") || !strcmp(word, "-p"))
		o->pretty = true;
	else if (!strcmp(word, "-jp") || !strcmp(word, "-pj"))
		o->json = o->pretty = true;
	else if (!strcmp(word, "--help") || !strcmp(word, "-h"))
		o->help = true;
	else
		return false;
	return true;
}

size_t common_options_take(char *const *words, size_t n, char **kept, struct common_options *o)
{
	bool ended = false;
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		ended = ended || !strcmp(words[i], "--");
		if (ended || !take_common_option(words[i], o))
			kept[k++] = words[i];
	}
	return k;
}

static int run_found(struct session *s, const struct command *c, char *const *words, size_t n,
		     struct err *e)
{
	_args_ struct parsed_args args = { 0 };
	int r = args_parse(c, words, n, s->prefixes, &args, e);

	return r ? r : c->run(s, args.structs, args.n, e);
}

static int run_words(struct session *s, char *const *words, size_t n, bool help, struct err *e)
{
	const struct command *c = NULL;
	size_t used = 0;
	int r;

	/* "dev help", as iproute2 has it: no group has a command of that name. */
	if (n == 2 && !strcmp(words[1], "help") && command_group_find(words[0], s->prefixes)) {
		help = true;
		n = 1;
	}
	if (help && help_words(&s->out, words, n, s->prefixes))
		return 0;
	r = commands_find(words, n, s->prefixes, &c, &used, e);
	if (r)
		return r;
	s->command = c;
	return run_found(s, c, words + used, n - used, e);
}

enum exit_status session_run(struct session *s, char *const *words, size_t n)
{
	_free_ char **kept = calloc(n + 1, sizeof(*kept));
	struct common_options common = { .json = s->json, .pretty = s->pretty };
	enum exit_status status;
	struct err e = { 0 }, lost = { 0 };
	int r;

	if (kept)
		n = common_options_take(words, n, kept, &common);
	s->json_now = common.json;
	s->command = NULL;
	s->out.colour = s->colour;
	s->out.terminal = s->terminal;
	out_start(&s->out, common.json, common.pretty);
	r = kept ? run_words(s, kept, n, common.help, &e) : err_nomem(&e);
	if (r < 0) {
		status = session_fail(s, &e);
	} else {
		out_finish(&s->out);
		status = (enum exit_status)r;
	}
	r = session_flush(s, &lost);
	s->command = NULL;
	s->json_now = s->json;
	if (!r)
		return status;
	session_tell(s, &lost);
	return status == EXIT_MISUSE ? status : EXIT_FAILED;
}

enum exit_status session_run_line(struct session *s, const char *line)
{
	_words_ struct words words = { 0 };
	char *const *command;
	struct err e = { 0 };
	size_t n;

	line += strspn(line, " \t");
	s->command = NULL;
	s->json_now = s->json;
	if (*line == '!') {
		int r = child_shell(line + 1, &e);

		/* At the prompt it has said itself what is wrong. */
		if (r >= 0 && (!r || !s->source))
			return r ? EXIT_FAILED : EXIT_DONE;
		if (r > 0)
			err_set(&e, -ECANCELED, "the command ended with status %d", r);
	} else {
		(void)words_split(&words, line, false, &e);
	}
	if (e.code) {
		out_start(&s->out, s->json, s->pretty);
		return session_fail(s, &e);
	}
	command = words_command(&words, &n);
	return n ? session_run(s, command, n) : EXIT_DONE;
}
