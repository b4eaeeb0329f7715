/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole files: read within a bound, replaced atomically. */
#include "base/file.h"

#include "base/parse.h"
#include "base/strbuf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

enum {
	MAX_PROC_FILE = 65536, /* bytes of those whose lines are looked at */
	LOCK_STEP_MS = 5,
};

static int read_all(int fd, size_t max, struct strbuf *sb)
{
	char chunk[16384];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (sb->len + (size_t)n > max)
			return -EFBIG;
		strbuf_append(sb, chunk, (size_t)n);
	}
	return sb->failed ? -ENOMEM : 0;
}

int file_read(const char *path, size_t max, char **text, size_t *len, struct err *e)
{
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	_strbuf_ struct strbuf sb = { 0 };
	size_t n;
	int r;

	if (fd < 0)
		return err_errno(e, -errno, "cannot open '%s'", path);
	r = read_all(fd, max, &sb);
	if (r == -EFBIG)
		return err_set(e, r, "'%s' is larger than %zu bytes", path, max);
	if (r)
		return err_errno(e, r, "cannot read '%s'", path);
	n = sb.len;
	*text = strbuf_steal(&sb);
	if (!*text)
		return err_nomem(e);
	if (len)
		*len = n;
	return 0;
}

int file_read_line(const char *path, char *buf, size_t size, struct err *e)
{
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return err_errno(e, -errno, "cannot open '%s'", path);
	n = read(fd, buf, size - 1);
	if (n < 0)
		return err_errno(e, -errno, "cannot read '%s'", path);
	buf[n] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	return 0;
}

bool file_read_kib(const char *path, const char *name, uint64_t *bytes)
{
	_free_ char *text = NULL;
	size_t len = strlen(name);
	char word[24];

	if (file_read(path, MAX_PROC_FILE, &text, NULL, NULL))
		return false;
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, name, len) != 0 || line[len] != ':')
			continue;
		line += len + 1;
		line += strspn(line, " \t");
		snprintf(word, sizeof(word), "%.*s", (int)strcspn(line, " \n"), line);
		if (parse_uint(word, 0, UINT64_MAX >> 10, bytes, NULL))
			return false;
		*bytes <<= 10;
		return true;
	}
	return false;
}

int file_write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

int file_write_existing(const char *path, const char *text, struct err *e)
{
	_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);
	int r;

	if (fd < 0)
		return err_errno(e, -errno, "cannot open '%s'", path);
	/* One write: sysfs attributes take their value whole. */
	r = file_write_all(fd, text, strlen(text));
	return r ? err_errno(e, r, "cannot write '%s'", path) : 0;
}

/* Fills and syncs the temporary file; the caller unlinks it on failure. */
static int fill_temporary(int fd, const char *path, const char *text, size_t len)
{
	struct stat st;
	int r;

	/* What stands there instead of a file, a link say, has no mode to keep. */
	if (lstat(path, &st) == 0 && S_ISREG(st.st_mode)) {
		if (fchmod(fd, st.st_mode & 07777) < 0)
			return -errno;
		/* Another owner's file stays theirs where we may say so. */
		if (fchown(fd, st.st_uid, st.st_gid) < 0 && errno != EPERM)
			return -errno;
	}
	r = file_write_all(fd, text, len);
	if (r)
		return r;
	return fsync(fd) < 0 ? -errno : 0;
}

static int sync_folder(const char *folder)
{
	_close_ int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return fsync(fd) < 0 && errno != EINVAL ? -errno : 0;
}

static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return strdup(".");
	return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

/* A device, a FIFO or a folder would be lost; a link into /proc is /dev/stdout or one like it. */
static int check_replaceable(const char *path, struct err *e)
{
	char target[sizeof("/proc/")] = "";
	struct stat st;

	if (stat(path, &st) < 0)
		return 0;
	if (S_ISREG(st.st_mode) &&
	    (readlink(path, target, sizeof(target) - 1) < 0 || strcmp(target, "/proc/") != 0))
		return 0;
	err_set(e, -EINVAL, "'%s' is there and is no ordinary file", path);
	return err_hint(e, "it is not replaced: give another name");
}

int file_replace(const char *path, const char *text, size_t len, mode_t mode, struct err *e)
{
	_free_ char *folder = folder_of(path);
	_free_ char *temporary = NULL;
	_close_ int fd = -1;
	int r = check_replaceable(path, e);

	if (r)
		return r;
	if (!folder || asprintf(&temporary, "%s.XXXXXX", path) < 0)
		return err_nomem(e);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return err_errno(e, -errno, "cannot create a file in '%s'", folder);
	r = fchmod(fd, mode) < 0 ? -errno : fill_temporary(fd, path, text, len);
	if (!r && rename(temporary, path) < 0)
		r = -errno;
	if (r) {
		unlink(temporary);
		return err_errno(e, r, "cannot write '%s'", path);
	}
	r = sync_folder(folder);
	return r ? err_errno(e, r, "cannot sync '%s'", folder) : 0;
}

int file_lock(int fd)
{
	int r;

	do
		r = flock(fd, LOCK_EX);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : 0;
}

int file_lock_within(int fd, int how, unsigned int timeout_ms)
{
	static const struct timespec step = { .tv_nsec = LOCK_STEP_MS * 1000000L };

	for (unsigned int waited = 0; flock(fd, how | LOCK_NB) < 0; waited += LOCK_STEP_MS) {
		if (errno != EWOULDBLOCK || waited >= timeout_ms)
			return -errno;
		nanosleep(&step, NULL);
	}
	return 0;
}

/* Can anybody but root and us put files into the folder of `path`? One that cannot be asked counts.
 */
static bool others_write_beside(const char *path, uid_t *owner)
{
	_free_ char *folder = folder_of(path);
	struct stat st;

	*owner = (uid_t)-1;
	if (!folder || stat(folder, &st) < 0)
		return true;
	*owner = st.st_uid;
	return st.st_mode & (S_IWGRP | S_IWOTH) || (st.st_uid != 0 && st.st_uid != geteuid());
}

/* What others put into a folder that they share with us. */
static int check_shared(int fd, const char *path, uid_t folder_owner, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_errno(e, -errno, "cannot look at '%s'", path);
	/* A terminal or /dev/null is nobody's to forge. */
	if (S_ISCHR(st.st_mode))
		return 0;
	if (st.st_uid == geteuid() || st.st_uid == folder_owner) {
		if (!S_ISREG(st.st_mode) || st.st_nlink == 1)
			return 0;
		err_set(e, -EPERM, "'%s' has other names, in a folder where others can write",
			path);
	} else {
		err_set(e, -EPERM, "'%s' is another user's, in a folder where others can write",
			path);
	}
	err_hint(e, "remove it, or give a path in a folder of your own");
	return -EPERM;
}

int file_open_output(const char *path, int flags, mode_t mode, struct err *e)
{
	int always = O_CREAT | O_CLOEXEC | O_NOCTTY;
	uid_t owner;
	bool shared = others_write_beside(path, &owner);
	/* Emptied only when it is known to be the right one. */
	_close_ int fd = open(path, (flags & ~O_TRUNC) | always | (shared ? O_NOFOLLOW : 0), mode);
	int r;

	if (fd < 0 && errno == ELOOP && shared) {
		err_set(e, -ELOOP, "'%s' is a symbolic link, in a folder where others can write",
			path);
		err_hint(e, "give the path that it stands for, or one in a folder of your own");
		return -ELOOP;
	}
	if (fd < 0)
		return err_errno(e, -errno, "cannot open '%s' for writing", path);
	r = shared ? check_shared(fd, path, owner, e) : 0;
	if (r)
		return r;
	/* Only files have a length; others answer EINVAL. */
	if (flags & O_TRUNC && ftruncate(fd, 0) < 0 && errno != EINVAL)
		return err_errno(e, -errno, "cannot empty '%s'", path);
	return steal_fd(&fd);
}

int file_mkdirs(const char *path, mode_t mode, struct err *e)
{
	char part[PATH_MAX];
	size_t len = strlen(path);

	if (len >= sizeof(part))
		return err_set(e, -ENAMETOOLONG, "path of %zu bytes is too long", len);
	for (size_t i = 1; i <= len; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, mode) < 0 && errno != EEXIST)
			return err_errno(e, -errno, "cannot create folder '%s'", part);
	}
	return 0;
}
