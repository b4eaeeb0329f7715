/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The PCI segments: ECAM, and which function sits in which slot. */
#include "pci/host.h"

#include "layout.h"
#include "log.h"
#include "machine.h"
#include "pci/bar.h"
#include "pci/config_page.h"
#include "pci/window.h"
#include "vcpu.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <stdlib.h>

struct pci_host {
	struct machine *machine; /* borrowed */
	struct io_range ecam;
	pthread_mutex_t lock; /* the slots, and configuration writes one at a time */
	unsigned int n_segments;
	struct pci_segment segments[];
};

static uint64_t no_bar_read(struct pci_function *fn _unused_, unsigned int bar _unused_,
			    uint64_t offset _unused_, unsigned int size _unused_)
{
	return ~0ull;
}

static void no_bar_write(struct pci_function *fn _unused_, unsigned int bar _unused_,
			 uint64_t offset _unused_, unsigned int size _unused_,
			 uint64_t value _unused_)
{
}

static void bridge_destroy(struct pci_function *fn)
{
	pci_function_fini(fn);
	free(fn);
}

static const struct pci_function_ops bridge_ops = {
	.bar_read = no_bar_read,
	.bar_write = no_bar_write,
	.destroy = bridge_destroy,
};

static const struct pci_identity bridge_identity = {
	.vendor = 0x8086,
	.device = 0x0d57,
	.class_code = 0x060000,
};

/* The function at an ECAM offset; the caller holds the lock. NULL reads as all ones. */
static struct pci_function *function_at(struct pci_host *host, uint64_t offset)
{
	uint64_t number = offset / LAYOUT_ECAM_BUS;
	unsigned int devfn = (offset >> 12) & 0xff, slot = devfn >> 3;

	if (number >= host->n_segments || (devfn & 7) != 0)
		return NULL;
	struct pci_segment *segment = &host->segments[number];
	return segment->slots[slot].hidden ? NULL : segment->slots[slot].fn;
}

static uint64_t read_ecam(struct io_range *range, uint64_t offset, unsigned int size)
{
	struct pci_host *host = container_of(range, struct pci_host, ecam);
	uint64_t value = ~0ull;

	pthread_mutex_lock(&host->lock);
	struct pci_function *fn = function_at(host, offset);

	if (fn && size <= 4)
		value = pci_config_read(fn, offset & 0xfff, size);
	pthread_mutex_unlock(&host->lock);
	return value;
}

static void write_ecam(struct io_range *range, uint64_t offset, unsigned int size, uint64_t value)
{
	struct pci_host *host = container_of(range, struct pci_host, ecam);

	pthread_mutex_lock(&host->lock);
	struct pci_function *fn = function_at(host, offset);

	if (fn && size <= 4)
		pci_config_write(fn, offset & 0xfff, size, (uint32_t)value);
	pthread_mutex_unlock(&host->lock);
}

static const struct io_ops ecam_io = { .read = read_ecam, .write = write_ecam };

static int add_bridge(struct pci_host *host, struct err *e)
{
	static const struct pci_config where = { .device_id = 0 };
	struct pci_function *fn = calloc(1, sizeof(*fn));

	if (!fn)
		return err_nomem(e);
	pci_function_init(fn, host->machine, &bridge_ops, &bridge_identity);
	int ret = pci_host_add(host, fn, &where, e);

	if (ret < 0)
		bridge_destroy(fn);
	return ret;
}

DEFINE_CLEANUP(struct pci_host, host, pci_host_destroy)

int pci_host_create(struct machine *m, unsigned int phys_bits, struct pci_host **out, struct err *e)
{
	unsigned int n =
		m->config.platform.num_pci_segments ? m->config.platform.num_pci_segments : 1;
	_cleanup_(cleanup_host) struct pci_host *host =
		calloc(1, sizeof(*host) + n * sizeof(host->segments[0]));

	if (!host)
		return err_nomem(e);
	pthread_mutex_init(&host->lock, NULL);
	host->machine = m;
	host->n_segments = n;
	for (unsigned int i = 0; i < n; i++) {
		host->segments[i].host = host;
		host->segments[i].number = (uint16_t)i;
	}
	pci_windows_share(host->segments, n, &m->config, phys_bits);
	host->ecam = (struct io_range){
		.base = LAYOUT_ECAM_START,
		.size = n * LAYOUT_ECAM_BUS,
		.ops = &ecam_io,
	};
	int ret = io_bus_add(&m->mmio, &host->ecam, e);

	if (ret < 0)
		return ret;
	ret = add_bridge(host, e);
	if (ret < 0)
		return ret;
	*out = steal_ptr(&host);
	return 0;
}

void pci_host_destroy(struct pci_host *host)
{
	if (!host)
		return;
	for (unsigned int i = host->n_segments; i-- > 0;)
		for (unsigned int slot = VM_SLOTS_PER_SEGMENT; slot-- > 0;) {
			struct pci_function *fn = host->segments[i].slots[slot].fn;

			if (!fn)
				continue;
			pci_host_detach(host, fn);
			fn->ops->destroy(fn);
		}
	io_bus_remove(&host->machine->mmio, &host->ecam);
	pthread_mutex_destroy(&host->lock);
	free(host);
}

unsigned int pci_host_segments(const struct pci_host *host)
{
	return host->n_segments;
}

const struct pci_segment *pci_host_segment(const struct pci_host *host, unsigned int number)
{
	return &host->segments[number];
}

static int check_place(const struct pci_host *host, const struct pci_config *where, struct err *e)
{
	if (where->segment >= host->n_segments)
		return err_set(e, -EINVAL, "invalid PCI segment id: %u", where->segment);
	if (where->device_id >= VM_SLOTS_PER_SEGMENT)
		return err_set(e, -EINVAL,
			       "given PCI device ID (%d) is out of the supported range of 0..32",
			       where->device_id);
	return 0;
}

int pci_host_reserve(struct pci_host *host, const struct pci_config *where, struct err *e)
{
	int ret = check_place(host, where, e);

	if (ret < 0 || where->device_id == PCI_DEVICE_AUTO)
		return ret;
	struct pci_segment *segment = &host->segments[where->segment];

	if (segment->slots[where->device_id].fn || segment->slots[where->device_id].reserved)
		return err_set(e, -EEXIST, "valid PCI device identifier but already used: %d",
			       where->device_id);
	segment->slots[where->device_id].reserved = true;
	return 0;
}

static int choose_slot(const struct pci_segment *segment, const struct pci_config *where,
		       struct err *e)
{
	if (where->device_id != PCI_DEVICE_AUTO) {
		if (segment->slots[where->device_id].fn)
			return err_set(e, -EEXIST,
				       "valid PCI device identifier but already used: %d",
				       where->device_id);
		return where->device_id;
	}
	for (int slot = 0; slot < VM_SLOTS_PER_SEGMENT; slot++)
		if (!segment->slots[slot].fn && !segment->slots[slot].reserved)
			return slot;
	return err_set(e, -ENOSPC, "could not find an available device slot on PCI segment %u",
		       segment->number);
}

int pci_host_add(struct pci_host *host, struct pci_function *fn, const struct pci_config *where,
		 struct err *e)
{
	int ret = check_place(host, where, e);

	if (ret < 0)
		return ret;
	struct pci_segment *segment = &host->segments[where->segment];
	int slot = choose_slot(segment, where, e);

	if (slot < 0)
		return slot;
	ret = pci_window_place(segment, fn, segment->slots[slot].assigned, e);
	if (ret < 0)
		return ret;
	fn->segment = segment;
	fn->slot = (uint8_t)slot;
	pthread_mutex_lock(&host->lock);
	segment->slots[slot].fn = fn;
	segment->slots[slot].reserved = false;
	segment->slots[slot].hidden = false;
	config_page_show(fn);
	pthread_mutex_unlock(&host->lock);
	return 0;
}

void pci_host_detach(struct pci_host *host, struct pci_function *fn)
{
	struct pci_segment *segment = fn->segment;

	pthread_mutex_lock(&host->lock);
	pci_bars_unmap(fn);
	config_page_hide(fn);
	segment->slots[fn->slot].fn = NULL;
	segment->slots[fn->slot].hidden = false;
	pthread_mutex_unlock(&host->lock);
	if (host->machine->vcpus)
		vcpus_synchronize(host->machine->vcpus);
}

struct pci_function *pci_host_hide(struct pci_host *host, unsigned int segment, unsigned int slot)
{
	struct pci_function *fn;

	if (segment >= host->n_segments || slot >= VM_SLOTS_PER_SEGMENT)
		return NULL;
	pthread_mutex_lock(&host->lock);
	fn = host->segments[segment].slots[slot].fn;
	/* Others depend on some devices: without its IOMMU a device has no memory. */
	if (host->segments[segment].slots[slot].hidden || !fn || !fn->ejectable)
		fn = NULL;
	if (fn) {
		host->segments[segment].slots[slot].hidden = true;
		config_page_hide(fn);
	}
	pthread_mutex_unlock(&host->lock);
	return fn;
}

void pci_function_name(const struct pci_function *fn, char *buf, size_t size)
{
	snprintf(buf, size, "%04x:00:%02x.0", fn->segment->number, fn->slot);
}
