/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deleting a vDPA device without ever hanging the caller or the host's generic netlink. */
#include "vdpa/dev.h"

#include "vdpa/holder.h"
#include "vdpa/nl_deleter.h"
#include "vdpa/sysfs.h"

#include <errno.h>
#include <string.h>

static int stuck(const struct host_roots *roots, const struct vdpa_sysfs_dev *dev,
		 unsigned int timeout_ms, struct err *e)
{
	_holder_list_ struct holder_list list = { 0 };
	char who[256] = "the process that has it open";

	if (dev->rdev && holder_find(roots, dev->rdev, &list, NULL) == 0 && list.n)
		holder_describe(&list, who, sizeof(who));
	err_set(e, -ETIMEDOUT,
		"%s: the kernel has not finished the deletion within %u ms; until it has, generic "
		"netlink of this host is blocked",
		dev->name, timeout_ms);
	err_hint(e, "stop %s: the deletion then completes by itself", who);
	return -ETIMEDOUT;
}

/* A pci driver that was given two devices by another tool removes the last one added. */
static int verify_gone(struct vdpa_nl *nl, const char *name, struct err *e)
{
	_vdpa_dev_ struct vdpa_dev dev = { 0 };
	int r = vdpa_dev_get(nl, name, &dev, NULL);

	if (r == -ENODEV)
		return 0;
	if (r)
		return err_errno(e, r, "%s: cannot verify that it is gone", name);
	err_set(e, -EIO, "%s: the kernel reported success but removed another device of '%s'", name,
		dev.mgmtdev ? dev.mgmtdev : "?");
	err_hint(e, "reload the driver of that management device before you go on");
	return -EIO;
}

int vdpa_dev_check_free(struct vdpa_nl *nl, const struct host_roots *roots, const char *name,
			struct vdpa_sysfs_dev *dev, struct err *e)
{
	struct vdpa_next *next = &nl->next;
	struct err why = { 0 };
	int r = 0;

	/* Its holders are told by its number. */
	if (!next->number || !vdpa_next_find(next, roots, name, dev))
		r = vdpa_next_look(next, roots, name, dev, e);
	if (r)
		return r;
	r = vdpa_sysfs_check_free(roots, dev, &why);
	/* Another has deleted it between the two looks. */
	if (r == -ENOENT && vdpa_sysfs_get(roots, name, dev, NULL) == -ENODEV)
		return vdpa_sysfs_get(roots, name, dev, e);
	return r ? err_pass(e, &why) : 0;
}

int vdpa_dev_del(struct vdpa_nl *nl, const struct host_roots *roots, const char *name,
		 unsigned int timeout_ms, struct err *e)
{
	struct vdpa_sysfs_dev dev;
	int r = vdpa_dev_check_free(nl, roots, name, &dev, e);

	if (!r)
		r = nl_deleter_run(nl, name, timeout_ms, e);
	if (r == -ETIMEDOUT)
		return stuck(roots, &dev, timeout_ms, e);
	if (!r && strstr(dev.path, "/pci"))
		r = verify_gone(nl, name, e);
	return r;
}
