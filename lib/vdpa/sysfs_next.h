/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many vDPA devices in sysfs, one after the other, with one system call for most. */
#pragma once

#include "vdpa/sysfs.h"

/*
 * Where the next device probably is: beside the last one, with the next node number. The kernel
 * gives out the lowest free number (vhost_vdpa_probe), so that devices that were made one after the
 * other have one number after the other. Starts zeroed: the first is looked for where the
 * simulators' are.
 */
struct vdpa_next {
	char *parent;        /* folder that the last device is in, owned; NULL before the first */
	int folder;          /* the same, open */
	unsigned int number; /* major; 0: not known */
	unsigned int node;   /* minor */
};

#define _vdpa_next_ _cleanup_(vdpa_next_close)

/* Is the device there, bound to vhost_vdpa? Then fills name, path, driver, node and rdev (0: not
 * known) of `dev`; false says nothing of it. */
bool vdpa_next_find(struct vdpa_next *next, const struct host_roots *roots, const char *name,
		    struct vdpa_sysfs_dev *dev);

/* vdpa_sysfs_get for what is not there: the next one is looked for beside it. */
int vdpa_next_look(struct vdpa_next *next, const struct host_roots *roots, const char *name,
		   struct vdpa_sysfs_dev *dev, struct err *e);

void vdpa_next_close(struct vdpa_next *next);
