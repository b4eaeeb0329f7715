/* SPDX-License-Identifier: GPL-3.0-or-later */
/* virtio-iommu (virtio 1.3, 5.13): the guest decides what the devices behind it may reach. */
#pragma once

#include "virtio/devices.h"

struct iommu_endpoint;

/* `address_bits` is the width of the IOVAs that devices may use (up to 64). */
int virtio_iommu_create(const char *id, unsigned int address_bits, const struct virtio_host *host,
			struct virtio_device **out, struct err *e);

/*
 * A place behind the IOMMU for a device that is about to be created: nothing is mapped until the
 * guest says so. Owned by the IOMMU and gone with it, unless it is removed before. Main thread, as
 * all here.
 */
int virtio_iommu_add_endpoint(struct virtio_device *iommu, struct iommu_endpoint **out,
			      struct err *e);

/* What the device is given as its memory. */
struct dma_space *iommu_endpoint_space(struct iommu_endpoint *endpoint);

/* Tells which device it became and under which number the guest knows it (as in the VIOT table):
 * segment << 16 | bus << 8 | slot << 3 | function. */
void iommu_endpoint_bind(struct iommu_endpoint *endpoint, uint32_t number,
			 struct virtio_device *dev);

/* The device goes away; its destructor has not run yet. NULL is fine. */
void virtio_iommu_remove_endpoint(struct iommu_endpoint *endpoint);
