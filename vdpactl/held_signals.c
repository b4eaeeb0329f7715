/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ctrl-C, and what else ends this process, held back while a command must not stay half done. */
#include "held_signals.h"

#include <errno.h>

static const int ends[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };

int signals_hold(sigset_t *before, struct err *e)
{
	struct sigaction action;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	/* One that is ignored, as by nohup, would wait too, and then end what was to go on. */
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (sigaction(ends[i], NULL, &action) < 0 || action.sa_handler != SIG_IGN)
			sigaddset(&set, ends[i]);
	return sigprocmask(SIG_BLOCK, &set, before) < 0
		       ? err_errno(e, -errno, "cannot block signals")
		       : 0;
}

void signals_release(const sigset_t *before)
{
	sigprocmask(SIG_SETMASK, before, NULL);
}

bool signals_ask_to_end(void)
{
	sigset_t pending;

	if (sigpending(&pending) < 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (sigismember(&pending, ends[i]) == 1)
			return true;
	return false;
}

int signals_check(struct err *e)
{
	return signals_ask_to_end() ? err_set(e, -EINTR, "interrupted") : 0;
}
