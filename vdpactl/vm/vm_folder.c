/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The private folder of a running VM. */
#include "vm/vm_folder.h"

#include "base/file.h"
#include "base/parse.h"
#include "config/vm_config_check.h"
#include "places.h"
#include "vm/proc_stat.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

int vm_folder_of(const char *name, struct vm_folder *f, struct err *e)
{
	_free_ char *base = NULL;
	int r = vm_name_check(name, e);

	if (!r)
		r = place_runtime(&base, e);
	if (r)
		return r;
	/* Socket addresses take 107 characters. */
	if (strlen(base) + strlen(name) > 90)
		return err_set(e, -ENAMETOOLONG, "'%s/%s' is too long for sockets in it", base,
			       name);
	snprintf(f->name, sizeof(f->name), "%.*s", VM_NAME_MAX, name);
	snprintf(f->path, sizeof(f->path), "%s/%s", base, name);
	return 0;
}

void vm_folder_file(const struct vm_folder *f, const char *name, char path[VM_PATH_MAX + 32])
{
	snprintf(path, VM_PATH_MAX + 32, "%s/%.30s", f->path, name);
}

int vm_folder_lock(const struct vm_folder *f, int *lock, struct err *e)
{
	struct vm_folder base = *f;
	_close_ int fd = -1;
	int r;

	*strrchr(base.path, '/') = '\0';
	r = file_mkdirs(base.path, 0700, e);
	if (r)
		return r;
	fd = open(base.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(e, -errno, "cannot open '%s'", base.path);
	r = file_lock(fd);
	if (r)
		return err_errno(e, r, "cannot lock '%s'", base.path);
	*lock = steal_fd(&fd);
	return 0;
}

int vm_folder_create(const struct vm_folder *f, struct err *e)
{
	struct stat st;

	if (mkdir(f->path, 0700) < 0)
		return err_errno(e, -errno, "cannot create folder '%s'", f->path);
	if (lstat(f->path, &st) < 0)
		return err_errno(e, -errno, "cannot look at '%s'", f->path);
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid())
		return err_set(e, -EPERM, "'%s' is not a folder of yours", f->path);
	if (chmod(f->path, 0700) < 0)
		return err_errno(e, -errno, "cannot protect '%s'", f->path);
	return 0;
}

#define USERS_PART "vmm"

void vm_folder_socket(const struct vm_folder *f, bool users, const char *name,
		      char path[VM_PATH_MAX + 32])
{
	snprintf(path, VM_PATH_MAX + 32, "%s/%s%.20s", f->path, users ? USERS_PART "/" : "", name);
}

/* Each socket stands in the user's part, and a link of ours to it where clients look. */
static int link_sockets(int dir)
{
	static const char *const targets[] = {
		USERS_PART "/api.sock",
		USERS_PART "/console.sock",
		USERS_PART "/serial.sock",
	};

	for (size_t i = 0; i < ARRAY_SIZE(targets); i++)
		if (symlinkat(targets[i], dir, targets[i] + strlen(USERS_PART "/")) < 0)
			return -1;
	return 0;
}

int vm_folder_give(const struct vm_folder *f, const struct try_user *user, struct err *e)
{
	_close_ int dir = open(f->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (dir < 0 || fstatat(dir, "..", &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    fchmodat(dir, "..", (st.st_mode & 07777) | S_IXGRP | S_IXOTH, 0) < 0 ||
	    fchmod(dir, 0711) < 0 || link_sockets(dir) < 0 || mkdirat(dir, USERS_PART, 0700) < 0 ||
	    fchownat(dir, USERS_PART, user->uid, user->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return err_errno(e, -errno, "cannot give '%s/" USERS_PART "' to user '%s'", f->path,
				 user->name);
	return 0;
}

int vm_folder_open(const struct vm_folder *f, const char *name, struct err *e)
{
	char path[VM_PATH_MAX + 32];
	_close_ int fd = -1;
	struct stat st;

	vm_folder_file(f, name, path);
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(e, -errno, "cannot open '%s'", path);
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid())
		return err_set(e, -EPERM, "'%s' is not a file of yours", path);
	return steal_fd(&fd);
}

int vm_folder_read(const struct vm_folder *f, const char *name, size_t max, char **text,
		   struct err *e)
{
	_close_ int fd = vm_folder_open(f, name, e);
	char path[32];

	if (fd < 0)
		return fd;
	/* What is read is what was looked at, whatever the name means by then. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return file_read(path, max, text, NULL, e);
}

/* Removes the files of a folder, none below it; links are not followed. 0 or negative errno. */
static int empty_folder(const char *path)
{
	_close_ int dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	_closedir_ DIR *d = dir < 0 ? NULL : fdopendir(dir);
	const struct dirent *entry;

	if (!d)
		return -errno;
	(void)steal_fd(&dir); /* the stream's */
	while ((entry = readdir(d)))
		(void)unlinkat(dirfd(d), entry->d_name, 0);
	return 0;
}

int vm_folder_remove(const struct vm_folder *f, struct err *e)
{
	char users[VM_PATH_MAX + 32];
	int r;

	vm_folder_file(f, USERS_PART, users);
	/* Most have none. A folder that a VMM made in it stays, and with it all above. */
	if (empty_folder(users) == 0)
		(void)rmdir(users);
	r = empty_folder(f->path);
	if (r)
		return r == -ENOENT ? 0 : err_errno(e, r, "cannot open '%s'", f->path);
	if (rmdir(f->path) < 0 && errno != ENOENT)
		return err_errno(e, -errno, "cannot remove '%s'", f->path);
	return 0;
}

/* When a process started, in clock ticks since the boot. */
static int started_at(pid_t pid, uint64_t *ticks)
{
	char stat[1024];
	int r = proc_stat_read(pid, stat, sizeof(stat));

	if (r)
		return r;
	*ticks = proc_stat_field(stat, PROC_STAT_START);
	return *ticks ? 0 : -EPROTO;
}

/* With the time of its start, which tells it from one that gets the number later. */
static int write_pid(const struct vm_folder *f, const char *name, pid_t pid, struct err *e)
{
	char path[VM_PATH_MAX + 32], text[64];
	uint64_t ticks;
	int r = started_at(pid, &ticks);

	if (r)
		return err_errno(e, r, "cannot tell when PID %d started", pid);
	vm_folder_file(f, name, path);
	snprintf(text, sizeof(text), "%d\n%llu\n", pid, (unsigned long long)ticks);
	return file_replace(path, text, strlen(text), 0600, e);
}

int vm_folder_set_pid(const struct vm_folder *f, pid_t pid, struct err *e)
{
	return write_pid(f, "vmm.pid", pid, e);
}

static void forget(const struct vm_folder *f, const char *name)
{
	char path[VM_PATH_MAX + 32];

	vm_folder_file(f, name, path);
	(void)unlink(path);
}

void vm_folder_forget_pid(const struct vm_folder *f)
{
	forget(f, "vmm.pid");
}

void vm_folder_forget_keeper(const struct vm_folder *f)
{
	forget(f, "keeper.pid");
}

int vm_folder_set_keeper(const struct vm_folder *f, struct err *e)
{
	return write_pid(f, "keeper.pid", getpid(), e);
}

/* The number that a file of the folder holds; 0: none, -1: it cannot be told. */
static pid_t read_process(const struct vm_folder *f, const char *name, uint64_t *ticks)
{
	_close_ int fd = vm_folder_open(f, name, NULL);
	char text[64];
	ssize_t n = fd < 0 ? fd : read(fd, text, sizeof(text) - 1);
	char *rest = text;
	uint64_t v;

	if (fd >= 0 && n < 0)
		n = -errno;
	if (n <= 0)
		return err_is_shortage((int)n) ? -1 : 0;
	text[n] = '\0';
	if (parse_uint(strsep(&rest, "\n"), 2, INT_MAX, &v, NULL) || !rest ||
	    parse_uint(strsep(&rest, "\n"), 0, UINT64_MAX, ticks, NULL))
		return 0;
	return (pid_t)v;
}

static pid_t read_pid(const struct vm_folder *f, const char *name)
{
	uint64_t ticks;

	return read_process(f, name, &ticks);
}

/* The process that a file of the folder names, if it is still one of that program, and not another
 * that got its number later; else 0. -1: it cannot be told. */
static pid_t find_process(const struct vm_folder *f, const char *name, const char *program)
{
	uint64_t noted = 0, ticks = 0;
	pid_t pid = read_process(f, name, &noted);
	char path[32], text[32];
	int r;

	if (pid <= 0)
		return pid;
	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	r = file_read_line(path, text, sizeof(text), NULL);
	if (!r)
		r = started_at(pid, &ticks);
	if (r)
		return err_is_shortage(r) ? -1 : 0;
	return strcmp(text, program) == 0 && ticks == noted ? pid : 0;
}

int vm_folder_succeed(const struct vm_folder *f, pid_t from, struct err *e)
{
	_close_ int lock = -1;
	int r = vm_folder_lock(f, &lock, e);

	if (!r && read_pid(f, "keeper.pid") != from)
		return err_set(e, -ECANCELED, "the folder of VM '%s' was taken away meanwhile",
			       f->name);
	return r ? r : vm_folder_set_keeper(f, e);
}

bool vm_folder_kept_by_another(const struct vm_folder *f, pid_t keeper)
{
	pid_t pid = read_pid(f, "keeper.pid");

	return pid > 0 && pid != keeper && pid != getpid();
}

bool vm_folder_kept(const struct vm_folder *f)
{
	return find_process(f, "keeper.pid", "vdpactl") != 0;
}

enum vm_life vm_folder_life(const struct vm_folder *f, pid_t *pid)
{
	pid_t vmm;

	if (access(f->path, F_OK) < 0)
		return err_is_shortage(-errno) ? VM_UNKNOWN : VM_ABSENT;
	vmm = find_process(f, "vmm.pid", "vdpa-vmm");
	if (vmm <= 0)
		return vmm < 0 ? VM_UNKNOWN : VM_DEAD;
	if (pid)
		*pid = vmm;
	return VM_ALIVE;
}

int vm_folder_unknown(const struct vm_folder *f, struct err *e)
{
	return err_set(e, -EIO, "VM '%s': it cannot be told whether it runs", f->name);
}

int vm_folder_alive(const char *name, struct vm_folder *f, pid_t *pid, struct err *e)
{
	int r = vm_folder_of(name, f, e);

	if (r)
		return r;
	switch (vm_folder_life(f, pid)) {
	case VM_ALIVE:
		return 0;
	case VM_DEAD:
		err_set(e, -ECONNREFUSED, "the VMM of '%s' has died", name);
		return err_hint(e, "'vdpactl vm log %s' says why, 'vdpactl vm stop %s' cleans up",
				name, name);
	case VM_UNKNOWN:
		return vm_folder_unknown(f, e);
	case VM_ABSENT:
		break;
	}
	err_set(e, -ENOENT, "no VM '%s' is running", name);
	return err_hint(e, "'vdpactl vm list' shows those that are");
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int vm_folder_list(struct words *names, struct err *e)
{
	_free_ char *base = NULL;
	const struct dirent *entry;
	int r = place_runtime(&base, e);
	DIR *d;

	if (r)
		return r;
	d = opendir(base);
	if (!d)
		return errno == ENOENT ? 0 : err_errno(e, -errno, "cannot read '%s'", base);
	while (!r && (entry = readdir(d)))
		if (!vm_name_check(entry->d_name, NULL))
			r = words_add(names, entry->d_name) ? err_nomem(e) : 0;
	closedir(d);
	if (names->n)
		qsort(names->list, names->n, sizeof(*names->list), compare);
	return r;
}

bool vm_folder_of_pid(pid_t pid, struct vm_folder *f)
{
	_words_ struct words names = { 0 };

	if (vm_folder_list(&names, NULL))
		return false;
	for (size_t i = 0; i < names.n; i++) {
		pid_t vmm;

		if (!vm_folder_of(names.list[i], f, NULL) && vm_folder_life(f, &vmm) == VM_ALIVE &&
		    vmm == pid)
			return true;
	}
	return false;
}

void vm_folder_describe(const struct holder_list *holders, char *buf, size_t size)
{
	struct vm_folder f;

	if (holders->n && vm_folder_of_pid(holders->items[0].pid, &f))
		snprintf(buf, size, "VM %s (PID %d)", f.name, holders->items[0].pid);
	else
		holder_describe(holders, buf, size);
}
