/* SPDX-License-Identifier: GPL-3.0-or-later */
/* BAR registers and the decoding that follows from them. */
#include "pci/bar.h"

#include "log.h"
#include "machine.h"
#include "pci/msix.h"

#include <linux/pci_regs.h>
#include <string.h>

static unsigned int bar_register(unsigned int bar)
{
	return PCI_BASE_ADDRESS_0 + 4 * bar;
}

static struct pci_bar *bar_of(struct io_range *range)
{
	return container_of(range, struct pci_bar, range);
}

static uint64_t read_bar(struct io_range *range, uint64_t offset, unsigned int size)
{
	struct pci_bar *bar = bar_of(range);
	unsigned int index = (unsigned int)(bar - bar->fn->bars);
	uint64_t value;

	if (msix_read(&bar->fn->msix, index, offset, size, &value))
		return value;
	return bar->fn->ops->bar_read(bar->fn, index, offset, size);
}

static void write_bar(struct io_range *range, uint64_t offset, unsigned int size, uint64_t value)
{
	struct pci_bar *bar = bar_of(range);
	unsigned int index = (unsigned int)(bar - bar->fn->bars);

	if (!msix_write(&bar->fn->msix, index, offset, size, value))
		bar->fn->ops->bar_write(bar->fn, index, offset, size, value);
}

static const struct io_ops bar_io = { .read = read_bar, .write = write_bar };

static void set_register(uint8_t *space, unsigned int bar, uint64_t value, bool is_64)
{
	memcpy(space + bar_register(bar), &value, is_64 ? 8 : 4);
}

static void add_bar(struct pci_function *fn, unsigned int index, struct pci_bar bar,
		    unsigned int type)
{
	fn->bars[index] = bar;
	set_register(fn->writable, index, ~(bar.size - 1), bar.is_64);
	set_register(fn->config, index, type, bar.is_64);
}

void pci_add_bar(struct pci_function *fn, unsigned int bar, uint64_t size, bool is_64,
		 bool prefetchable)
{
	add_bar(fn, bar,
		(struct pci_bar){
			.range = { .size = size, .ops = &bar_io },
			.size = size,
			.is_64 = is_64,
			.prefetchable = prefetchable,
			.fn = fn,
		},
		(is_64 ? PCI_BASE_ADDRESS_MEM_TYPE_64 : 0u) |
			(prefetchable ? PCI_BASE_ADDRESS_MEM_PREFETCH : 0u));
}

void pci_add_io_bar(struct pci_function *fn, unsigned int bar, uint32_t size)
{
	add_bar(fn, bar,
		(struct pci_bar){
			.range = { .size = size, .ops = &bar_io },
			.size = size,
			.is_io = true,
			.fn = fn,
		},
		PCI_BASE_ADDRESS_SPACE_IO);
}

/* What the register holds, without the type bits. */
static uint64_t bar_address(const struct pci_function *fn, unsigned int bar)
{
	const struct pci_bar *b = &fn->bars[bar];
	uint64_t value = 0;

	memcpy(&value, fn->config + bar_register(bar), b->is_64 ? 8 : 4);
	return value & ~(b->size - 1);
}

void pci_bar_assign(struct pci_function *fn, unsigned int bar, uint64_t address)
{
	const struct pci_bar *b = &fn->bars[bar];
	uint64_t value = 0;

	memcpy(&value, fn->config + bar_register(bar), b->is_64 ? 8 : 4);
	set_register(fn->config, bar, (value & (b->size - 1)) | address, b->is_64);
}

static bool decodes(const struct pci_function *fn, const struct pci_bar *bar, uint64_t address)
{
	uint8_t needed = bar->is_io ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY;

	/* An all-ones register is being sized, zero was never set: neither is an address. */
	return (fn->config[PCI_COMMAND] & needed) && address &&
	       address + (bar->size - 1) >= address &&
	       address + (bar->size - 1) != (bar->is_64 ? UINT64_MAX : UINT32_MAX);
}

static void unmap(struct pci_function *fn, struct pci_bar *bar, struct io_bus *bus)
{
	uint64_t address = bar->range.base;

	io_bus_remove(bus, &bar->range);
	bar->mapped = false;
	if (fn->ops->bar_moved)
		fn->ops->bar_moved(fn, (unsigned int)(bar - fn->bars), address, false);
}

static void map(struct pci_function *fn, struct pci_bar *bar, struct io_bus *bus, uint64_t address)
{
	struct err e = { 0 };

	bar->range.base = address;
	if (io_bus_add(bus, &bar->range, &e) < 0) {
		log_warn("pci: slot %u: BAR %td is not decoded: %s", fn->slot, bar - fn->bars,
			 e.text);
		return;
	}
	bar->mapped = true;
	if (fn->ops->bar_moved)
		fn->ops->bar_moved(fn, (unsigned int)(bar - fn->bars), address, true);
}

static void update_bar(struct pci_function *fn, unsigned int index, bool allowed)
{
	struct pci_bar *bar = &fn->bars[index];

	if (!bar->size)
		return;
	struct io_bus *bus = bar->is_io ? &fn->machine->pio : &fn->machine->mmio;

	pthread_mutex_lock(&fn->lock);
	uint64_t address = bar_address(fn, index);
	bool wanted = allowed && decodes(fn, bar, address);

	pthread_mutex_unlock(&fn->lock);
	if (bar->mapped && (!wanted || bar->range.base != address))
		unmap(fn, bar, bus);
	if (wanted && !bar->mapped)
		map(fn, bar, bus, address);
}

void pci_bars_update(struct pci_function *fn)
{
	for (unsigned int i = 0; i < PCI_BARS; i++)
		update_bar(fn, i, true);
}

void pci_bars_unmap(struct pci_function *fn)
{
	for (unsigned int i = 0; i < PCI_BARS; i++)
		update_bar(fn, i, false);
}
