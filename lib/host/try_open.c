/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opens a file as another user would, to learn whether they can. */
#include "host/try_open.h"

#include "host/accounts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int try_user_find(const char *user, struct try_user *out, struct err *e)
{
	struct account found;
	int r = user ? account_find(ACCOUNT_USER, user, &found)
		     : account_find_id(ACCOUNT_USER, geteuid(), &found);

	if (!r) {
		memcpy(out->name, found.name, sizeof(out->name));
		out->uid = found.id;
		out->gid = found.gid;
		return 0;
	}
	if (user)
		return err_set(e, -ENOENT, "no user '%s' on this host", user);
	/* A uid without a name, as in containers. */
	out->uid = geteuid();
	out->gid = getegid();
	snprintf(out->name, sizeof(out->name), "%u", out->uid);
	return 0;
}

int try_user_become(const struct try_user *u)
{
	int r = account_take_groups(u->name, u->gid);

	if (!r && (setgid(u->gid) < 0 || setuid(u->uid) < 0))
		r = -errno;
	return r;
}

static int open_and_close(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static void run_child(const struct try_user *u, const char *path, int flags)
{
	int r;

	if (try_user_become(u) < 0)
		_exit(EPERM);
	r = -open_and_close(path, flags);
	/* Exit statuses have 8 bits; the kernel's own 524 (not supported) is beyond. */
	_exit(r > 254 ? 254 : r);
}

int try_open_as(const struct try_user *u, const char *path, int flags)
{
	int status;
	pid_t pid;

	if (u->uid == geteuid())
		return open_and_close(path, flags);
	if (geteuid() != 0)
		return -EPERM;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		run_child(u, path, flags);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
}
