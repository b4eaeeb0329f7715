/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opens a file as another user would, to learn whether they can. */
#include "host/try_open.h"

#include "base/parse.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int try_user_find(const char *user, struct try_user *out, struct err *e)
{
	struct passwd pw, *found = NULL;
	char buf[16384];
	uint64_t uid;

	if (!user)
		getpwuid_r(geteuid(), &pw, buf, sizeof(buf), &found);
	else if (parse_uint(user, 0, UINT_MAX - 1, &uid, NULL) == 0)
		getpwuid_r((uid_t)uid, &pw, buf, sizeof(buf), &found);
	else
		getpwnam_r(user, &pw, buf, sizeof(buf), &found);
	if (found) {
		snprintf(out->name, sizeof(out->name), "%s", pw.pw_name);
		out->uid = pw.pw_uid;
		out->gid = pw.pw_gid;
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
	if (initgroups(u->name, u->gid) < 0 || setgid(u->gid) < 0 || setuid(u->uid) < 0)
		return -errno;
	return 0;
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
