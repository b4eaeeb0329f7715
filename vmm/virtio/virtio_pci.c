/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The modern virtio-pci transport (virtio 1.2, 4.1): the PCI function around a virtio device. */
#include "virtio/virtio_pci.h"

#include "api/event_monitor.h"
#include "base/checked.h"
#include "log.h"
#include "virtio/virtio_pci_internal.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>

enum {
	PCI_VENDOR_VIRTIO = 0x1af4,
	PCI_DEVICE_VIRTIO = 0x1040, /* + virtio device id */
	ISR_QUEUE = 1,
	ISR_CONFIG = 2,
};

/* PCI class by virtio device id, as drivers and lspci expect them; others are "unclassified". */
static const struct {
	uint16_t type;
	uint32_t class_code;
} classes[] = {
	{ .type = 1, .class_code = 0x020000 },  /* net: ethernet */
	{ .type = 2, .class_code = 0x018000 },  /* block: mass storage, other */
	{ .type = 3, .class_code = 0x078000 },  /* console: communication, other */
	{ .type = 8, .class_code = 0x010000 },  /* SCSI host */
	{ .type = 23, .class_code = 0x080600 }, /* IOMMU */
};

static uint32_t class_of(uint16_t type)
{
	for (size_t i = 0; i < ARRAY_SIZE(classes); i++)
		if (classes[i].type == type)
			return classes[i].class_code;
	return 0xff0000;
}

static struct virtio_pci *of_device(struct virtio_device *dev)
{
	return dev->transport;
}

static void notify_vector(struct virtio_pci *vpci, uint16_t vector, uint8_t isr)
{
	if (vector == VIRTIO_NO_VECTOR)
		vpci->isr |= isr;
	else
		msix_notify(&vpci->fn.msix, vector);
}

static void notify_queue(struct virtio_device *dev, unsigned int queue)
{
	notify_vector(of_device(dev), dev->queues[queue].vector, ISR_QUEUE);
}

static void notify_config(struct virtio_device *dev)
{
	struct virtio_pci *vpci = of_device(dev);

	vpci->config_generation++;
	notify_vector(vpci, vpci->config_vector, ISR_CONFIG);
}

static int call_fd(struct virtio_device *dev, unsigned int queue, int *fd, struct err *e)
{
	uint16_t vector = dev->queues[queue].vector;
	int got;

	*fd = -1;
	if (vector == VIRTIO_NO_VECTOR)
		return 0;
	got = msix_eventfd(&of_device(dev)->fn.msix, vector, e);
	if (got < 0)
		return got;
	*fd = got;
	return 0;
}

static void serve_again(struct virtio_device *dev)
{
	eventfd_write(of_device(dev)->kick_fd, 1);
}

static void report(struct virtio_device *dev, const char *event)
{
	const struct machine *m = of_device(dev)->machine;
	bool is_vdpa = !strcmp(dev->kind, "vdpa");

	log_info("%s: %s", dev->id, event);
	if (m)
		event_monitor_emit(m->events, is_vdpa ? "vdpa" : "virtio-device", event, dev->id,
				   NULL);
}

static const struct virtio_transport_ops transport_ops = {
	.notify_queue = notify_queue,
	.notify_config = notify_config,
	.call_fd = call_fd,
	.serve_again = serve_again,
	.report = report,
};

/* How much of [offset, offset + size) the device's configuration covers. */
static uint32_t config_part(const struct virtio_device *dev, uint64_t offset, unsigned int size)
{
	if (offset >= dev->config_size)
		return 0;
	return dev->config_size - offset < size ? dev->config_size - (uint32_t)offset : size;
}

static uint64_t config_read(struct virtio_device *dev, uint64_t offset, unsigned int size)
{
	uint32_t len = config_part(dev, offset, size);
	uint64_t value = 0;

	if (len)
		dev->ops->config_read(dev, (uint32_t)offset, &value, len);
	return value;
}

static void config_write(struct virtio_device *dev, uint64_t offset, unsigned int size,
			 uint64_t value)
{
	uint32_t len = config_part(dev, offset, size);

	if (len && dev->ops->config_write)
		dev->ops->config_write(dev, (uint32_t)offset, &value, len);
}

uint64_t virtio_pci_bar_read(struct pci_function *fn, unsigned int bar, uint64_t offset,
			     unsigned int size)
{
	struct virtio_pci *vpci = to_virtio_pci(fn);
	uint64_t value = 0;

	VIRTIO_LOCKED(vpci->dev);
	if (bar != 0)
		return 0;
	if (range_within(offset, size, BAR_COMMON_SIZE)) {
		value = virtio_pci_common_read(vpci, offset, size);
	} else if (offset == BAR_ISR && size == 1) {
		/* Reading the ISR status acknowledges it (4.1.4.5). */
		value = vpci->isr;
		vpci->isr = 0;
	} else if (offset >= BAR_DEVICE && offset < BAR_DEVICE + BAR_DEVICE_SIZE) {
		value = config_read(vpci->dev, offset - BAR_DEVICE, size);
	}
	return value;
}

void virtio_pci_bar_write(struct pci_function *fn, unsigned int bar, uint64_t offset,
			  unsigned int size, uint64_t value)
{
	struct virtio_pci *vpci = to_virtio_pci(fn);
	uint64_t bells = (uint64_t)vpci->dev->n_queues * vpci->notify_stride;

	VIRTIO_LOCKED(vpci->dev);
	if (bar == PORTS_BAR)
		virtio_pci_notify_write(vpci, HOME_PORTS, offset);
	if (bar != 0)
		return;
	if (offset >= vpci->notify_offset && offset - vpci->notify_offset < bells)
		virtio_pci_notify_write(vpci, HOME_MEMORY, offset - vpci->notify_offset);
	else if (range_within(offset, size, BAR_COMMON_SIZE))
		virtio_pci_common_write(vpci, offset, size, value);
	else if (offset >= BAR_DEVICE && offset < BAR_DEVICE + BAR_DEVICE_SIZE)
		config_write(vpci->dev, offset - BAR_DEVICE, size, value);
}

static void bar_moved(struct pci_function *fn, unsigned int bar, uint64_t address, bool mapped)
{
	struct virtio_pci *vpci = to_virtio_pci(fn);

	VIRTIO_LOCKED(vpci->dev);
	enum virtio_pci_home home = bar == PORTS_BAR ? HOME_PORTS : HOME_MEMORY;

	vpci->homes[home].address = address + (bar == PORTS_BAR ? 0 : vpci->notify_offset);
	vpci->homes[home].mapped = mapped;
	virtio_pci_notify_update(vpci);
}

static void reset(struct pci_function *fn)
{
	struct virtio_pci *vpci = to_virtio_pci(fn);

	VIRTIO_LOCKED(vpci->dev);
	virtio_pci_reset_device(vpci);
}

static void destroy(struct pci_function *fn)
{
	struct virtio_pci *vpci = to_virtio_pci(fn);

	virtio_pci_notify_destroy(vpci);
	pci_function_fini(&vpci->fn);
	vpci->dev->ops->destroy(vpci->dev);
	free(vpci);
}

static const struct pci_function_ops function_ops = {
	.bar_read = virtio_pci_bar_read,
	.bar_write = virtio_pci_bar_write,
	.bar_moved = bar_moved,
	.config_read = virtio_pci_config_read,
	.config_write = virtio_pci_config_write,
	.reset = reset,
	.destroy = destroy,
};

/* How many ports the doorbells take; 0: too many to be had, or better off in memory, since a
 * doorbell that is the device's own page costs no exit at all. */
static uint32_t doorbell_ports(const struct virtio_device *dev)
{
	uint32_t ports = BAR_NOTIFY_STRIDE;

	while (ports < dev->n_queues * BAR_NOTIFY_STRIDE)
		ports *= 2;
	return dev->doorbell_pages || ports > PORTS_MAX ? 0 : ports;
}

static void place_doorbells(struct virtio_pci *vpci, uint64_t *bar_size)
{
	uint64_t n = vpci->dev->n_queues;

	*bar_size = BAR_SIZE;
	vpci->notify_offset = BAR_NOTIFY;
	vpci->notify_stride = BAR_NOTIFY_STRIDE;
	if (!vpci->dev->doorbell_pages)
		return;
	vpci->notify_offset = BAR_NOTIFY_PAGES;
	vpci->notify_stride = BAR_NOTIFY_PAGE_STRIDE;
	while (*bar_size < BAR_NOTIFY_PAGES + n * BAR_NOTIFY_PAGE_STRIDE)
		*bar_size *= 2;
}

int virtio_pci_create(struct machine *machine, struct virtio_device *dev, bool bar_64, bool ports,
		      struct virtio_pci **out, struct err *e)
{
	const struct pci_identity identity = {
		.vendor = PCI_VENDOR_VIRTIO,
		.device = (uint16_t)(PCI_DEVICE_VIRTIO + dev->type),
		.subsystem_vendor = PCI_VENDOR_VIRTIO,
		.subsystem = (uint16_t)(PCI_DEVICE_VIRTIO + dev->type),
		.class_code = class_of(dev->type),
		.revision = 1,
	};
	struct virtio_pci *vpci;
	uint64_t bar_size;
	int r;

	if (dev->n_queues > VIRTIO_MAX_QUEUES || dev->config_size > BAR_DEVICE_SIZE)
		return err_set(e, -E2BIG,
			       "%s: %u queues and %u bytes of configuration are too many", dev->id,
			       dev->n_queues, dev->config_size);
	vpci = calloc(1, sizeof(*vpci));
	if (!vpci)
		return err_nomem(e);
	vpci->dev = dev;
	vpci->machine = machine;
	vpci->kick_fd = -1;
	vpci->config_vector = VIRTIO_NO_VECTOR;
	dev->transport = vpci;
	dev->transport_ops = &transport_ops;
	dev->offered |= VIRTIO_FEATURE_VERSION_1;
	if (dev->dma && dev->dma->ops)
		dev->offered |= VIRTIO_FEATURE_PLATFORM;
	place_doorbells(vpci, &bar_size);
	pci_function_init(&vpci->fn, machine, &function_ops, &identity);
	pci_add_bar(&vpci->fn, 0, bar_size, bar_64, false);
	if (ports && doorbell_ports(dev))
		pci_add_io_bar(&vpci->fn, PORTS_BAR, doorbell_ports(dev));
	r = pci_add_msix(&vpci->fn, (uint16_t)(dev->n_queues + 1), 0, BAR_MSIX_TABLE, BAR_MSIX_PBA,
			 e);
	if (!r)
		r = virtio_pci_notify_create(vpci, e);
	if (r) {
		virtio_pci_notify_destroy(vpci);
		pci_function_fini(&vpci->fn);
		free(vpci);
		return r;
	}
	virtio_pci_add_capabilities(vpci);
	*out = vpci;
	return 0;
}

struct pci_function *virtio_pci_function(struct virtio_pci *vpci)
{
	return &vpci->fn;
}
