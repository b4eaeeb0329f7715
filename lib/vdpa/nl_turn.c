/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A deletion that is under way in the kernel, seen from other processes. */
#include "vdpa/nl_turn.h"

#include "base/cleanup.h"
#include "base/roots.h"
#include "vdpa/netlink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <time.h>

enum {
	TURN_STEP_MS = 5,
	TURN_WAIT_MS = 2000, /* one takes some milliseconds */
};

static int open_file(int flags)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/vdpactl.deleting", host_roots_default.run);
	return open(path, flags | O_NOFOLLOW | O_CLOEXEC, 0644);
}

int nl_turn_open(void)
{
	return open_file(O_RDWR | O_CREAT);
}

/* Anybody can read the file and so lock it: nothing is waited for here. */
void nl_turn_begin(int fd)
{
	if (fd >= 0)
		flock(fd, LOCK_EX | LOCK_NB);
}

void nl_turn_end(int fd)
{
	if (fd >= 0)
		flock(fd, LOCK_UN);
}

int nl_turn_wait(struct err *e)
{
	static const struct timespec step = { .tv_nsec = TURN_STEP_MS * 1000000L };
	_close_ int fd = open_file(O_RDONLY);

	for (unsigned int waited = 0; fd >= 0 && waited < TURN_WAIT_MS; waited += TURN_STEP_MS) {
		if (flock(fd, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK)
			return 0;
		nanosleep(&step, NULL);
	}
	return fd < 0 ? 0 : vdpa_nl_out_of_use(e);
}
