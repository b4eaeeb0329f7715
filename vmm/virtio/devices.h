/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The virtio devices that a machine can be given. */
#pragma once

#include "config/vm_config.h"
#include "console_backend.h"
#include "virtio/virtio.h"

/* What every device gets from its machine; both borrowed. */
struct virtio_host {
	struct dma_space *dma; /* of this device; with translation when it is behind the IOMMU */
	struct event_loop *loop;
};

/*
 * Each constructor makes one device from its configuration (whose `pci.id` is set), main thread.
 * The device is the caller's until a transport takes it over; virtio_device_destroy() releases it
 * before that.
 */
int virtio_rng_create(const struct rng_config *config, const struct virtio_host *host,
		      struct virtio_device **out, struct err *e);

/* `backend` is borrowed and outlives the device. */
int virtio_console_create(const struct console_config *config, struct console_backend *backend,
			  const struct virtio_host *host, struct virtio_device **out,
			  struct err *e);

/* Opens and locks the image. */
int virtio_blk_create(const struct disk_config *config, const struct virtio_host *host,
		      struct virtio_device **out, struct err *e);

/*
 * Opens the vhost-vdpa character device by path=, device= or fd= (of which it makes a copy). Guest
 * RAM is mapped into the device here, unless it is behind the IOMMU.
 */
int virtio_vdpa_create(const struct vdpa_config *config, const struct virtio_host *host,
		       struct virtio_device **out, struct err *e);

/* Before a transport took the device; NULL is fine. */
void virtio_device_destroy(struct virtio_device *dev);
