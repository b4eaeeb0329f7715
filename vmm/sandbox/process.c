/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the process takes off before it meets anything foreign. */
#include "sandbox/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum {
	FD_TABLE = 4096 /* descriptors: a table that grows later stalls all threads for RCU */
};

/* The smallest of `keep` at or above `from`, or -1. */
static int next_kept(const int *keep, size_t n, int from)
{
	int best = -1;

	for (size_t i = 0; i < n; i++)
		if (keep[i] >= from && (best < 0 || keep[i] < best))
			best = keep[i];
	return best;
}

int process_close_inherited(const int *keep, size_t n, struct err *e)
{
	int from = STDERR_FILENO + 1;

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
		    open("/dev/null", O_RDWR | O_CLOEXEC) != fd)
			return err_set(e, -EBADF,
				       "descriptor %d is closed and '/dev/null' can not "
				       "take its place",
				       fd);
	for (;;) {
		int kept = next_kept(keep, n, from);

		if (kept < 0)
			break;
		if (kept > from && close_range((unsigned int)from, (unsigned int)kept - 1, 0) < 0)
			return err_errno(e, -errno, "could not close inherited descriptors");
		from = kept + 1;
	}
	if (close_range((unsigned int)from, UINT_MAX, 0) < 0)
		return err_errno(e, -errno, "could not close inherited descriptors");
	return 0;
}

/* As many descriptors as the administrator lets us have, and room in the table for the usual lot.
 */
static void grow_fd_table(void)
{
	struct rlimit limit;
	int high;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur < FD_TABLE)
		return;
	high = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, FD_TABLE - 1);
	if (high >= 0)
		close(high);
}

int process_confine(struct err *e)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	umask(077);
	sigaction(SIGCHLD, &ignore, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	grow_fd_table();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_errno(e, -errno, "could not set no_new_privs");
	return 0;
}
