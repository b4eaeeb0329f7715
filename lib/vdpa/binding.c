/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which driver has a vDPA device, whether it is in use, and moving it to another driver. */
#include "base/file.h"
#include "vdpa/holder.h"
#include "vdpa/sysfs.h"

#include <errno.h>
#include <fcntl.h>
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

int vdpa_sysfs_check_free(const struct host_roots *roots, const struct vdpa_sysfs_dev *dev,
			  struct err *e)
{
	_close_ int fd = -1;

	if (!dev->node[0])
		return 0;
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

int vdpa_sysfs_bind(const struct host_roots *roots, const char *name, const char *driver,
		    struct err *e)
{
	const struct host_roots *at = host_roots_or_default(roots);
	struct vdpa_sysfs_dev dev;
	int r = vdpa_sysfs_get(at, name, &dev, e);

	if (!r && driver)
		r = check_driver(at, driver, e);
	if (r || strcmp(dev.driver, driver ? driver : "") == 0)
		return r;
	r = vdpa_sysfs_check_free(at, &dev, e);
	if (!r)
		r = let_go(at, &dev, driver, e);
	if (!r && driver)
		r = write_attribute(at, "bus/vdpa", "drivers_probe", name, e);
	if (r)
		return r;
	r = vdpa_sysfs_get(at, name, &dev, e);
	if (r || strcmp(dev.driver, driver ? driver : "") == 0)
		return r;
	err_set(e, -ENODEV, "driver %s did not take vDPA device '%s'", driver ? driver : "(none)",
		name);
	err_hint(e, "the kernel log tells why");
	return -ENODEV;
}
