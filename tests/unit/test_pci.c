/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PCI functions as a guest sees them: configuration space, BARs, MSI-X, slots. */
#include "unit.h"

#include "base/cleanup.h"
#include "layout.h"
#include "machine.h"
#include "pci/host.h"

#include <errno.h>
#include <linux/pci_regs.h>
#include <stdlib.h>

enum {
	BAR_SIZE = 0x4000,
	TABLE = 0x1000,
	PBA = 0x2000,
	MSIX_CAP = 0x40,
};

/* In place of vmm/irq.c, all of it: what the guest would have got. */
static struct {
	unsigned int signalled, bound, updated;
	struct msi_message last;
} seen;

int irq_create(struct kvm *kvm _unused_, struct irq **out, struct err *e _unused_)
{
	*out = NULL;
	return 0;
}

void irq_destroy(struct irq *irq _unused_)
{
}

void irq_signal_msi(struct irq *irq _unused_, const struct msi_message *msg)
{
	seen.signalled++;
	seen.last = *msg;
}

void irq_set(struct irq *irq _unused_, unsigned int pin _unused_, bool level _unused_)
{
}

void irq_pulse(struct irq *irq _unused_, unsigned int pin _unused_)
{
}

int irq_bind_msi(struct irq *irq _unused_, int fd _unused_, const struct msi_message *msg,
		 unsigned int *gsi, struct err *e _unused_)
{
	seen.bound++;
	seen.last = *msg;
	*gsi = 24;
	return 0;
}

int irq_update_msi(struct irq *irq _unused_, unsigned int gsi _unused_,
		   const struct msi_message *msg, struct err *e _unused_)
{
	seen.updated++;
	seen.last = *msg;
	return 0;
}

void irq_unbind_msi(struct irq *irq _unused_, int fd _unused_, unsigned int gsi _unused_)
{
	seen.bound--;
}

struct device {
	struct pci_function fn;
	uint64_t moved_to; /* 0: not decoded */
	uint64_t written;
};

static struct device *device_of(struct pci_function *fn)
{
	return container_of(fn, struct device, fn);
}

static uint64_t bar_read(struct pci_function *fn _unused_, unsigned int bar, uint64_t offset,
			 unsigned int size _unused_)
{
	return bar << 16 | offset;
}

static void bar_write(struct pci_function *fn, unsigned int bar _unused_, uint64_t offset _unused_,
		      unsigned int size _unused_, uint64_t value)
{
	device_of(fn)->written = value;
}

static void bar_moved(struct pci_function *fn, unsigned int bar _unused_, uint64_t address,
		      bool mapped)
{
	device_of(fn)->moved_to = mapped ? address : 0;
}

static void destroy(struct pci_function *fn)
{
	pci_function_fini(fn);
	free(device_of(fn));
}

static const struct pci_function_ops ops = {
	.bar_read = bar_read,
	.bar_write = bar_write,
	.bar_moved = bar_moved,
	.destroy = destroy,
};

static struct device *add_device(struct machine *m, const struct pci_config *where)
{
	const struct pci_identity identity = {
		.vendor = 0x1af4,
		.device = 0x1042,
		.class_code = 0x018000,
	};
	struct device *d = calloc(1, sizeof(*d));

	pci_function_init(&d->fn, m, &ops, &identity);
	pci_add_bar(&d->fn, 0, BAR_SIZE, true, false);
	assert_int_equal(pci_add_msix(&d->fn, 3, 0, TABLE, PBA, NULL), 0);
	if (pci_host_add(m->pci, &d->fn, where, NULL) == 0)
		return d;
	destroy(&d->fn);
	return NULL;
}

static int set_up(void **state)
{
	struct machine *m = calloc(1, sizeof(*m));

	memset(&seen, 0, sizeof(seen));
	m->config.platform.num_pci_segments = 2;
	m->config.memory.size = 1 << 30;
	io_bus_init(&m->pio, NULL);
	io_bus_init(&m->mmio, NULL);
	*state = m;
	return pci_host_create(m, 40, &m->pci, NULL);
}

static int tear_down(void **state)
{
	struct machine *m = *state;

	pci_host_destroy(m->pci);
	assert_int_equal(m->mmio.n, 0);
	io_bus_destroy(&m->pio);
	io_bus_destroy(&m->mmio);
	free(m);
	return 0;
}

static uint64_t ecam(const struct pci_function *fn, unsigned int offset)
{
	return LAYOUT_ECAM_START + fn->segment->number * LAYOUT_ECAM_BUS + (fn->slot << 15) +
	       offset;
}

static uint32_t config_get(struct machine *m, const struct device *d, unsigned int offset)
{
	uint64_t value;

	assert_true(io_bus_read(&m->mmio, ecam(&d->fn, offset), 4, &value));
	return (uint32_t)value;
}

static void config_set(struct machine *m, const struct device *d, unsigned int offset,
		       uint32_t value)
{
	assert_true(io_bus_write(&m->mmio, ecam(&d->fn, offset), 4, value));
}

static const struct pci_config anywhere = { .device_id = PCI_DEVICE_AUTO };

static void slots_are_given_as_promised(void **state)
{
	struct machine *m = *state;
	const struct pci_config second = { .device_id = 2 }, zero = { .device_id = 0 };
	const struct pci_config beyond = { .device_id = 32 };
	const struct pci_config other = { .segment = 1, .device_id = PCI_DEVICE_AUTO };
	const struct pci_config none = { .segment = 2, .device_id = PCI_DEVICE_AUTO };
	struct err e = { 0 };
	uint64_t value;

	assert_int_equal(pci_host_reserve(m->pci, &second, &e), 0);
	assert_int_equal(pci_host_reserve(m->pci, &second, &e), -EEXIST);
	assert_int_equal(pci_host_reserve(m->pci, &zero, &e), -EEXIST);
	assert_int_equal(pci_host_reserve(m->pci, &beyond, &e), -EINVAL);
	assert_int_equal(pci_host_reserve(m->pci, &none, &e), -EINVAL);
	struct device *first = add_device(m, &anywhere);

	assert_int_equal(first->fn.slot, 1);
	assert_int_equal(add_device(m, &anywhere)->fn.slot, 3);
	assert_int_equal(add_device(m, &second)->fn.slot, 2);
	assert_int_equal(add_device(m, &other)->fn.slot, 0);
	pci_host_detach(m->pci, &first->fn);
	destroy(&first->fn);
	assert_int_equal(add_device(m, &anywhere)->fn.slot, 1);
	/* 28 are left on segment 0. */
	for (int i = 0; i < 28; i++)
		assert_non_null(add_device(m, &anywhere));
	assert_null(add_device(m, &anywhere));
	/* Slots, functions and segments that are not there read as all ones. */
	assert_true(io_bus_read(&m->mmio, LAYOUT_ECAM_START + (1 << 12), 4, &value));
	assert_int_equal((uint32_t)value, UINT32_MAX);
	assert_false(io_bus_read(&m->mmio, LAYOUT_ECAM_START + 2 * LAYOUT_ECAM_BUS, 4, &value));
}

static void bars_are_sized_and_moved(void **state)
{
	struct machine *m = *state;
	struct device *d = add_device(m, &anywhere);
	uint64_t value, first = config_get(m, d, PCI_BASE_ADDRESS_0) & ~0xfu;

	first |= (uint64_t)config_get(m, d, PCI_BASE_ADDRESS_1) << 32;
	assert_int_equal(first, pci_host_segment(m->pci, 0)->mmio64.start);
	assert_false(io_bus_read(&m->mmio, first, 4, &value));
	config_set(m, d, PCI_COMMAND, PCI_COMMAND_MEMORY);
	assert_int_equal(d->moved_to, first);
	assert_true(io_bus_read(&m->mmio, first + 0x123, 1, &value));
	assert_int_equal(value, 0x123);
	/* Sizing with decoding on must not map it to the top of the address space. */
	config_set(m, d, PCI_BASE_ADDRESS_0, UINT32_MAX);
	assert_int_equal(config_get(m, d, PCI_BASE_ADDRESS_0), (uint32_t) ~(BAR_SIZE - 1) | 4);
	config_set(m, d, PCI_BASE_ADDRESS_1, UINT32_MAX);
	assert_int_equal(config_get(m, d, PCI_BASE_ADDRESS_1), UINT32_MAX);
	assert_int_equal(d->moved_to, 0);
	config_set(m, d, PCI_BASE_ADDRESS_0, 0xd0000000);
	config_set(m, d, PCI_BASE_ADDRESS_1, 1);
	assert_int_equal(d->moved_to, 0x1d0000000);
	assert_true(io_bus_write(&m->mmio, 0x1d0000000, 4, 77));
	assert_int_equal(d->written, 77);
	/* Onto another function: not decoded, and nobody is harmed. */
	struct device *other = add_device(m, &anywhere);

	config_set(m, other, PCI_BASE_ADDRESS_0, 0xd0000000);
	config_set(m, other, PCI_BASE_ADDRESS_1, 1);
	config_set(m, other, PCI_COMMAND, PCI_COMMAND_MEMORY);
	assert_int_equal(other->moved_to, 0);
	assert_true(io_bus_read(&m->mmio, 0x1d0000000, 4, &value));
	config_set(m, d, PCI_COMMAND, 0);
	assert_false(io_bus_read(&m->mmio, 0x1d0000000, 4, &value));
}

static void read_only_bits_stay(void **state)
{
	struct machine *m = *state;
	struct device *d = add_device(m, &anywhere);

	config_set(m, d, PCI_VENDOR_ID, 0);
	assert_int_equal(config_get(m, d, PCI_VENDOR_ID), 0x10421af4);
	config_set(m, d, PCI_BASE_ADDRESS_2, UINT32_MAX);
	assert_int_equal(config_get(m, d, PCI_BASE_ADDRESS_2), 0);
	assert_int_equal(config_get(m, d, 0x100), 0);
	config_set(m, d, 0x100, UINT32_MAX);
	config_set(m, d, 0xffc, UINT32_MAX);
	assert_int_equal(config_get(m, d, PCI_CAPABILITY_LIST) & 0xff, MSIX_CAP);
}

static void set_entry(struct machine *m, uint64_t bar, unsigned int vector, bool masked)
{
	uint64_t entry = bar + TABLE + vector * PCI_MSIX_ENTRY_SIZE;

	io_bus_write(&m->mmio, entry + PCI_MSIX_ENTRY_LOWER_ADDR, 4, 0xfee00000);
	io_bus_write(&m->mmio, entry + PCI_MSIX_ENTRY_DATA, 4, 0x40 + vector);
	io_bus_write(&m->mmio, entry + PCI_MSIX_ENTRY_VECTOR_CTRL, 4, masked);
}

static void masked_vectors_are_pending(void **state)
{
	struct machine *m = *state;
	struct device *d = add_device(m, &anywhere);
	uint64_t value, bar = pci_host_segment(m->pci, 0)->mmio64.start;

	config_set(m, d, PCI_COMMAND, PCI_COMMAND_MEMORY);
	config_set(m, d, MSIX_CAP, (uint32_t)PCI_MSIX_FLAGS_ENABLE << 16);
	set_entry(m, bar, 1, true);
	msix_notify(&d->fn.msix, 1);
	assert_int_equal(seen.signalled, 0);
	io_bus_read(&m->mmio, bar + PBA, 8, &value);
	assert_int_equal(value, 2);
	set_entry(m, bar, 1, false);
	assert_int_equal(seen.signalled, 1);
	assert_int_equal(seen.last.data, 0x41);
	io_bus_read(&m->mmio, bar + PBA, 8, &value);
	assert_int_equal(value, 0);
	/* The whole function masked. */
	config_set(m, d, MSIX_CAP,
		   (uint32_t)(PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL) << 16);
	msix_notify(&d->fn.msix, 1);
	assert_int_equal(seen.signalled, 1);
	config_set(m, d, MSIX_CAP, (uint32_t)PCI_MSIX_FLAGS_ENABLE << 16);
	assert_int_equal(seen.signalled, 2);
	/* Vectors beyond the table, and accesses it does not define. */
	msix_notify(&d->fn.msix, 3);
	io_bus_write(&m->mmio, bar + TABLE + PCI_MSIX_ENTRY_DATA + 16, 1, 0xff);
	io_bus_read(&m->mmio, bar + TABLE + PCI_MSIX_ENTRY_DATA + 16, 4, &value);
	assert_int_equal(value, 0x41);
}

static void eventfds_are_bound_while_unmasked(void **state)
{
	struct machine *m = *state;
	struct device *d = add_device(m, &anywhere);
	uint64_t one = 1, value, bar = pci_host_segment(m->pci, 0)->mmio64.start;

	config_set(m, d, PCI_COMMAND, PCI_COMMAND_MEMORY);
	set_entry(m, bar, 0, false);
	int fd = msix_eventfd(&d->fn.msix, 0, NULL);

	assert_true(fd >= 0);
	assert_int_equal(msix_eventfd(&d->fn.msix, 0, NULL), fd);
	assert_int_equal(msix_eventfd(&d->fn.msix, 3, NULL), -EINVAL);
	assert_int_equal(seen.bound, 0);
	config_set(m, d, MSIX_CAP, (uint32_t)PCI_MSIX_FLAGS_ENABLE << 16);
	assert_int_equal(seen.bound, 1);
	io_bus_write(&m->mmio, bar + TABLE + PCI_MSIX_ENTRY_DATA, 4, 0x55);
	assert_int_equal(seen.updated, 1);
	assert_int_equal(seen.last.data, 0x55);
	set_entry(m, bar, 0, true);
	assert_int_equal(seen.bound, 0);
	/* Signalled meanwhile: the guest finds it in the pending bits. */
	assert_int_equal(write(fd, &one, sizeof(one)), sizeof(one));
	io_bus_read(&m->mmio, bar + PBA, 8, &value);
	assert_int_equal(value, 1);
	set_entry(m, bar, 0, false);
	assert_int_equal(seen.bound, 1);
	assert_int_equal(seen.signalled, 1);
	pci_host_detach(m->pci, &d->fn);
	destroy(&d->fn);
	assert_int_equal(seen.bound, 0);
}

/* An access over the end of a page comes as two, of any size from 1 to 7. */
static void odd_widths_miss_the_table(void **state)
{
	struct machine *m = *state;
	struct device *d = add_device(m, &anywhere);
	uint64_t value, bar = pci_host_segment(m->pci, 0)->mmio64.start;

	config_set(m, d, PCI_COMMAND, PCI_COMMAND_MEMORY);
	set_entry(m, bar, 0, false);
	io_bus_read(&m->mmio, bar + TABLE, 8, &value);
	assert_int_not_equal(value, 0);
	for (unsigned int size = 1; size < 8; size++) {
		if (size == 4)
			continue;
		io_bus_read(&m->mmio, bar + TABLE, size, &value);
		assert_int_equal(value, 0);
		io_bus_write(&m->mmio, bar + TABLE, size, ~0ull);
	}
	io_bus_read(&m->mmio, bar + TABLE, 8, &value);
	assert_int_not_equal((uint32_t)value, ~0u);
}

static void only_what_can_go_is_ejected(void **state)
{
	struct machine *m = *state;
	struct device *stays = add_device(m, &anywhere), *goes = add_device(m, &anywhere);

	goes->fn.ejectable = true;
	/* The host bridge, one that stays, nothing, no slot, no segment. */
	assert_null(pci_host_hide(m->pci, 0, 0));
	assert_null(pci_host_hide(m->pci, 0, stays->fn.slot));
	assert_null(pci_host_hide(m->pci, 1, 0));
	assert_null(pci_host_hide(m->pci, 0, 32));
	assert_null(pci_host_hide(m->pci, 2, 0));
	assert_int_not_equal(config_get(m, stays, PCI_VENDOR_ID), ~0u);
	assert_ptr_equal(pci_host_hide(m->pci, 0, goes->fn.slot), &goes->fn);
	assert_null(pci_host_hide(m->pci, 0, goes->fn.slot));
	assert_int_equal(config_get(m, goes, PCI_VENDOR_ID), ~0u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(slots_are_given_as_promised, set_up, tear_down),
		cmocka_unit_test_setup_teardown(bars_are_sized_and_moved, set_up, tear_down),
		cmocka_unit_test_setup_teardown(read_only_bits_stay, set_up, tear_down),
		cmocka_unit_test_setup_teardown(masked_vectors_are_pending, set_up, tear_down),
		cmocka_unit_test_setup_teardown(eventfds_are_bound_while_unmasked, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(odd_widths_miss_the_table, set_up, tear_down),
		cmocka_unit_test_setup_teardown(only_what_can_go_is_ejected, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("pci", tests, NULL, NULL);
}
