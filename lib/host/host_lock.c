/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One command at a time changes the host's settings. */
#include "host/host_lock.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>

int host_lock(const struct host_roots *roots, int *lock, struct err *e)
{
	_close_ int fd = -1;
	char path[PATH_MAX];
	int r;

	snprintf(path, sizeof(path), "%s/vdpactl.lock", host_roots_or_default(roots)->run);
	fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0) {
		r = err_errno(e, -errno, "cannot open '%s', the lock of this host's settings",
			      path);
		if (r == -EACCES)
			err_hint(e, "only root can change them");
		return r;
	}
	r = file_lock(fd);
	if (r)
		return err_errno(e, r, "cannot lock '%s'", path);
	*lock = steal_fd(&fd);
	return 0;
}
