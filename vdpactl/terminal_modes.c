/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The modes of the terminal on standard input, and that they are put back. */
#include "terminal_modes.h"

#include "base/cleanup.h"

#include <signal.h>

/* A signal handler carries no context. */
static struct termios modes_before;

void terminal_modes_save(struct terminal_modes *t)
{
	t->is_terminal = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &t->before) == 0;
}

void terminal_modes_restore(const struct terminal_modes *t)
{
	if (t->is_terminal && tcgetpgrp(STDIN_FILENO) == getpgrp())
		tcsetattr(STDIN_FILENO, TCSADRAIN, &t->before);
}

/* It is gone once it runs: the signal that it raises does what it does without it. */
static void put_back(int signo)
{
	tcsetattr(STDIN_FILENO, TCSANOW, &modes_before);
	raise(signo);
}

/* Notes the modes; false where there is no terminal. */
static bool take(struct terminal_modes *t)
{
	static const int ends[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	const struct sigaction action = { .sa_handler = put_back, .sa_flags = (int)SA_RESETHAND };

	terminal_modes_save(t);
	if (!t->is_terminal)
		return false;
	modes_before = t->before;
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		struct sigaction old;

		if (sigaction(ends[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(ends[i], &action, NULL);
	}
	return true;
}

void terminal_modes_raw(struct terminal_modes *t)
{
	struct termios raw;

	if (!take(t))
		return;
	raw = t->before;
	cfmakeraw(&raw);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
}

void terminal_modes_keys(struct terminal_modes *t)
{
	struct termios keys;

	if (!take(t))
		return;
	keys = t->before;
	keys.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &keys);
}
