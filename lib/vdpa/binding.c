/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which driver has a vDPA device, whether it is in use, and moving it to another driver. */
#include "base/file.h"
#include "base/parse.h"
#include "vdpa/holder.h"
#include "vdpa/sysfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <string.h>
#include <unistd.h>

int vdpa_sysfs_busy(const struct host_roots *roots, const struct vdpa_sysfs_dev *dev, struct err *e)
{
	_holder_list_ struct holder_list list = { 0 };
	char who[256];

	holder_find(roots, dev->rdev, &list, NULL);
	holder_describe(&list, who, sizeof(who));
	err_set(e, -EBUSY, "vDPA device '%s' (%s) is in use by %s", dev->name, dev->node, who);
	if (list.n)
		err_hint(e, "stop it first, for example 'vdpactl vm stop' or 'kill %d'",
			 (int)list.items[0].pid);
	return -EBUSY;
}

static int cannot_tell(const struct vdpa_sysfs_dev *dev, int code, struct err *e)
{
	err_errno(e, code, "vDPA device '%s': cannot tell whether it is in use: '%s'", dev->name,
		  dev->node);
	if (code == -EACCES || code == -EPERM)
		err_hint(e, "run it as root");
	return code;
}

/* An exclusive opening fails while it, or a partition of it, is mounted or part of something. */
static bool disk_is_used(const struct host_roots *at, const char *disk)
{
	_close_ int fd = -1;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", at->dev, disk);
	fd = open(path, O_RDONLY | O_EXCL | O_NONBLOCK | O_CLOEXEC);
	return fd < 0 && errno == EBUSY;
}

/* Flags of an interface, as in "0x1003" (IFF_UP is the lowest). */
static bool interface_is_up(const char *folder, const char *name)
{
	char path[PATH_MAX * 2], word[24];
	uint64_t flags;

	snprintf(path, sizeof(path), "%s/%s/flags", folder, name);
	return !file_read_line(path, word, sizeof(word), NULL) &&
	       !parse_uint_or_hex(word, 0, UINT32_MAX, &flags, NULL) && flags & IFF_UP;
}

/* The first entry of a folder, "" where there is none. */
static void first_entry(const char *folder, const char *prefix, char *name, size_t size)
{
	_closedir_ DIR *d = opendir(folder);
	const struct dirent *entry;

	*name = '\0';
	while (d && !*name && (entry = readdir(d)))
		if (entry->d_name[0] != '.' && !strncmp(entry->d_name, prefix, strlen(prefix)))
			snprintf(name, size, "%s", entry->d_name);
}

/* What virtio_vdpa made of it for this host itself. */
static int check_host_use(const struct host_roots *at, const struct vdpa_sysfs_dev *dev,
			  struct err *e)
{
	char virtio[NAME_MAX + 1], name[NAME_MAX + 1], folder[PATH_MAX + NAME_MAX + 16];

	first_entry(dev->path, "virtio", virtio, sizeof(virtio));
	if (!*virtio)
		return 0;
	snprintf(folder, sizeof(folder), "%s/%s/block", dev->path, virtio);
	first_entry(folder, "", name, sizeof(name));
	if (*name && disk_is_used(at, name)) {
		err_set(e, -EBUSY, "vDPA device '%s' is this host's disk '%s/%s', which is in use",
			dev->name, at->dev, name);
		return err_hint(e, "unmount it, or take it out of what it is part of, first");
	}
	snprintf(folder, sizeof(folder), "%s/%s/net", dev->path, virtio);
	first_entry(folder, "", name, sizeof(name));
	if (*name && interface_is_up(folder, name)) {
		err_set(e, -EBUSY, "vDPA device '%s' is this host's interface '%s', which is up",
			dev->name, name);
		return err_hint(e, "'ip link set %s down' first", name);
	}
	return 0;
}

int vdpa_sysfs_check_free(const struct host_roots *roots, const struct vdpa_sysfs_dev *dev,
			  struct err *e)
{
	_close_ int fd = -1;

	if (!dev->node[0])
		return check_host_use(host_roots_or_default(roots), dev, e);
	/* The only test there is. The descriptor is closed at once: a deletion would wait for us.
	 */
	fd = open(dev->node, O_RDWR | O_CLOEXEC);
	if (fd >= 0)
		return 0;
	switch (errno) {
	case EBUSY:
		return vdpa_sysfs_busy(roots, dev, e);
	case ENXIO:
		err_set(e, -EBUSY, "vDPA device '%s' is being deleted", dev->name);
		err_hint(e, "the deletion ends when the process that has %s open closes it",
			 dev->node);
		return -EBUSY;
	case ENOENT:
		/* No file: a device number can still be open, but nobody can be asked. */
		return err_set(e, -ENOENT, "vDPA device '%s': its node '%s' is missing", dev->name,
			       dev->node);
	case ENODEV:
	case 524: /* ENOTSUPP of the kernel: a parent without an IOMMU cannot be opened by anyone */
		return 0;
	default:
		return cannot_tell(dev, -errno, e);
	}
}

static int write_attribute(const struct host_roots *at, const char *where, const char *file,
			   const char *text, struct err *e)
{
	char path[PATH_MAX * 2];

	if (where[0] == '/')
		snprintf(path, sizeof(path), "%s/%s", where, file);
	else
		snprintf(path, sizeof(path), "%s/%s/%s", at->sys, where, file);
	return file_write_existing(path, text, e);
}

static int check_driver(const struct host_roots *at, const char *driver, struct err *e)
{
	char path[PATH_MAX];

	if (!*driver || strchr(driver, '/') || driver[0] == '.' ||
	    strlen(driver) >= VDPA_DRIVER_MAX)
		return err_set(e, -EINVAL,
			       "'%s' is no driver name (" VDPA_DRIVER_VHOST ", " VDPA_DRIVER_VIRTIO
			       ")",
			       driver);
	snprintf(path, sizeof(path), "%s/bus/vdpa/drivers/%s", at->sys, driver);
	if (access(path, F_OK) == 0)
		return 0;
	err_set(e, -ENOENT, "no vDPA driver '%s' is loaded", driver);
	err_hint(e, "'vdpactl module load %s'", driver);
	return -ENOENT;
}

/* Lets go of the present driver; the override keeps others from taking the device. */
static int let_go(const struct host_roots *at, const struct vdpa_sysfs_dev *dev, const char *driver,
		  struct err *e)
{
	int r = write_attribute(at, dev->path, "driver_override", driver ? driver : "\n", e);

	if (r || !dev->driver[0])
		return r;
	return write_attribute(at, dev->path, "driver/unbind", dev->name, e);
}

/* What driver_override says, "\n" for nothing: as it is written. */
static void read_override(const struct vdpa_sysfs_dev *dev, char *text, size_t size)
{
	char path[PATH_MAX + 24];

	snprintf(path, sizeof(path), "%s/driver_override", dev->path);
	if (file_read_line(path, text, size, NULL) || !*text || !strcmp(text, "(null)"))
		snprintf(text, size, "\n");
}

static int move(const struct host_roots *at, const struct vdpa_sysfs_dev *dev, const char *driver,
		struct err *e)
{
	struct vdpa_sysfs_dev now;
	int r = let_go(at, dev, driver, e);

	if (!r && driver)
		r = write_attribute(at, "bus/vdpa", "drivers_probe", dev->name, e);
	if (!r)
		r = vdpa_sysfs_get(at, dev->name, &now, e);
	if (r || strcmp(now.driver, driver ? driver : "") == 0)
		return r;
	err_set(e, -ENODEV, "driver %s did not take vDPA device '%s'", driver ? driver : "(none)",
		dev->name);
	err_hint(e, "the kernel log tells why");
	return -ENODEV;
}

/* As far as it goes: the driver that had it may take it again. */
static void put_back(const struct host_roots *at, const struct vdpa_sysfs_dev *dev,
		     const char *override)
{
	(void)write_attribute(at, dev->path, "driver_override",
			      dev->driver[0] ? dev->driver : override, NULL);
	if (dev->driver[0])
		(void)write_attribute(at, "bus/vdpa", "drivers_probe", dev->name, NULL);
	(void)write_attribute(at, dev->path, "driver_override", override, NULL);
}

int vdpa_sysfs_bind(const struct host_roots *roots, const char *name, const char *driver,
		    struct err *e)
{
	const struct host_roots *at = host_roots_or_default(roots);
	char override[VDPA_DRIVER_MAX];
	struct vdpa_sysfs_dev dev;
	int r = vdpa_sysfs_get(at, name, &dev, e);

	if (!r && driver)
		r = check_driver(at, driver, e);
	if (r || strcmp(dev.driver, driver ? driver : "") == 0)
		return r;
	r = vdpa_sysfs_check_free(at, &dev, e);
	if (r)
		return r;
	read_override(&dev, override, sizeof(override));
	r = move(at, &dev, driver, e);
	if (r)
		put_back(at, &dev, override);
	return r;
}
