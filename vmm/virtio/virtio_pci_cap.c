/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vendor capabilities that tell a driver where the structures lie (virtio 1.2, 4.1.4). */
#include "pci/config_page.h"
#include "virtio/virtio_pci_internal.h"

#include <linux/pci_regs.h>
#include <linux/virtio_pci.h>
#include <string.h>

enum {
	CFG_BAR = offsetof(struct virtio_pci_cap, bar),
	CFG_OFFSET = offsetof(struct virtio_pci_cap, offset),
	CFG_LENGTH = offsetof(struct virtio_pci_cap, length),
	CFG_DATA = offsetof(struct virtio_pci_cfg_cap, pci_cfg_data),
};

static struct virtio_pci_cap region(uint8_t type, uint8_t len, uint32_t offset, uint32_t size)
{
	return (struct virtio_pci_cap){
		.cap_vndr = PCI_CAP_ID_VNDR,
		.cap_len = len,
		.cfg_type = type,
		.offset = offset,
		.length = size,
	};
}

static void add_region(struct virtio_pci *vpci, uint8_t type, uint32_t offset, uint32_t size)
{
	struct virtio_pci_cap cap = region(type, sizeof(cap), offset, size);

	pci_add_capability(&vpci->fn, PCI_CAP_ID_VNDR, &cap, sizeof(cap));
}

static void add_doorbells(struct virtio_pci *vpci, uint8_t bar, uint32_t offset)
{
	uint32_t n = vpci->dev->n_queues;
	struct virtio_pci_notify_cap notify = {
		.cap = region(VIRTIO_PCI_CAP_NOTIFY_CFG, sizeof(notify), offset,
			      (n ? n : 1) * vpci->notify_stride),
		.notify_off_multiplier = vpci->notify_stride,
	};

	notify.cap.bar = bar;
	pci_add_capability(&vpci->fn, PCI_CAP_ID_VNDR, &notify, sizeof(notify));
}

void virtio_pci_add_capabilities(struct virtio_pci *vpci)
{
	struct virtio_pci_cfg_cap cfg = {
		.cap = region(VIRTIO_PCI_CAP_PCI_CFG, sizeof(cfg), 0, 0),
	};
	struct pci_function *fn = &vpci->fn;

	add_region(vpci, VIRTIO_PCI_CAP_COMMON_CFG, BAR_COMMON, BAR_COMMON_SIZE);
	/* Drivers take the first that they can use (4.1.4.1), and find last what is added first. */
	add_doorbells(vpci, 0, vpci->notify_offset);
	if (fn->bars[PORTS_BAR].size)
		add_doorbells(vpci, PORTS_BAR, 0);
	add_region(vpci, VIRTIO_PCI_CAP_ISR_CFG, BAR_ISR, BAR_ISR_SIZE);
	/* A device without configuration has no such structure. */
	if (vpci->dev->config_size)
		add_region(vpci, VIRTIO_PCI_CAP_DEVICE_CFG, BAR_DEVICE, BAR_DEVICE_SIZE);
	vpci->cfg_cap = pci_add_capability(fn, PCI_CAP_ID_VNDR, &cfg, sizeof(cfg));
	fn->writable[vpci->cfg_cap + CFG_BAR] = 0xff;
	memset(fn->writable + vpci->cfg_cap + CFG_OFFSET, 0xff, 4);
	memset(fn->writable + vpci->cfg_cap + CFG_LENGTH, 0xff, 4);
}

/*
 * Where the data window points: true when the driver set it to an access that exists (4.1.4.9.1).
 * Other vCPUs may change it meanwhile: everything is copied under the lock, then checked.
 */
static bool window(struct virtio_pci *vpci, unsigned int size, uint32_t *offset)
{
	const uint8_t *cap = vpci->fn.config + vpci->cfg_cap;
	uint32_t length;
	uint8_t bar;

	pthread_mutex_lock(&vpci->fn.lock);
	bar = cap[CFG_BAR];
	memcpy(offset, cap + CFG_OFFSET, sizeof(*offset));
	memcpy(&length, cap + CFG_LENGTH, sizeof(length));
	pthread_mutex_unlock(&vpci->fn.lock);
	return bar == 0 && length == size && *offset % size == 0 &&
	       *offset <= vpci->fn.bars[0].size - size;
}

bool virtio_pci_config_read(struct pci_function *fn, unsigned int offset, unsigned int size,
			    uint32_t *value)
{
	struct virtio_pci *vpci = to_virtio_pci(fn);
	uint32_t at;

	if (offset != (unsigned int)vpci->cfg_cap + CFG_DATA)
		return false;
	*value = 0;
	if (window(vpci, size, &at))
		*value = (uint32_t)virtio_pci_bar_read(fn, 0, at, size);
	return true;
}

bool virtio_pci_config_write(struct pci_function *fn, unsigned int offset, unsigned int size,
			     uint32_t value)
{
	struct virtio_pci *vpci = to_virtio_pci(fn);
	uint32_t at;

	/* What the window shows from now on is not in the page that reads without an exit. */
	if (offset >= (unsigned int)vpci->cfg_cap + CFG_BAR &&
	    offset < (unsigned int)vpci->cfg_cap + CFG_DATA)
		config_page_hide(fn);
	if (offset != (unsigned int)vpci->cfg_cap + CFG_DATA)
		return false;
	if (window(vpci, size, &at))
		virtio_pci_bar_write(fn, 0, at, size, value);
	return true;
}
