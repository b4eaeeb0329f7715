/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Node numbers of many vDPA devices, at once or one after the other. */
#include "vdpa/sysfs_index.h"

#include "base/cleanup.h"
#include "base/parse.h"
#include "vdpa/sysfs.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum {
	TARGET_MAX = PATH_MAX, /* of a link, NUL included */
};

static const char node_prefix[] = "vhost-vdpa-";

/* Without printf, which a short listing would be the only one to bring into memory. */
static bool join(char *path, size_t size, const char *top, const char *rest)
{
	size_t len = strlen(top), more = strlen(rest);

	if (len + more >= size)
		return false;
	memcpy(path, top, len);
	memcpy(path + len, rest, more);
	path[len + more] = '\0';
	return true;
}

static int append(struct vdpa_index *index, const char *name, unsigned int node, struct err *e)
{
	struct vdpa_place *items;

	if (index->n == index->room) {
		size_t room = index->room ? 2 * index->room : 16;

		items = reallocarray(index->items, room, sizeof(*items));
		if (!items)
			return err_nomem(e);
		index->items = items;
		index->room = room;
	}
	index->items[index->n++] = (struct vdpa_place){ .offset = index->names.len, .node = node };
	strbuf_append(&index->names, name, strlen(name) + 1);
	return index->names.failed ? err_nomem(e) : 0;
}

/* MAJOR:N in /sys/dev/char leads to .../NAME/vhost-vdpa-N; NULL where there is none. */
static const char *device_of_node(int chars, unsigned int number, unsigned int node,
				  char target[TARGET_MAX])
{
	char link[48];
	size_t len = format_uint(number, link);
	char *slash;
	ssize_t n;

	link[len++] = ':';
	format_uint(node, link + len);
	n = readlinkat(chars, link, target, TARGET_MAX - 1);
	if (n < 0 || n == TARGET_MAX - 1)
		return NULL;
	target[n] = '\0';
	slash = strrchr(target, '/');
	if (!slash || strncmp(slash + 1, node_prefix, sizeof(node_prefix) - 1) != 0)
		return NULL;
	*slash = '\0';
	slash = strrchr(target, '/');
	return slash ? slash + 1 : target;
}

/*
 * The kernel gives out the lowest free number, which is a node's minor number and in its name: so
 * counting up finds all soon, without reading a folder that has much else in it. It is given up
 * after as many holes as there are devices.
 */
static int read_nodes(struct vdpa_index *index, int chars, unsigned int number, size_t expected,
		      struct err *e)
{
	char target[TARGET_MAX];
	size_t holes = 0;
	int r = 0;

	for (unsigned int node = 0; !r && index->n < expected && holes <= expected; node++) {
		const char *name = device_of_node(chars, number, node, target);

		if (name)
			r = append(index, name, node, e);
		else
			holes++;
	}
	for (size_t i = 0; i < index->n; i++)
		index->items[i].name = index->names.text + index->items[i].offset;
	return r;
}

/*
 * A node tells its major number with one call, where /proc/devices names all drivers of the host.
 * What lies there under its name may be something else, whose number leads to no device.
 */
static bool node_major(const struct host_roots *at, unsigned int *number)
{
	char path[TARGET_MAX];
	struct stat st;

	if (!join(path, sizeof(path), at->dev, "/vhost-vdpa-0") || stat(path, &st) < 0 ||
	    !S_ISCHR(st.st_mode) || minor(st.st_rdev) != 0)
		return false;
	*number = major(st.st_rdev);
	return true;
}

/* The folder in which the kernel lists character devices by number. */
static int open_chars(const struct host_roots *at)
{
	char path[TARGET_MAX];

	return join(path, sizeof(path), at->sys, "/dev/char")
		       ? open(path, O_PATH | O_DIRECTORY | O_CLOEXEC)
		       : -1;
}

int vdpa_index_get(const struct host_roots *roots, size_t expected, struct vdpa_index *out,
		   struct err *e)
{
	const struct host_roots *at = host_roots_or_default(roots);
	_close_ int chars = open_chars(at);
	unsigned int number;
	int r = 0;

	*out = (struct vdpa_index){ 0 };
	if (chars >= 0 && node_major(at, &number))
		r = read_nodes(out, chars, number, expected, e);
	if (chars >= 0 && !r && !out->n && !vdpa_sysfs_major(at, &number, NULL))
		r = read_nodes(out, chars, number, expected, e);
	if (r)
		vdpa_index_clear(out);
	return r;
}

void vdpa_index_clear(struct vdpa_index *index)
{
	strbuf_free(&index->names);
	free(index->items);
	*index = (struct vdpa_index){ 0 };
}

static int by_name(const void *a, const void *b)
{
	const struct vdpa_place *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int match_name(const void *name, const void *item)
{
	return strcmp(name, ((const struct vdpa_place *)item)->name);
}

const struct vdpa_place *vdpa_index_find(struct vdpa_index *index, const char *name)
{
	if (!index->n)
		return NULL;
	if (!index->sorted && index->next < index->n &&
	    strcmp(index->items[index->next].name, name) == 0)
		return &index->items[index->next++];
	if (!index->sorted)
		qsort(index->items, index->n, sizeof(*index->items), by_name);
	index->sorted = true;
	return bsearch(name, index->items, index->n, sizeof(*index->items), match_name);
}

static bool open_next(struct vdpa_next *next, const struct host_roots *at)
{
	if (next->open)
		return true;
	if (!next->known || vdpa_sysfs_major(at, &next->number, NULL))
		return false;
	next->chars = open_chars(at);
	next->open = next->chars >= 0;
	return next->open;
}

bool vdpa_next_find(struct vdpa_next *next, const struct host_roots *roots, const char *name,
		    struct vdpa_sysfs_dev *dev)
{
	const struct host_roots *at = host_roots_or_default(roots);
	char target[TARGET_MAX], node[VDPA_NODE_MAX] = "/vhost-vdpa-";
	const char *found = NULL, *rest = target;

	if (open_next(next, at))
		found = device_of_node(next->chars, next->number, next->node, target);
	if (!found || strcmp(found, name) != 0)
		return false;
	/* ../../devices/.../NAME, of which one slash stays. */
	while (strncmp(rest, "../", 3) == 0)
		rest += 3;
	rest -= rest > target;
	format_uint(next->node, node + strlen(node));
	if (!join(dev->path, sizeof(dev->path), at->sys, rest) ||
	    !join(dev->name, sizeof(dev->name), name, "") ||
	    !join(dev->node, sizeof(dev->node), at->dev, node))
		return false;
	memcpy(dev->driver, VDPA_DRIVER_VHOST, sizeof(VDPA_DRIVER_VHOST));
	dev->rdev = makedev(next->number, next->node++);
	return true;
}

void vdpa_next_learn(struct vdpa_next *next, const char *node)
{
	const char *dash = strrchr(node, '-');
	uint64_t last;

	next->known = dash && !parse_uint(dash + 1, 0, UINT32_MAX - 1, &last, NULL);
	if (next->known)
		next->node = (unsigned int)last + 1;
}

void vdpa_next_close(struct vdpa_next *next)
{
	if (next->open)
		close(next->chars);
	*next = (struct vdpa_next){ 0 };
}
