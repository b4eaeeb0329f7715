/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The nodes of all vDPA devices by two listings, where a look at each would cost a system call. */
#pragma once

#include "base/roots.h"
#include "base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A link in a folder of sysfs. */
struct vdpa_link {
	uint64_t ino;
	size_t name; /* where in `names`: the device's, or the number of a node */
};

struct vdpa_links {
	struct vdpa_link *items; /* owned */
	size_t n;
};

struct vdpa_nodes {
	struct vdpa_links devices; /* that vhost_vdpa has, the first that was bound first */
	struct vdpa_links nodes;   /* theirs, in the same order */
	struct strbuf names;
	size_t next; /* the device that is probably asked for next */
};

#define _vdpa_nodes_ _cleanup_(vdpa_nodes_clear)

/*
 * Which node is whose, by nothing but inode numbers, which sysfs gives out in order (kernfs
 * __kernfs_new_node): binding a device makes the driver's link to it (driver_sysfs_add), then one
 * to its node (vhost_vdpa_probe, device_create_sys_dev_entry). Where both sorts, sorted, take
 * turns, each node is that of the device before it: all earlier devices have theirs. Sorts both.
 * False where they do not take turns, as while a device comes or goes.
 */
bool vdpa_nodes_pair(struct vdpa_links *devices, struct vdpa_links *nodes);

/* Reads them; `number` is the major of the nodes. `out` is empty where it cannot be told so. */
void vdpa_nodes_read(const struct host_roots *roots, unsigned int number, struct vdpa_nodes *out);

/* The number N of a device's node vhost-vdpa-N, borrowed; NULL says nothing of it. Cheapest in the
 * order in which devices were bound. */
const char *vdpa_nodes_find(struct vdpa_nodes *nodes, const char *device);

void vdpa_nodes_clear(struct vdpa_nodes *nodes);
