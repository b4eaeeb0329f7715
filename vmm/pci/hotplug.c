/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ACPI hot-plug controller of all PCI segments: four registers that the DSDT drives. */
#include "pci/hotplug.h"

#include "acpi/ged.h"
#include "layout.h"
#include "machine.h"
#include "pci/host.h"

enum {
	REGISTER_UP = 0,
	REGISTER_DOWN = 4,
	REGISTER_EJECT = 8,
	REGISTER_SEGMENT = 12,
	REGISTERS_SIZE = 16,
};

static struct pci_hotplug *hotplug_of(struct io_range *range)
{
	return container_of(range, struct pci_hotplug, range);
}

static uint32_t take(uint32_t *bits)
{
	uint32_t value = *bits;

	*bits = 0;
	return value;
}

static uint64_t hotplug_read(struct io_range *range, uint64_t offset, unsigned int size)
{
	struct pci_hotplug *h = hotplug_of(range);
	uint64_t value = 0;

	if (size != 4)
		return 0;
	pthread_mutex_lock(&h->lock);
	if (h->selector < VM_MAX_SEGMENTS && offset == REGISTER_UP)
		value = take(&h->up[h->selector]);
	else if (h->selector < VM_MAX_SEGMENTS && offset == REGISTER_DOWN)
		value = take(&h->down[h->selector]);
	else if (offset == REGISTER_SEGMENT)
		value = h->selector;
	pthread_mutex_unlock(&h->lock);
	return value;
}

static void eject(struct pci_hotplug *h, uint32_t segment, uint32_t slots)
{
	for (unsigned int slot = 0; slot < VM_SLOTS_PER_SEGMENT; slot++) {
		struct pci_function *fn;

		if (!(slots & 1u << slot))
			continue;
		fn = pci_host_hide(h->machine->pci, segment, slot);
		if (fn)
			h->ejected(h->machine, fn);
	}
}

static void hotplug_write(struct io_range *range, uint64_t offset, unsigned int size,
			  uint64_t value)
{
	struct pci_hotplug *h = hotplug_of(range);
	uint32_t segment;

	if (size != 4)
		return;
	pthread_mutex_lock(&h->lock);
	if (offset == REGISTER_SEGMENT)
		h->selector = (uint32_t)value;
	segment = h->selector;
	pthread_mutex_unlock(&h->lock);
	if (offset == REGISTER_EJECT)
		eject(h, segment, (uint32_t)value);
}

static const struct io_ops hotplug_io = { .read = hotplug_read, .write = hotplug_write };

int pci_hotplug_add(struct pci_hotplug *h, struct machine *m, pci_ejected_fn ejected, struct err *e)
{
	*h = (struct pci_hotplug){
		.range = { .base = LAYOUT_HOTPLUG, .size = REGISTERS_SIZE, .ops = &hotplug_io },
		.machine = m,
		.ejected = ejected,
	};
	pthread_mutex_init(&h->lock, NULL);
	return io_bus_add(&m->mmio, &h->range, e);
}

void pci_hotplug_remove(struct pci_hotplug *h)
{
	if (!h->machine)
		return;
	io_bus_remove(&h->machine->mmio, &h->range);
	pthread_mutex_destroy(&h->lock);
	h->machine = NULL;
}

void pci_hotplug_state(struct pci_hotplug *h, const struct state *s)
{
	STATE_NUMBER(s, "selector", h->selector);
	state_bytes(s, "up", h->up, sizeof(h->up));
	state_bytes(s, "down", h->down, sizeof(h->down));
}

void pci_hotplug_came(struct pci_hotplug *h, const struct pci_function *fn)
{
	uint32_t bit = 1u << fn->slot;

	pthread_mutex_lock(&h->lock);
	h->up[fn->segment->number] |= bit;
	h->down[fn->segment->number] &= ~bit;
	pthread_mutex_unlock(&h->lock);
	ged_raise(&h->machine->ged, GED_PCI_HOTPLUG);
}

void pci_hotplug_request_removal(struct pci_hotplug *h, const struct pci_function *fn)
{
	pthread_mutex_lock(&h->lock);
	h->down[fn->segment->number] |= 1u << fn->slot;
	pthread_mutex_unlock(&h->lock);
	ged_raise(&h->machine->ged, GED_PCI_HOTPLUG);
}
