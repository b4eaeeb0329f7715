/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The common configuration structure of virtio-pci (virtio 1.2, 4.1.4.3), one row a register. */
#include "base/checked.h"
#include "virtio/virtio_pci_internal.h"

#include <linux/virtio_pci.h>

/* The selected queue; NULL when the guest selected one that does not exist. */
static struct virtqueue *selected(struct virtio_pci *vpci)
{
	struct virtio_device *dev = vpci->dev;

	return vpci->queue_select < dev->n_queues ? &dev->queues[vpci->queue_select] : NULL;
}

/* The queue whose setting the driver may still change; NULL when it is too late or too early. */
static struct virtqueue *changeable(struct virtio_pci *vpci)
{
	struct virtqueue *vq = selected(vpci);

	if (!vq || vq->enabled || vpci->dev->status & VIRTIO_STATUS_DRIVER_OK)
		return NULL;
	return vq;
}

static uint32_t read_device_feature(struct virtio_pci *vpci)
{
	if (vpci->device_feature_select > 1)
		return 0;
	return (uint32_t)(vpci->dev->offered >> 32 * vpci->device_feature_select);
}

static uint32_t read_driver_feature(struct virtio_pci *vpci)
{
	if (vpci->driver_feature_select > 1)
		return 0;
	return (uint32_t)(vpci->dev->acked >> 32 * vpci->driver_feature_select);
}

static void write_driver_feature(struct virtio_pci *vpci, uint32_t v)
{
	struct virtio_device *dev = vpci->dev;
	unsigned int shift = 32 * vpci->driver_feature_select;

	if (vpci->driver_feature_select > 1 || dev->status & VIRTIO_STATUS_FEATURES_OK)
		return;
	dev->acked = (dev->acked & ~(UINT64_C(0xffffffff) << shift)) | (uint64_t)v << shift;
}

static uint32_t read_device_feature_select(struct virtio_pci *vpci)
{
	return vpci->device_feature_select;
}

static void write_device_feature_select(struct virtio_pci *vpci, uint32_t v)
{
	vpci->device_feature_select = v;
}

static uint32_t read_driver_feature_select(struct virtio_pci *vpci)
{
	return vpci->driver_feature_select;
}

static void write_driver_feature_select(struct virtio_pci *vpci, uint32_t v)
{
	vpci->driver_feature_select = v;
}

static uint16_t checked_vector(struct virtio_pci *vpci, uint32_t v)
{
	return v < vpci->fn.msix.n_vectors ? (uint16_t)v : VIRTIO_NO_VECTOR;
}

static uint32_t read_config_vector(struct virtio_pci *vpci)
{
	return vpci->config_vector;
}

static void write_config_vector(struct virtio_pci *vpci, uint32_t v)
{
	vpci->config_vector = checked_vector(vpci, v);
}

static uint32_t read_num_queues(struct virtio_pci *vpci)
{
	return vpci->dev->n_queues;
}

static uint32_t read_status(struct virtio_pci *vpci)
{
	return vpci->dev->status;
}

static void write_status(struct virtio_pci *vpci, uint32_t v)
{
	virtio_pci_write_status(vpci, (uint8_t)v);
}

static uint32_t read_generation(struct virtio_pci *vpci)
{
	return vpci->config_generation;
}

static uint32_t read_queue_select(struct virtio_pci *vpci)
{
	return vpci->queue_select;
}

static void write_queue_select(struct virtio_pci *vpci, uint32_t v)
{
	vpci->queue_select = (uint16_t)v;
}

/* A queue that does not exist has size 0. */
static uint32_t read_queue_size(struct virtio_pci *vpci)
{
	struct virtqueue *vq = selected(vpci);

	return vq ? vq->size : 0;
}

static void write_queue_size(struct virtio_pci *vpci, uint32_t v)
{
	struct virtqueue *vq = changeable(vpci);

	if (vq && is_power_of_2(v) && v <= vq->max_size)
		vq->size = (uint16_t)v;
}

static uint32_t read_queue_vector(struct virtio_pci *vpci)
{
	struct virtqueue *vq = selected(vpci);

	return vq ? vq->vector : VIRTIO_NO_VECTOR;
}

static void write_queue_vector(struct virtio_pci *vpci, uint32_t v)
{
	struct virtqueue *vq = selected(vpci);

	if (vq)
		vq->vector = checked_vector(vpci, v);
}

static uint32_t read_queue_enable(struct virtio_pci *vpci)
{
	struct virtqueue *vq = selected(vpci);

	return vq && vq->enabled;
}

/* Where the rings lie is checked at activation, when the device can answer with NEEDS_RESET. */
static void write_queue_enable(struct virtio_pci *vpci, uint32_t v)
{
	struct virtqueue *vq = changeable(vpci);

	if (vq && v == 1 && vpci->dev->status & VIRTIO_STATUS_FEATURES_OK)
		vq->enabled = true;
}

static uint32_t read_queue_notify_offset(struct virtio_pci *vpci)
{
	return selected(vpci) ? vpci->queue_select : 0;
}

static uint64_t *ring_address(struct virtqueue *vq, unsigned int offset)
{
	if (offset >= VIRTIO_PCI_COMMON_Q_USEDLO)
		return &vq->used;
	return offset >= VIRTIO_PCI_COMMON_Q_AVAILLO ? &vq->avail : &vq->desc;
}

static uint64_t read_ring_address(struct virtio_pci *vpci, unsigned int offset)
{
	struct virtqueue *vq = selected(vpci);

	return vq ? (uint32_t)(*ring_address(vq, offset) >> (offset & 4) * 8) : 0;
}

static void write_ring_address(struct virtio_pci *vpci, unsigned int offset, uint32_t v)
{
	struct virtqueue *vq = changeable(vpci);
	unsigned int shift = (offset & 4) * 8;
	uint64_t *address;

	if (!vq)
		return;
	address = ring_address(vq, offset);
	*address = (*address & ~(UINT64_C(0xffffffff) << shift)) | (uint64_t)v << shift;
}

static const struct {
	uint8_t offset, size;
	uint32_t (*read)(struct virtio_pci *vpci);
	void (*write)(struct virtio_pci *vpci, uint32_t v); /* NULL: read-only */
} registers[] = {
	{ .offset = VIRTIO_PCI_COMMON_DFSELECT,
	  .size = 4,
	  .read = read_device_feature_select,
	  .write = write_device_feature_select },
	{ .offset = VIRTIO_PCI_COMMON_DF, .size = 4, .read = read_device_feature },
	{ .offset = VIRTIO_PCI_COMMON_GFSELECT,
	  .size = 4,
	  .read = read_driver_feature_select,
	  .write = write_driver_feature_select },
	{ .offset = VIRTIO_PCI_COMMON_GF,
	  .size = 4,
	  .read = read_driver_feature,
	  .write = write_driver_feature },
	{ .offset = VIRTIO_PCI_COMMON_MSIX,
	  .size = 2,
	  .read = read_config_vector,
	  .write = write_config_vector },
	{ .offset = VIRTIO_PCI_COMMON_NUMQ, .size = 2, .read = read_num_queues },
	{ .offset = VIRTIO_PCI_COMMON_STATUS,
	  .size = 1,
	  .read = read_status,
	  .write = write_status },
	{ .offset = VIRTIO_PCI_COMMON_CFGGENERATION, .size = 1, .read = read_generation },
	{ .offset = VIRTIO_PCI_COMMON_Q_SELECT,
	  .size = 2,
	  .read = read_queue_select,
	  .write = write_queue_select },
	{ .offset = VIRTIO_PCI_COMMON_Q_SIZE,
	  .size = 2,
	  .read = read_queue_size,
	  .write = write_queue_size },
	{ .offset = VIRTIO_PCI_COMMON_Q_MSIX,
	  .size = 2,
	  .read = read_queue_vector,
	  .write = write_queue_vector },
	{ .offset = VIRTIO_PCI_COMMON_Q_ENABLE,
	  .size = 2,
	  .read = read_queue_enable,
	  .write = write_queue_enable },
	{ .offset = VIRTIO_PCI_COMMON_Q_NOFF, .size = 2, .read = read_queue_notify_offset },
};

/* The three ring addresses: 64-bit fields that are written in halves. */
static bool is_ring_address(uint64_t offset, unsigned int size)
{
	return size == 4 && offset % 4 == 0 && offset >= VIRTIO_PCI_COMMON_Q_DESCLO &&
	       offset <= VIRTIO_PCI_COMMON_Q_USEDHI;
}

uint64_t virtio_pci_common_read(struct virtio_pci *vpci, uint64_t offset, unsigned int size)
{
	if (is_ring_address(offset, size))
		return read_ring_address(vpci, (unsigned int)offset);
	for (size_t i = 0; i < ARRAY_SIZE(registers); i++)
		if (registers[i].offset == offset && registers[i].size == size)
			return registers[i].read(vpci);
	return 0;
}

void virtio_pci_common_write(struct virtio_pci *vpci, uint64_t offset, unsigned int size,
			     uint64_t value)
{
	if (is_ring_address(offset, size)) {
		write_ring_address(vpci, (unsigned int)offset, (uint32_t)value);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(registers); i++) {
		if (registers[i].offset != offset || registers[i].size != size)
			continue;
		if (registers[i].write)
			registers[i].write(vpci, (uint32_t)value);
		return;
	}
}
