/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One PCI function: identity, capabilities, configuration accesses (PCI 3.0, chapter 6). */
#include "pci/pci.h"

#include "base/checked.h"
#include "pci/bar.h"
#include "pci/config_page.h"
#include "pci/msix.h"

#include <linux/pci_regs.h>
#include <string.h>

enum {
	FIRST_CAPABILITY = 0x40,
};

static void put16(uint8_t *at, uint16_t v)
{
	at[0] = (uint8_t)v;
	at[1] = (uint8_t)(v >> 8);
}

void pci_function_init(struct pci_function *fn, struct machine *machine,
		       const struct pci_function_ops *ops, const struct pci_identity *identity)
{
	fn->ops = ops;
	fn->machine = machine;
	fn->segment = NULL;
	fn->ejectable = false;
	pthread_mutex_init(&fn->lock, NULL);
	memset(fn->config, 0, sizeof(fn->config));
	memset(fn->writable, 0, sizeof(fn->writable));
	memset(fn->bars, 0, sizeof(fn->bars));
	fn->next_cap = FIRST_CAPABILITY;
	fn->config_page = NULL;
	fn->msix = (struct msix){ .fn = fn };
	put16(fn->config + PCI_VENDOR_ID, identity->vendor);
	put16(fn->config + PCI_DEVICE_ID, identity->device);
	put16(fn->config + PCI_SUBSYSTEM_VENDOR_ID, identity->subsystem_vendor);
	put16(fn->config + PCI_SUBSYSTEM_ID, identity->subsystem);
	fn->config[PCI_REVISION_ID] = identity->revision;
	fn->config[PCI_CLASS_PROG] = (uint8_t)identity->class_code;
	put16(fn->config + PCI_CLASS_DEVICE, (uint16_t)(identity->class_code >> 8));
	put16(fn->writable + PCI_COMMAND,
	      PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE);
	fn->writable[PCI_CACHE_LINE_SIZE] = 0xff;
	fn->writable[PCI_LATENCY_TIMER] = 0xff;
	fn->writable[PCI_INTERRUPT_LINE] = 0xff;
}

void pci_function_fini(struct pci_function *fn)
{
	msix_fini(&fn->msix);
	pthread_mutex_destroy(&fn->lock);
}

uint8_t pci_add_capability(struct pci_function *fn, uint8_t id, const void *body, uint8_t len)
{
	uint8_t at = fn->next_cap;

	memcpy(fn->config + at, body, len);
	fn->config[at + PCI_CAP_LIST_ID] = id;
	/* New ones go in front of the list. */
	fn->config[at + PCI_CAP_LIST_NEXT] = fn->config[PCI_CAPABILITY_LIST];
	fn->config[PCI_CAPABILITY_LIST] = at;
	fn->config[PCI_STATUS] |= PCI_STATUS_CAP_LIST;
	fn->next_cap = (uint8_t)round_up(at + len, 4);
	return at;
}

uint32_t pci_config_read(struct pci_function *fn, unsigned int offset, unsigned int size)
{
	uint32_t value = 0;

	if (!range_within(offset, size, PCI_CONFIG_SIZE))
		return 0;
	if (fn->ops->config_read && fn->ops->config_read(fn, offset, size, &value))
		return value;
	pthread_mutex_lock(&fn->lock);
	memcpy(&value, fn->config + offset, size);
	pthread_mutex_unlock(&fn->lock);
	return value;
}

static void store_writable(struct pci_function *fn, unsigned int offset, unsigned int size,
			   uint32_t value)
{
	for (unsigned int i = 0; i < size; i++) {
		uint8_t mask = fn->writable[offset + i];
		uint8_t byte = (uint8_t)(value >> (8 * i));

		fn->config[offset + i] =
			(uint8_t)((fn->config[offset + i] & ~mask) | (byte & mask));
	}
}

void pci_config_write(struct pci_function *fn, unsigned int offset, unsigned int size,
		      uint32_t value)
{
	if (!range_within(offset, size, PCI_CONFIG_SIZE))
		return;
	if (fn->ops->config_write && fn->ops->config_write(fn, offset, size, value)) {
		/* The device answers reads of that capability itself from now on. */
		config_page_hide(fn);
		return;
	}
	pthread_mutex_lock(&fn->lock);
	store_writable(fn, offset, size, value);
	msix_control_changed(&fn->msix);
	config_page_update(fn);
	pthread_mutex_unlock(&fn->lock);
	if (offset <= PCI_COMMAND + 1 ||
	    (offset < PCI_BASE_ADDRESS_5 + 4 && offset + size > PCI_BASE_ADDRESS_0))
		pci_bars_update(fn);
}
