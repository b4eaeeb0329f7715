/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vendor statistics of one virtqueue of a vDPA device. */
#pragma once

#include "vdpa/netlink.h"

struct vdpa_stat {
	char *name; /* owned; a foreign string: data, never a format */
	uint64_t value;
};

struct vdpa_queue_stats {
	uint32_t id, queue_index;
	uint64_t negotiated;
	uint16_t max_vqp;
	struct vdpa_stat *items; /* owned */
	size_t n;
};

#define _vdpa_queue_stats_ _cleanup_(vdpa_queue_stats_clear)

/*
 * Fills `out` (uninitialised before). Needs CAP_NET_ADMIN. -EAGAIN: no driver has negotiated
 * features yet; -EOPNOTSUPP: the device keeps none (block); -EINVAL: no such queue.
 */
int vdpa_queue_stats_get(struct vdpa_nl *nl, const char *name, uint32_t queue_index,
			 struct vdpa_queue_stats *out, struct err *e);

void vdpa_queue_stats_clear(struct vdpa_queue_stats *stats);

/*
 * What queue `index` of a device of class `id` is ("rx", "tx", "ctrl", "request"), from the
 * features in effect and the number of data queue pairs (0: 1). For net the control queue is the
 * last one.
 */
const char *vdpa_queue_label(uint32_t id, uint64_t features, uint16_t max_vqp, uint32_t index);
