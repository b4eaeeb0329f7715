/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many vDPA devices in sysfs, one after the other, with one system call for most. */
#include "vdpa/sysfs_next.h"

#include "base/parse.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* A text put together from three; false where there is no room. */
static bool join(char *out, size_t size, const char *a, const char *b, const char *c)
{
	size_t a_len = strlen(a), b_len = strlen(b), c_len = strlen(c);

	if (a_len + b_len + c_len >= size)
		return false;
	*(char *)mempcpy(mempcpy(mempcpy(out, a, a_len), b, b_len), c, c_len) = '\0';
	return true;
}

/* From here on devices are looked for in this folder. */
static bool enter(struct vdpa_next *next, char *parent)
{
	vdpa_next_close(next);
	next->folder = parent ? open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	if (next->folder >= 0)
		next->parent = parent;
	else
		free(parent);
	return next->parent;
}

static bool enter_first(struct vdpa_next *next, const struct host_roots *at)
{
	char path[VDPA_PATH_MAX];

	return join(path, sizeof(path), at->sys, "/devices", "") && enter(next, strdup(path));
}

/* Is the node of `name` the next one, or else another in its folder? Then that is next->node. */
static bool find_node(struct vdpa_next *next, const struct host_roots *at, const char *name,
		      struct vdpa_sysfs_dev *dev)
{
	char number[21], path[VDPA_PATH_MAX];
	uint64_t node;

	format_uint(next->node, number);
	if (!join(path, sizeof(path), name, "/" VDPA_NODE_PREFIX, number) ||
	    !join(dev->path, sizeof(dev->path), next->parent, "/", name))
		return false;
	if (faccessat(next->folder, path, F_OK, AT_EACCESS) == 0)
		return vdpa_sysfs_node_path(at, number, dev->node);
	if (vdpa_sysfs_node_in(at, dev->path, dev->node) || !dev->node[0] ||
	    parse_uint(strrchr(dev->node, '-') + 1, 0, UINT32_MAX, &node, NULL))
		return false;
	next->node = (unsigned int)node;
	return true;
}

bool vdpa_next_find(struct vdpa_next *next, const struct host_roots *roots, const char *name,
		    struct vdpa_sysfs_dev *dev)
{
	const struct host_roots *at = host_roots_or_default(roots);

	if (!*name || *name == '.' || strchr(name, '/') ||
	    !join(dev->name, sizeof(dev->name), name, "", "") ||
	    (!next->parent && !enter_first(next, at)) || !find_node(next, at, name, dev))
		return false;
	memcpy(dev->driver, VDPA_DRIVER_VHOST, sizeof(VDPA_DRIVER_VHOST));
	dev->rdev = next->number ? makedev(next->number, next->node) : 0;
	next->node++;
	return true;
}

int vdpa_next_look(struct vdpa_next *next, const struct host_roots *roots, const char *name,
		   struct vdpa_sysfs_dev *dev, struct err *e)
{
	int r = vdpa_sysfs_get(roots, name, dev, e);
	const char *slash = r || !dev->node[0] ? NULL : strrchr(dev->path, '/');
	size_t len = slash ? (size_t)(slash - dev->path) : 0;

	if (!len)
		return r;
	next->number = major(dev->rdev);
	next->node = minor(dev->rdev) + 1;
	if (!next->parent || strncmp(next->parent, dev->path, len) != 0 || next->parent[len])
		enter(next, strndup(dev->path, len));
	return 0;
}

void vdpa_next_close(struct vdpa_next *next)
{
	if (next->parent)
		close(next->folder);
	free(next->parent);
	next->parent = NULL;
}
