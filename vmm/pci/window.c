/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How segments share the machine's PCI address space, and where in it a function's BARs go. */
#include "pci/window.h"

#include "base/checked.h"
#include "layout.h"
#include "memory.h"
#include "pci/bar.h"

#include <errno.h>
#include <inttypes.h>

struct weights {
	uint64_t mmio32, mmio64;
};

static struct weights weights_of(const struct vm_config *config, unsigned int segment)
{
	for (size_t i = 0; i < config->n_pci_segments; i++)
		if (config->pci_segments[i].segment == segment)
			return (struct weights){
				.mmio32 = config->pci_segments[i].mmio32_weight,
				.mmio64 = config->pci_segments[i].mmio64_weight,
			};
	return (struct weights){ 1, 1 };
}

/* The part of `all` that `weight` of `sum` buys, in whole units. */
static struct pci_window take(struct pci_window *all, uint64_t total, uint64_t weight, uint64_t sum,
			      uint64_t unit)
{
	struct pci_window w = { .start = all->start };

	if (sum)
		w.size = round_down((uint64_t)((unsigned __int128)total * weight / sum), unit);
	all->start += w.size;
	all->size -= w.size;
	return w;
}

static struct pci_window space64(const struct vm_config *config, unsigned int phys_bits,
				 uint64_t unit)
{
	uint64_t low = MEMORY_HOLE_START, size = config->memory.size;
	uint64_t ram_end = MEMORY_HIGH_START + (size > low ? size - low : 0);
	uint64_t end = (phys_bits < 64 ? 1ull << phys_bits : 0) - LAYOUT_PCI64_RESERVE;
	uint64_t start = round_up(ram_end, unit);

	return (struct pci_window){ .start = start, .size = end > start ? end - start : 0 };
}

void pci_windows_share(struct pci_segment *segments, unsigned int n, const struct vm_config *config,
		       unsigned int phys_bits)
{
	struct pci_window all32 = { .start = LAYOUT_PCI32_START, .size = LAYOUT_PCI32_SIZE };
	uint64_t unit64 = 4ull << 30;
	struct pci_window all64 = space64(config, phys_bits, unit64);
	struct weights sum = { 0 };

	for (unsigned int i = 0; i < n; i++) {
		struct weights w = weights_of(config, i);

		sum.mmio32 += w.mmio32;
		sum.mmio64 += w.mmio64;
	}
	/* A narrow address space is shared in smaller pieces rather than not at all. */
	while (sum.mmio64 && unit64 > (1 << 20) && all64.size / sum.mmio64 < unit64)
		unit64 >>= 1;
	uint64_t total64 = all64.size;

	for (unsigned int i = 0; i < n; i++) {
		struct weights w = weights_of(config, i);

		segments[i].mmio32 = take(&all32, LAYOUT_PCI32_SIZE, w.mmio32, sum.mmio32, 4096);
		segments[i].mmio64 = take(&all64, total64, w.mmio64, sum.mmio64, unit64);
	}
	segments[0].io = (struct pci_window){
		.start = LAYOUT_PCI_IO_START,
		.size = LAYOUT_PCI_IO_SIZE,
	};
}

/* The end of what occupies [at, at + size), or `at` when that is free. */
static uint64_t behind_occupant(const struct pci_segment *segment, uint64_t at, uint64_t size)
{
	for (unsigned int slot = 0; slot < VM_SLOTS_PER_SEGMENT; slot++) {
		const struct pci_function *fn = segment->slots[slot].fn;

		for (unsigned int i = 0; fn && i < PCI_BARS; i++) {
			uint64_t start = segment->slots[slot].assigned[i];

			if (fn->bars[i].size && start < at + size && at < start + fn->bars[i].size)
				return start + fn->bars[i].size;
		}
	}
	return at;
}

static bool find_room(const struct pci_segment *segment, const struct pci_window *window,
		      uint64_t size, uint64_t *address)
{
	uint64_t at = round_up(window->start, size);

	for (;;) {
		if (at < window->start || !range_within(at - window->start, size, window->size))
			return false;
		uint64_t next = behind_occupant(segment, at, size);

		if (next == at)
			break;
		at = round_up(next, size);
	}
	*address = at;
	return true;
}

static const struct pci_window *window_for(const struct pci_segment *segment,
					   const struct pci_bar *bar)
{
	if (bar->is_io)
		return &segment->io;
	return bar->is_64 && segment->mmio64.size ? &segment->mmio64 : &segment->mmio32;
}

int pci_window_place(struct pci_segment *segment, struct pci_function *fn,
		     uint64_t assigned[PCI_BARS], struct err *e)
{
	uint64_t from[PCI_BARS] = { 0 };

	for (unsigned int i = 0; i < PCI_BARS; i++) {
		const struct pci_bar *bar = &fn->bars[i];

		if (!bar->size)
			continue;
		struct pci_window window = *window_for(segment, bar);

		/* Behind this function's own BARs of the same window. */
		for (unsigned int j = 0; j < i; j++) {
			uint64_t end = from[j] + fn->bars[j].size;

			if (from[j] >= window.start && from[j] - window.start < window.size) {
				window.size -= end - window.start;
				window.start = end;
			}
		}
		if (!find_room(segment, &window, bar->size, &from[i]))
			return err_set(e, -ENOSPC,
				       "PCI segment %u has no room for a BAR of %" PRIu64 " bytes",
				       segment->number, bar->size);
	}
	for (unsigned int i = 0; i < PCI_BARS; i++) {
		assigned[i] = from[i];
		if (from[i])
			pci_bar_assign(fn, i, from[i]);
	}
	return 0;
}
