/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vDPA devices in sysfs: name to character device and back, drivers, binding. */
#pragma once

#include "base/err.h"
#include "base/roots.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum {
	VDPA_NODE_MAX = 64,
	VDPA_PATH_MAX = PATH_MAX,
	VDPA_DRIVER_MAX = 32,
};

#define VDPA_DRIVER_VHOST  "vhost_vdpa"
#define VDPA_DRIVER_VIRTIO "virtio_vdpa"
/* What the kernel calls a node, before its number. */
#define VDPA_NODE_PREFIX "vhost-vdpa-"

struct vdpa_sysfs_dev {
	char name[VDPA_PATH_MAX];     /* others may have given it any */
	char path[VDPA_PATH_MAX];     /* the device's own folder under /sys/devices */
	char driver[VDPA_DRIVER_MAX]; /* "" when bound to none */
	char node[VDPA_NODE_MAX];     /* /dev/vhost-vdpa-N; "" unless bound to vhost_vdpa */
	dev_t rdev;                   /* of the node, as the kernel says */
	bool node_exists;             /* the file `node` is there and is device `rdev` */
	uid_t uid;                    /* of the file; valid with node_exists */
	gid_t gid;
	mode_t mode;
};

struct vdpa_sysfs_list {
	struct vdpa_sysfs_dev *items; /* owned, sorted by name */
	size_t n;
};

#define _vdpa_sysfs_list_ _cleanup_(vdpa_sysfs_list_clear)

/* -ENODEV: no such device (or the module vdpa is not loaded); another error: it cannot be told. */
int vdpa_sysfs_get(const struct host_roots *roots, const char *name, struct vdpa_sysfs_dev *out,
		   struct err *e);

/* The folder vhost-vdpa-N in that of a bound device names its node; "" where there is none. `node`
 * of VDPA_NODE_MAX bytes. A negative errno: it cannot be told. */
int vdpa_sysfs_node_in(const struct host_roots *at, const char *folder, char *node);

/* /dev/vhost-vdpa-NUMBER, of VDPA_NODE_MAX bytes; false where there is no room. */
bool vdpa_sysfs_node_path(const struct host_roots *roots, const char *number, char *node);

/* All of them; an empty list without the module. */
int vdpa_sysfs_list(const struct host_roots *roots, struct vdpa_sysfs_list *out, struct err *e);
void vdpa_sysfs_list_clear(struct vdpa_sysfs_list *list);

/* The device behind a character device file, whatever the file is called. -ENODEV: the file is no
 * vhost-vdpa node, or its device is gone. */
int vdpa_sysfs_by_node(const struct host_roots *roots, const char *node, struct vdpa_sysfs_dev *out,
		       struct err *e);

/* The same by device number; -ENODEV without words. */
int vdpa_sysfs_by_number(const struct host_roots *roots, dev_t rdev, struct vdpa_sysfs_dev *out);

/* The node of device `name`, as vdpa_sysfs_get, with an error that says what to do when there is
 * none (bound to virtio_vdpa, to nothing, vhost_vdpa not loaded). `node` of VDPA_NODE_MAX bytes. */
int vdpa_sysfs_node(const struct host_roots *roots, const char *name, char *node, struct err *e);

/* Name of the driver of device `name` on `bus` ("pci"); "" for none, and for no such device. */
int vdpa_sysfs_driver(const struct host_roots *roots, const char *bus, const char *name,
		      char *driver, size_t size);

/* What a management device or parent demands of guest memory. */
enum vdpa_memory_kind {
	VDPA_MEMORY_PINNED, /* pinned and charged to RLIMIT_MEMLOCK, once for each device */
	VDPA_MEMORY_VA,     /* by virtual address: must be shared memory, nothing is pinned */
};

/* By the parent: simulator (its parameter use_va), vduse, or hardware. Netlink does not tell. */
enum vdpa_memory_kind vdpa_sysfs_memory_kind(const struct host_roots *roots,
					     const struct vdpa_sysfs_dev *dev);

/* Is the node open in some process? It is tried by opening it, which resets an idle device. One
 * that virtio_vdpa has is in use while its disk is claimed (mounted) or its interface up. -EBUSY
 * with the holder named, 0 free, else why it cannot be told. */
int vdpa_sysfs_check_free(const struct host_roots *roots, const struct vdpa_sysfs_dev *dev,
			  struct err *e);

/* Records that the node is open elsewhere, naming who has it open; returns -EBUSY. */
int vdpa_sysfs_busy(const struct host_roots *roots, const struct vdpa_sysfs_dev *dev,
		    struct err *e);

/*
 * Moves a device to `driver` (NULL: to none): refuses while the node is open (unbinding would hang
 * until the holder exits), sets driver_override so that no other driver takes it, unbinds, probes,
 * verifies; where that fails, gives it back to the driver that had it. Bound there already: 0,
 * nothing done.
 */
int vdpa_sysfs_bind(const struct host_roots *roots, const char *name, const char *driver,
		    struct err *e);
