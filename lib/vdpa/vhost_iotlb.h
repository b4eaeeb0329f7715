/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory that a vhost-vdpa device may reach: IOTLB messages, and why they fail. */
#pragma once

#include "vdpa/vhost_vdpa.h"

/*
 * Maps [uaddr, uaddr + size) of this process at `iova`; it must be shared memory, since devices
 * that go by virtual address see nothing else and say nothing. The kernel answers EFAULT to every
 * mistake; the error tells the real one: range outside the device's (-ERANGE), overlap with a
 * present mapping (-EEXIST), locked-memory limit (-ENOMEM), no owner (-EPERM), else -EFAULT with
 * what remains.
 */
int vhost_vdpa_map(struct vhost_vdpa *v, const struct vhost_vdpa_map *map, struct err *e);

/* Removes a mapping; iova and size must be those it was made with. */
int vhost_vdpa_unmap(struct vhost_vdpa *v, uint64_t iova, uint64_t size, struct err *e);

/* Around many maps and unmaps: the device sees them at the end, once. Does nothing where the device
 * knows no batches. */
int vhost_vdpa_batch_begin(const struct vhost_vdpa *v, struct err *e);
int vhost_vdpa_batch_end(const struct vhost_vdpa *v, struct err *e);

/*
 * To be called after each reset (status 0): where the device forgets its mappings at reset
 * (IOTLB_PERSIST not acknowledged) all are removed and made again; otherwise it does nothing.
 */
int vhost_vdpa_renew_maps(struct vhost_vdpa *v, struct err *e);
