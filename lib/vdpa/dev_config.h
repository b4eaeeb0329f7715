/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The virtio configuration of a vDPA device as generic netlink shows it. */
#pragma once

#include "vdpa/netlink.h"

struct vdpa_net_config {
	uint8_t mac[6];
	uint16_t mtu, max_vqp;
	uint16_t status; /* virtio-net status: bit 0 link up, bit 1 announce */
};

struct vdpa_blk_config {
	uint64_t capacity; /* sectors of 512 bytes */
	uint32_t size_max, blk_size, seg_max;
	uint16_t num_queues;
	uint8_t phy_blk_exp, align_offset;
	uint16_t min_io_size;
	uint32_t opt_io_size;
	uint32_t max_discard_sec, max_discard_seg, discard_sec_align;
	uint32_t max_write_zeroes_sec, max_write_zeroes_seg;
	bool read_only, flush;
};

/* `present` tells which values the kernel sent, by enum vdpa_attr. */
struct vdpa_dev_config {
	char *name; /* owned */
	uint32_t id;
	uint64_t present;
	uint64_t features;   /* offered */
	uint64_t negotiated; /* only while a driver has set FEATURES_OK: someone is using the device
			      */
	struct vdpa_net_config net;
	struct vdpa_blk_config blk;
};

#define _vdpa_dev_config_ _cleanup_(vdpa_dev_config_clear)

/*
 * Fills `out` (uninitialised before). For all devices call it for each name of vdpa_dev_list: the
 * kernel's dump ends silently at the first device of another class. -EOPNOTSUPP: a class without a
 * configuration in netlink; -ENODEV: no such device.
 */
int vdpa_dev_config_get(struct vdpa_nl *nl, const char *name, struct vdpa_dev_config *out,
			struct err *e);

/* Is it a network device that was made without an address? Linux cannot bring its interface up. */
bool vdpa_dev_lacks_address(struct vdpa_nl *nl, const char *name);

void vdpa_dev_config_clear(struct vdpa_dev_config *config);
