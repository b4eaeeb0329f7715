/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vDPA devices in sysfs: name to character device and back. */
#include "vdpa/sysfs.h"

#include "base/file.h"
#include "base/parse.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* A device may go at any moment: what is not there is an answer, all else a failure. */
static int unless_gone(int code)
{
	return code == ENOENT || code == ENOTDIR || code == ENODEV || code == ENXIO ? 0 : -code;
}

/* The last part of the link `path`, "" when there is none. */
static int link_name(const char *path, char *buf, size_t size)
{
	char target[PATH_MAX];
	ssize_t n = readlink(path, target, sizeof(target) - 1);
	const char *slash;

	buf[0] = '\0';
	if (n < 0)
		return unless_gone(errno);
	target[n] = '\0';
	slash = strrchr(target, '/');
	snprintf(buf, size, "%.*s", (int)size - 1, slash ? slash + 1 : target);
	return 0;
}

/*
 * The folder that a link in sysfs leads to. Such links are "../../../devices/...", always relative
 * and climbing to the root of sysfs, so that one readlink does what realpath does with many.
 */
static int link_folder(const struct host_roots *at, const char *path, char *buf, size_t size)
{
	char target[PATH_MAX];
	ssize_t n = readlink(path, target, sizeof(target) - 1);
	const char *rest = target;

	if (n < 0)
		return -errno;
	target[n] = '\0';
	while (strncmp(rest, "../", 3) == 0)
		rest += 3;
	if (strncmp(rest, "devices/", 8) != 0 || strstr(rest, "/../") ||
	    (size_t)snprintf(buf, size, "%s/%s", at->sys, rest) >= size)
		return -EINVAL;
	return 0;
}

/* "245:0" of a sysfs file `dev`. */
static int read_rdev(const char *path, dev_t *rdev)
{
	uint64_t maj, min;
	char text[32];
	char *colon;
	int r = file_read_line(path, text, sizeof(text), NULL);

	if (r)
		return r;
	colon = strchr(text, ':');
	if (!colon)
		return -EINVAL;
	*colon = '\0';
	if (parse_uint(text, 0, UINT32_MAX, &maj, NULL) ||
	    parse_uint(colon + 1, 0, UINT32_MAX, &min, NULL))
		return -EINVAL;
	*rdev = makedev((unsigned int)maj, (unsigned int)min);
	return 0;
}

static int stat_node(struct vdpa_sysfs_dev *dev)
{
	struct stat st;

	if (stat(dev->node, &st) < 0)
		return errno == EACCES ? 0 : unless_gone(errno);
	dev->node_exists = S_ISCHR(st.st_mode) && st.st_rdev == dev->rdev;
	if (!dev->node_exists)
		return 0;
	dev->uid = st.st_uid;
	dev->gid = st.st_gid;
	dev->mode = st.st_mode & 07777;
	return 0;
}

/* The number of what may be a node, by its name; NULL where it is none. */
static const char *number_of_node(const char *name)
{
	size_t len = sizeof(VDPA_NODE_PREFIX) - 1;

	return strncmp(name, VDPA_NODE_PREFIX, len) == 0 ? name + len : NULL;
}

int vdpa_sysfs_node_in(const struct host_roots *at, const char *folder, char *node)
{
	_closedir_ DIR *d = opendir(folder);
	const struct dirent *entry;

	*node = '\0';
	if (!d)
		return unless_gone(errno);
	while ((entry = readdir(d))) {
		const char *number = number_of_node(entry->d_name);

		if (!number)
			continue;
		if (!vdpa_sysfs_node_path(at, number, node))
			*node = '\0';
		return 0;
	}
	return 0;
}

bool vdpa_sysfs_node_path(const struct host_roots *roots, const char *number, char *node)
{
	static const char prefix[] = "/" VDPA_NODE_PREFIX;
	const char *dev = host_roots_or_default(roots)->dev;
	size_t dev_len = strlen(dev), len = strlen(number);

	if (dev_len + sizeof(prefix) + len > VDPA_NODE_MAX)
		return false;
	node = mempcpy(mempcpy(node, dev, dev_len), prefix, sizeof(prefix) - 1);
	memcpy(node, number, len + 1);
	return true;
}

static int find_node(const struct host_roots *at, struct vdpa_sysfs_dev *dev)
{
	char path[VDPA_PATH_MAX + VDPA_NODE_MAX + 8];
	int r = vdpa_sysfs_node_in(at, dev->path, dev->node);

	if (r || !dev->node[0])
		return r;
	snprintf(path, sizeof(path), "%s%s/dev", dev->path, strrchr(dev->node, '/'));
	r = read_rdev(path, &dev->rdev);
	if (!r)
		return stat_node(dev);
	dev->node[0] = '\0';
	return r == -EINVAL ? 0 : unless_gone(-r);
}

static int cannot_look(const char *name, int r, struct err *e)
{
	return r ? err_errno(e, r, "vDPA device '%s': cannot look at it in sysfs", name) : 0;
}

int vdpa_sysfs_get(const struct host_roots *roots, const char *name, struct vdpa_sysfs_dev *out,
		   struct err *e)
{
	const struct host_roots *at = host_roots_or_default(roots);
	char path[PATH_MAX];
	int r;

	/* Of many devices, most of the bytes are never touched. */
	out->name[0] = '\0';
	out->path[0] = '\0';
	out->driver[0] = '\0';
	out->node[0] = '\0';
	out->rdev = 0;
	out->node_exists = false;
	if (!*name || strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		goto unknown;
	snprintf(out->name, sizeof(out->name), "%s", name);
	if ((size_t)snprintf(path, sizeof(path), "%s/bus/vdpa/devices/%s", at->sys, name) >=
	    sizeof(path))
		goto unknown;
	r = link_folder(at, path, out->path, sizeof(out->path));
	if (r == -EINVAL || (r && !unless_gone(-r)))
		goto unknown;
	if (!r && (size_t)snprintf(path, sizeof(path), "%s/driver", out->path) >= sizeof(path))
		goto unknown;
	if (!r)
		r = link_name(path, out->driver, sizeof(out->driver));
	if (!r && strcmp(out->driver, VDPA_DRIVER_VHOST) == 0)
		r = find_node(at, out);
	return cannot_look(name, r, e);
unknown:
	err_set(e, -ENODEV, "no vDPA device '%s'", name);
	err_hint(e, "'vdpactl dev show' lists them");
	return -ENODEV;
}

static int by_name(const void *a, const void *b)
{
	const struct vdpa_sysfs_dev *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* Appends what the folder `d` of links has. */
static int read_list(const struct host_roots *at, DIR *d, struct vdpa_sysfs_list *list,
		     struct err *e)
{
	struct vdpa_sysfs_dev *items;
	const struct dirent *entry;
	struct err why = { 0 };
	int r;

	while ((entry = readdir(d))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		items = reallocarray(list->items, list->n + 1, sizeof(*items));
		if (!items)
			return err_nomem(e);
		list->items = items;
		/* One that vanishes meanwhile is no failure of the list. */
		r = vdpa_sysfs_get(at, entry->d_name, &items[list->n], &why);
		if (r && r != -ENODEV)
			return err_pass(e, &why);
		list->n += !r;
	}
	return 0;
}

int vdpa_sysfs_list(const struct host_roots *roots, struct vdpa_sysfs_list *out, struct err *e)
{
	const struct host_roots *at = host_roots_or_default(roots);
	_closedir_ DIR *d = NULL;
	char path[PATH_MAX];
	int r;

	*out = (struct vdpa_sysfs_list){ 0 };
	snprintf(path, sizeof(path), "%s/bus/vdpa/devices", at->sys);
	d = opendir(path);
	if (!d && errno == ENOENT)
		return 0;
	if (!d)
		return err_errno(e, -errno, "cannot open '%s'", path);
	r = read_list(at, d, out, e);
	if (r)
		vdpa_sysfs_list_clear(out);
	else if (out->n)
		qsort(out->items, out->n, sizeof(*out->items), by_name);
	return r;
}

void vdpa_sysfs_list_clear(struct vdpa_sysfs_list *list)
{
	free(list->items);
	*list = (struct vdpa_sysfs_list){ 0 };
}

int vdpa_sysfs_by_number(const struct host_roots *roots, dev_t rdev, struct vdpa_sysfs_dev *out)
{
	const struct host_roots *at = host_roots_or_default(roots);
	char path[PATH_MAX], real[VDPA_PATH_MAX];
	char *slash;

	snprintf(path, sizeof(path), "%s/dev/char/%u:%u", at->sys, major(rdev), minor(rdev));
	if (link_folder(at, path, real, sizeof(real)))
		return -ENODEV;
	/* .../NAME/vhost-vdpa-N */
	slash = strrchr(real, '/');
	if (!slash || !number_of_node(slash + 1))
		return -ENODEV;
	*slash = '\0';
	slash = strrchr(real, '/');
	return slash ? vdpa_sysfs_get(at, slash + 1, out, NULL) : -ENODEV;
}

int vdpa_sysfs_by_node(const struct host_roots *roots, const char *node, struct vdpa_sysfs_dev *out,
		       struct err *e)
{
	struct stat st;

	if (stat(node, &st) < 0)
		return err_errno(e, -errno, "'%s'", node);
	if (S_ISCHR(st.st_mode) && vdpa_sysfs_by_number(roots, st.st_rdev, out) == 0)
		return 0;
	err_set(e, -ENODEV, "'%s' is not the node of a vhost-vdpa device", node);
	err_hint(e, "'vdpactl dev show' lists devices with their nodes");
	return -ENODEV;
}

int vdpa_sysfs_node(const struct host_roots *roots, const char *name, char *node, struct err *e)
{
	struct vdpa_sysfs_dev dev;
	int r = vdpa_sysfs_get(roots, name, &dev, e);

	if (r)
		return r;
	if (dev.node[0]) {
		snprintf(node, VDPA_NODE_MAX, "%s", dev.node);
		return 0;
	}
	if (dev.driver[0])
		err_set(e, -ENXIO, "vDPA device '%s' is bound to %s and has no character device",
			name, dev.driver);
	else
		err_set(e, -ENXIO, "vDPA device '%s' is bound to no driver", name);
	err_hint(e, "'vdpactl module load vhost_vdpa', then 'vdpactl dev bind %s vhost_vdpa'",
		 name);
	return -ENXIO;
}

int vdpa_sysfs_driver(const struct host_roots *roots, const char *bus, const char *name,
		      char *driver, size_t size)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/bus/%s/devices/%s/driver",
		 host_roots_or_default(roots)->sys, bus, name);
	return link_name(path, driver, size);
}

enum vdpa_memory_kind vdpa_sysfs_memory_kind(const struct host_roots *roots,
					     const struct vdpa_sysfs_dev *dev)
{
	const struct host_roots *at = host_roots_or_default(roots);
	size_t n = strlen(at->sys);
	char path[PATH_MAX], word[8];

	if (strstr(dev->path, "/vduse/"))
		return VDPA_MEMORY_VA;
	/* A simulated device hangs directly below /sys/devices. */
	if (strncmp(dev->path, at->sys, n) != 0 || strncmp(dev->path + n, "/devices/", 9) != 0 ||
	    strchr(dev->path + n + 9, '/'))
		return VDPA_MEMORY_PINNED;
	snprintf(path, sizeof(path), "%s/module/vdpa_sim/parameters/use_va", at->sys);
	if (file_read_line(path, word, sizeof(word), NULL) == 0 && word[0] == 'Y')
		return VDPA_MEMORY_VA;
	return VDPA_MEMORY_PINNED;
}
