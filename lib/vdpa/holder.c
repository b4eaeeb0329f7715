/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who has a character device open. */
#include "vdpa/holder.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/parse.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* What is looked for: one device, or all of its major number. */
struct wanted {
	dev_t rdev;
	bool any_minor;
};

static bool is_wanted(const struct wanted *w, const struct statx *st)
{
	return S_ISCHR(st->stx_mode) && st->stx_rdev_major == major(w->rdev) &&
	       (w->any_minor || st->stx_rdev_minor == minor(w->rdev));
}

static int append(struct holder_list *list, const struct holder *h, struct err *e)
{
	struct holder *items = reallocarray(list->items, list->n + 1, sizeof(*items));

	if (!items)
		return err_nomem(e);
	list->items = items;
	items[list->n++] = *h;
	return 0;
}

/* One entry for a process and a device, however many descriptors it has. */
static int note(struct holder_list *list, const char *proc, pid_t pid, dev_t rdev, struct err *e)
{
	struct holder h = { .rdev = rdev, .pid = pid };
	char path[PATH_MAX];

	for (size_t i = list->n; i-- > 0 && list->items[i].pid == pid;)
		if (list->items[i].rdev == rdev)
			return 0;
	snprintf(path, sizeof(path), "%s/%d/comm", proc, (int)pid);
	/* It may have ended by now. */
	if (file_read_line(path, h.comm, sizeof(h.comm), NULL))
		h.comm[0] = '\0';
	return append(list, &h, e);
}

/* The descriptors in /proc/PID/fd. */
static int look_into(struct holder_list *list, const char *proc, pid_t pid, const struct wanted *w,
		     struct err *e)
{
	_closedir_ DIR *d = NULL;
	const struct dirent *entry;
	char folder[PATH_MAX];
	struct statx st;
	int r = 0;

	snprintf(folder, sizeof(folder), "%s/%d/fd", proc, (int)pid);
	d = opendir(folder);
	if (!d) {
		/* It may have ended by now. */
		if (errno != EACCES && errno != EPERM && errno != ENOENT && errno != ESRCH)
			return err_errno(e, -errno, "cannot open '%s'", folder);
		list->complete = list->complete && (errno == ENOENT || errno == ESRCH);
		return 0;
	}
	while (!r && (entry = readdir(d))) {
		if (entry->d_name[0] == '.')
			continue;
		/* Not synchronised with servers: a dead network file system must not stop us. */
		if (statx(dirfd(d), entry->d_name, AT_STATX_DONT_SYNC, STATX_TYPE, &st) < 0) {
			if (errno == EACCES) {
				list->complete = false;
				return 0;
			}
			continue;
		}
		if (is_wanted(w, &st))
			r = note(list, proc, pid, makedev(st.stx_rdev_major, st.stx_rdev_minor), e);
	}
	return r;
}

static int find(const struct host_roots *roots, const struct wanted *w, struct holder_list *out,
		struct err *e)
{
	const char *proc = host_roots_or_default(roots)->proc;
	_closedir_ DIR *d = opendir(proc);
	struct holder_list list = { .complete = true };
	const struct dirent *entry;
	uint64_t pid;
	int r = 0;

	if (!d)
		return err_errno(e, -errno, "cannot open '%s'", proc);
	while (!r && (entry = readdir(d)))
		if (!parse_uint(entry->d_name, 1, INT_MAX, &pid, NULL))
			r = look_into(&list, proc, (pid_t)pid, w, e);
	if (r)
		holder_list_clear(&list);
	else
		*out = list;
	return r;
}

int holder_find(const struct host_roots *roots, dev_t rdev, struct holder_list *out, struct err *e)
{
	return find(roots, &(struct wanted){ .rdev = rdev }, out, e);
}

int holder_find_all(const struct host_roots *roots, unsigned int major_number,
		    struct holder_list *all, struct err *e)
{
	return find(roots, &(struct wanted){ .rdev = makedev(major_number, 0), .any_minor = true },
		    all, e);
}

int holder_select(const struct holder_list *all, dev_t rdev, struct holder_list *out, struct err *e)
{
	struct holder_list list = { .complete = all->complete };

	for (size_t i = 0; i < all->n; i++) {
		if (all->items[i].rdev != rdev || !append(&list, &all->items[i], e))
			continue;
		holder_list_clear(&list);
		return -ENOMEM;
	}
	*out = list;
	return 0;
}

void holder_list_clear(struct holder_list *list)
{
	free(list->items);
	*list = (struct holder_list){ .complete = true };
}

void holder_describe(const struct holder_list *list, char *buf, size_t size)
{
	size_t len = 0;

	snprintf(buf, size, "another process%s",
		 list->complete ? "" : " (only root can see which)");
	for (size_t i = 0; i < list->n && len < size; i++)
		len += (size_t)snprintf(buf + len, size - len, "%sPID %d (%s)", i ? ", " : "",
					(int)list->items[i].pid, list->items[i].comm);
}
