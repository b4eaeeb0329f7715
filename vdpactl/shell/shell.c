/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The interactive shell: a prompt, commands in a child that Ctrl-C can end, the start-up file. */
#include "session.h"

#include "child.h"
#include "command/commands.h"
#include "command/words.h"
#include "places.h"
#include "shell/shell_line.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>

/* readline's line handler carries no context either. */
static struct {
	char *line;
	bool ended, finished;
} input_state;

static void line_done(char *line)
{
	input_state.finished = true;
	input_state.ended = !line;
	input_state.line = line;
	shell_line_stop();
}

/* What is wrong with this host that most commands need, said before they fail. */
static const char *trouble(void)
{
	if (access("/sys/bus/vdpa", F_OK) < 0)
		return "vdpa not loaded";
	if (access("/sys/bus/vdpa/drivers/vhost_vdpa", F_OK) < 0)
		return "vhost_vdpa not loaded";
	return geteuid() ? "not root" : NULL;
}

static void make_prompt(const struct session *s, char *buf, size_t size)
{
	const char *wrong = trouble();
	/* \001 and \002 tell readline which bytes take no column. */
	const char *on = s->colour ? "\001\033[33m\002" : "",
		   *off = s->colour ? "\001\033[0m\002" : "";

	if (wrong)
		snprintf(buf, size, "vdpactl %s(%s)%s> ", on, wrong, off);
	else
		snprintf(buf, size, "vdpactl> ");
}

/* What stops or ends a command and the shell alike; at the prompt the terminal is put in order
 * first. */
static const int leaving[] = { SIGTSTP, SIGTERM, SIGHUP, SIGQUIT };

static void hold_leaving(int how)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(leaving); i++)
		sigaddset(&set, leaving[i]);
	sigprocmask(how, &set, NULL);
}

/* Comes back to the same line where the shell was stopped, as Ctrl-Z asks, or ignores the signal.
 */
static void leave(int signo)
{
	shell_line_leave();
	hold_leaving(SIG_UNBLOCK);
	raise(signo == SIGTSTP ? SIGSTOP : signo);
	hold_leaving(SIG_BLOCK);
	shell_line_return();
}

static void on_signal(uint32_t signo)
{
	if (signo == SIGINT) {
		shell_line_cancel();
		line_done(strdup(""));
	} else if (signo == SIGWINCH) {
		shell_line_resized();
	} else {
		leave((int)signo);
	}
}

/* Reads one line, an empty one where it was cancelled; false at the end of input. *line is owned.
 */
static bool read_line(struct session *s, int signals, const char *prompt, char **line)
{
	struct pollfd fds[] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
	};

	hold_leaving(SIG_BLOCK);
	input_state.finished = false;
	shell_line_start(s, prompt, line_done);
	while (!input_state.finished) {
		struct signalfd_siginfo info;

		if (poll(fds, ARRAY_SIZE(fds), -1) < 0 && errno != EINTR)
			break;
		if (fds[1].revents && read(signals, &info, sizeof(info)) == sizeof(info))
			on_signal(info.ssi_signo);
		else if (fds[0].revents)
			shell_line_input();
	}
	hold_leaving(SIG_UNBLOCK);
	*line = input_state.line;
	input_state.line = NULL;
	return input_state.finished && !input_state.ended && *line;
}

/* Reads a command: a line, and those behind it while a backslash ends them. */
static bool read_text(struct session *s, int signals, char **text)
{
	char prompt[128];

	make_prompt(s, prompt, sizeof(prompt));
	if (!read_line(s, signals, prompt, text))
		return false;
	while (words_continued(*text)) {
		_free_ char *line = NULL, *both = NULL;

		if (!read_line(s, signals, "> ", &line))
			return false;
		if (!*line || asprintf(&both, "%s\n%s", *text, line) < 0)
			both = strdup("");
		free(*text);
		*text = steal_ptr(&both);
		if (!*text)
			return false;
	}
	return true;
}

/* Does the line belong to the shell itself rather than to a child? */
static bool runs_in_shell(struct session *s, const char *line)
{
	_words_ struct words words = { 0 };
	const struct command *c = NULL;
	char *const *command;
	size_t n, used;

	if (words_split(&words, line, false, NULL))
		return false;
	command = words_command(&words, &n);
	return n && !commands_find(command, n, s->prefixes, &c, &used, NULL) && c->in_shell;
}

static void run_line(struct session *s, const char *line)
{
	sigset_t none;
	pid_t pid;

	if (runs_in_shell(s, line)) {
		(void)session_run_line(s, line);
		return;
	}
	pid = fork();
	if (pid < 0) {
		struct err e = { 0 };

		err_errno(&e, -errno, "cannot start a process");
		(void)session_fail(s, &e);
		return;
	}
	if (pid == 0) {
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		session_leave_nl(s);
		_exit((int)session_run_line(s, line));
	}
	/* What it was printing may have stopped inside a line. */
	if (child_wait(pid) == 128 + SIGINT)
		puts("");
}

/* A text that was pasted may hold several commands. */
static void run_text(struct session *s, char *text)
{
	_fclose_ FILE *f = fmemopen(text, strlen(text), "r");
	unsigned lines;

	while (f && !s->quit) {
		_free_ char *command = NULL;

		if (command_read(f, &command, &lines, NULL) <= 0)
			break;
		if (!command[strspn(command, " \t")])
			continue;
		shell_history_add(command);
		run_line(s, command);
	}
}

/* As if its lines were typed, each with its place in the messages. */
static void run_startup_file(struct session *s)
{
	_free_ char *path = NULL;
	_fclose_ FILE *f = NULL;
	struct err e = { 0 };
	unsigned lines;

	if (place_config("vdpactlrc", &path, NULL) || access(path, F_OK) < 0)
		return;
	f = fopen(path, "re");
	s->source = f ? path : NULL;
	for (s->line = 1; f && !s->quit; s->line += lines) {
		_free_ char *command = NULL;
		int r = command_read(f, &command, &lines, &e);

		if (r < 0)
			(void)session_fail(s, &e);
		if (r <= 0)
			break;
		run_line(s, command);
	}
	s->source = NULL;
	if (!f || ferror(f)) {
		err_errno(&e, -errno, "cannot read '%s'", path);
		(void)session_fail(s, &e);
	}
}

/* Ctrl-C was meant for the command that ran. */
static void drop_signals(int signals)
{
	struct signalfd_siginfo info;

	while (read(signals, &info, sizeof(info)) > 0)
		;
}

enum exit_status shell_run(struct session *s)
{
	_close_ int signals = -1;
	sigset_t set, before;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGWINCH);
	sigprocmask(SIG_BLOCK, &set, &before);
	for (size_t i = 0; i < ARRAY_SIZE(leaving); i++)
		sigaddset(&set, leaving[i]);
	signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals < 0) {
		struct err e = { 0 };

		err_errno(&e, -errno, "cannot watch for Ctrl-C");
		return session_fail(s, &e);
	}
	run_startup_file(s);
	drop_signals(signals);
	s->prefixes = true;
	shell_history_load();
	puts("vdpactl " VERSION ": 'help' lists the commands, Tab or ? what may come next");
	while (!s->quit) {
		_free_ char *text = NULL;

		if (!read_text(s, signals, &text)) {
			puts("");
			break;
		}
		if (*text)
			run_text(s, text);
		drop_signals(signals);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return EXIT_DONE;
}
