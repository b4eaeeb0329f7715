/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Management devices: where vDPA devices can be created. */
#pragma once

#include "base/roots.h"
#include "vdpa/netlink.h"

/* Strings are owned. max_vqs and features are 0 where the driver does not say (vdpasim_blk). */
struct vdpa_mgmtdev {
	char *bus;    /* "pci", "auxiliary", ...; NULL for a simulator */
	char *name;   /* "vdpasim_blk", "0000:00:03.0" */
	char *handle; /* "BUS/NAME", or NAME without a bus: what operators type */
	uint64_t present;
	uint64_t classes; /* bit = virtio device id */
	uint64_t features;
	uint32_t max_vqs;
};

struct vdpa_mgmtdev_list {
	struct vdpa_mgmtdev *items; /* owned */
	size_t n;
};

#define _vdpa_mgmtdev_      _cleanup_(vdpa_mgmtdev_clear)
#define _vdpa_mgmtdev_list_ _cleanup_(vdpa_mgmtdev_list_clear)

/* Fill `out` (uninitialised before); -ENODEV for an unknown handle. */
int vdpa_mgmtdev_list(struct vdpa_nl *nl, struct vdpa_mgmtdev_list *out, struct err *e);
int vdpa_mgmtdev_get(struct vdpa_nl *nl, const char *handle, struct vdpa_mgmtdev *out,
		     struct err *e);

/* Whether a device can be given `param` (VDPA_ATTR_NET_MACADDR or VDPA_ATTR_NET_MTU) when it is
 * created there. By the driver, as the kernel does not tell; false for one that we do not know. */
bool vdpa_mgmtdev_takes(const struct host_roots *roots, const char *handle, enum vdpa_attr param);

void vdpa_mgmtdev_clear(struct vdpa_mgmtdev *m);
void vdpa_mgmtdev_list_clear(struct vdpa_mgmtdev_list *list);
