/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The controlling terminal in raw mode, and back, whatever ends the process. */
#include "terminal.h"

#include <errno.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

/* A process has one controlling terminal, and a signal handler has no other way to know it. */
static struct {
	struct termios before;
	volatile sig_atomic_t raw;
} terminal;

static const int fatal_signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGQUIT };

void terminal_restore(void)
{
	if (!terminal.raw)
		return;
	terminal.raw = 0;
	tcsetattr(STDIN_FILENO, TCSANOW, &terminal.before);
}

/* The signal's own action follows when it is raised again: the handler is off (SA_RESETHAND). */
static void on_fatal(int signal)
{
	terminal_restore();
	raise(signal);
}

int terminal_make_raw(bool *raw, struct err *e)
{
	struct sigaction action = { .sa_handler = on_fatal, .sa_flags = (int)SA_RESETHAND };
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct termios mode;

	*raw = false;
	if (terminal.raw) {
		*raw = true;
		return 0;
	}
	if (!isatty(STDIN_FILENO) || tcgetpgrp(STDIN_FILENO) != getpgrp())
		return 0;
	if (tcgetattr(STDIN_FILENO, &terminal.before) < 0)
		return err_errno(e, -errno, "cannot read the terminal's settings");
	for (size_t i = 0; i < ARRAY_SIZE(fatal_signals); i++)
		sigaction(fatal_signals[i], &action, NULL);
	/* Moved into the background meanwhile, we are to restore the terminal, not to stop there.
	 */
	sigaction(SIGTTOU, &ignore, NULL);
	mode = terminal.before;
	cfmakeraw(&mode);
	terminal.raw = 1;
	if (tcsetattr(STDIN_FILENO, TCSANOW, &mode) < 0) {
		terminal.raw = 0;
		return err_errno(e, -errno, "cannot set the terminal");
	}
	*raw = true;
	return 0;
}
