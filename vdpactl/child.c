/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Other programs, run in the foreground. */
#include "child.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

int child_wait(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int run(char *const *argv, struct err *e)
{
	posix_spawnattr_t attr;
	sigset_t none;
	pid_t pid;
	int r;

	sigemptyset(&none);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigmask(&attr, &none);
	r = posix_spawnp(&pid, argv[0], NULL, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	if (r)
		return err_errno(e, -r, "cannot run '%s'", argv[0]);
	return child_wait(pid);
}

int child_shell(const char *line, struct err *e)
{
	static char sh[] = "/bin/sh", option[] = "-c";
	char *shell = getenv("SHELL");
	_free_ char *copy = strdup(line);

	if (!copy)
		return err_nomem(e);
	return run((char *[]){ shell && *shell ? shell : sh, option, copy, NULL }, e);
}
