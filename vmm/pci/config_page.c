/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A function's configuration space as guest memory that only reads: reading it costs no exit. */
#include "pci/config_page.h"

#include "kvm.h"
#include "layout.h"
#include "log.h"
#include "machine.h"
#include "pci/host.h"

#include <stdlib.h>
#include <string.h>

enum {
	CONFIG_PAGE_SIZE = 4096,
};

static unsigned int memory_slot(const struct pci_function *fn)
{
	return MEMORY_SLOT_CONFIG + fn->segment->number * VM_SLOTS_PER_SEGMENT + fn->slot;
}

static int set_slot(const struct pci_function *fn, uint64_t size, struct err *e)
{
	uint64_t gpa = LAYOUT_ECAM_START + fn->segment->number * LAYOUT_ECAM_BUS +
		       ((uint64_t)fn->slot << 15);

	return kvm_set_memory(fn->machine->kvm, memory_slot(fn), gpa, size, fn->config_page, true,
			      e);
}

void config_page_show(struct pci_function *fn)
{
	struct err e = { 0 };

	if (!fn->machine->kvm || !kvm_capability(fn->machine->kvm, KVM_CAP_READONLY_MEM))
		return;
	fn->config_page = aligned_alloc(CONFIG_PAGE_SIZE, CONFIG_PAGE_SIZE);
	if (!fn->config_page)
		return;
	memset(fn->config_page, 0, CONFIG_PAGE_SIZE);
	config_page_update(fn);
	if (set_slot(fn, CONFIG_PAGE_SIZE, &e) == 0)
		return;
	log_debug("pci: slot %u: configuration reads stay exits: %s", fn->slot, e.text);
	free(fn->config_page);
	fn->config_page = NULL;
}

void config_page_update(struct pci_function *fn)
{
	if (fn->config_page)
		memcpy(fn->config_page, fn->config, sizeof(fn->config));
}

void config_page_hide(struct pci_function *fn)
{
	if (!fn->config_page)
		return;
	/* What the guest may still read is never used for something else. */
	if (set_slot(fn, 0, NULL) == 0)
		free(fn->config_page);
	fn->config_page = NULL;
}
