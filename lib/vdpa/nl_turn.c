/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A deletion that is under way in the kernel, seen from other processes. */
#include "vdpa/nl_turn.h"

#include "base/file.h"
#include "base/roots.h"
#include "vdpa/netlink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>

enum {
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
	_close_ int fd = open_file(O_RDONLY);

	return fd >= 0 && file_lock_within(fd, LOCK_SH, TURN_WAIT_MS) == -EWOULDBLOCK
		       ? vdpa_nl_out_of_use(e)
		       : 0;
}
