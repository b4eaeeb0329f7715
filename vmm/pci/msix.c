/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MSI-X (PCI 3.0, 6.8.2): the vector table, masking, and irqfds that bypass the VMM. */
#include "pci/msix.h"

#include "base/checked.h"
#include "log.h"
#include "machine.h"

#include <errno.h>
#include <linux/pci_regs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

static uint16_t control(const struct msix *msix)
{
	uint16_t value;

	memcpy(&value, msix->fn->config + msix->cap + PCI_MSIX_FLAGS, sizeof(value));
	return value;
}

static bool deliverable(const struct msix *msix, const struct msix_vector *v)
{
	return !v->masked && (control(msix) & (PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL)) ==
				     PCI_MSIX_FLAGS_ENABLE;
}

static struct irq *irq_of(const struct msix *msix)
{
	return msix->fn->machine->irq;
}

static void unbind(struct msix *msix, struct msix_vector *v)
{
	if (!v->bound)
		return;
	irq_unbind_msi(irq_of(msix), v->fd, v->gsi);
	v->bound = false;
}

/* Brings the kernel's binding and a pending interrupt in line with the masks. */
static void settle(struct msix *msix, struct msix_vector *v)
{
	struct err e = { 0 };

	if (!deliverable(msix, v)) {
		unbind(msix, v);
		return;
	}
	/* What was signalled on the eventfd while it was unbound, KVM delivers when it is bound. */
	if (v->fd >= 0 && !v->bound) {
		if (irq_bind_msi(irq_of(msix), v->fd, &v->msg, &v->gsi, &e) < 0)
			log_warn("pci: slot %u: interrupt: %s", msix->fn->slot, e.text);
		else
			v->bound = true;
	}
	if (v->pending) {
		v->pending = false;
		irq_signal_msi(irq_of(msix), &v->msg);
	}
}

void msix_control_changed(struct msix *msix)
{
	if (!msix->n_vectors)
		return;
	bool active = (control(msix) & (PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL)) ==
		      PCI_MSIX_FLAGS_ENABLE;

	if (active == msix->active)
		return;
	msix->active = active;
	for (unsigned int i = 0; i < msix->n_vectors; i++)
		settle(msix, &msix->vectors[i]);
}

static uint64_t read_table(struct msix *msix, uint64_t offset, unsigned int size)
{
	const struct msix_vector *v = &msix->vectors[offset / PCI_MSIX_ENTRY_SIZE];
	uint32_t entry[4] = {
		(uint32_t)v->msg.address,
		(uint32_t)(v->msg.address >> 32),
		v->msg.data,
		v->masked ? PCI_MSIX_ENTRY_CTRL_MASKBIT : 0,
	};
	uint64_t value = 0;

	memcpy(&value, (uint8_t *)entry + offset % PCI_MSIX_ENTRY_SIZE, size);
	return value;
}

/* A vector signalled through its eventfd while masked is pending, too. */
static bool is_pending(struct msix_vector *v)
{
	uint64_t count;

	if (!v->pending && v->fd >= 0 && !v->bound)
		v->pending = read(v->fd, &count, sizeof(count)) == sizeof(count);
	return v->pending;
}

static uint64_t read_pba(struct msix *msix, uint64_t offset, unsigned int size)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < 8 * size && 8 * offset + i < msix->n_vectors; i++)
		if (is_pending(&msix->vectors[8 * offset + i]))
			value |= 1ull << i;
	return value;
}

enum area {
	AREA_NONE,
	AREA_TABLE,
	AREA_PBA,
	AREA_INVALID, /* in the table, but not as its entries may be accessed */
};

/* Which of the two areas [offset, offset + size) is wholly in; *within is the offset there. */
static enum area area_of(const struct msix *msix, unsigned int bar, uint64_t offset,
			 unsigned int size, uint64_t *within)
{
	uint64_t table_size = (uint64_t)msix->n_vectors * PCI_MSIX_ENTRY_SIZE;
	uint64_t pba_size = round_up(msix->n_vectors, 64) / 8;

	if (!msix->n_vectors || bar != msix->bar)
		return AREA_NONE;
	if (offset >= msix->table && offset - msix->table < table_size) {
		*within = offset - msix->table;
		/* Only aligned accesses of 4 and 8 bytes are defined. */
		return (size == 4 || size == 8) && *within % size == 0 ? AREA_TABLE : AREA_INVALID;
	}
	if (offset >= msix->pba && range_within(offset - msix->pba, size, pba_size)) {
		*within = offset - msix->pba;
		return AREA_PBA;
	}
	return AREA_NONE;
}

bool msix_read(struct msix *msix, unsigned int bar, uint64_t offset, unsigned int size,
	       uint64_t *value)
{
	uint64_t within;
	enum area area = area_of(msix, bar, offset, size, &within);

	*value = 0;
	if (area == AREA_NONE)
		return false;
	pthread_mutex_lock(&msix->fn->lock);
	if (area == AREA_TABLE)
		*value = read_table(msix, within, size);
	else if (area == AREA_PBA)
		*value = read_pba(msix, within, size);
	pthread_mutex_unlock(&msix->fn->lock);
	return true;
}

static void write_dword(struct msix_vector *v, unsigned int field, uint32_t value)
{
	switch (field) {
	case PCI_MSIX_ENTRY_LOWER_ADDR:
		v->msg.address = (v->msg.address & ~0xffffffffull) | (value & ~3u);
		break;
	case PCI_MSIX_ENTRY_UPPER_ADDR:
		v->msg.address = (v->msg.address & 0xffffffffull) | (uint64_t)value << 32;
		break;
	case PCI_MSIX_ENTRY_DATA:
		v->msg.data = value;
		break;
	default:
		v->masked = value & PCI_MSIX_ENTRY_CTRL_MASKBIT;
		break;
	}
}

static void write_table(struct msix *msix, uint64_t offset, unsigned int size, uint64_t value)
{
	struct msix_vector *v = &msix->vectors[offset / PCI_MSIX_ENTRY_SIZE];
	unsigned int field = offset % PCI_MSIX_ENTRY_SIZE;
	struct msi_message before = v->msg;
	struct err e = { 0 };

	write_dword(v, field, (uint32_t)value);
	if (size == 8)
		write_dword(v, field + 4, (uint32_t)(value >> 32));
	if (v->bound && (before.address != v->msg.address || before.data != v->msg.data) &&
	    irq_update_msi(irq_of(msix), v->gsi, &v->msg, &e) < 0)
		log_warn("pci: slot %u: interrupt: %s", msix->fn->slot, e.text);
	settle(msix, v);
}

bool msix_write(struct msix *msix, unsigned int bar, uint64_t offset, unsigned int size,
		uint64_t value)
{
	uint64_t within;
	enum area area = area_of(msix, bar, offset, size, &within);

	if (area == AREA_TABLE) {
		pthread_mutex_lock(&msix->fn->lock);
		write_table(msix, within, size, value);
		pthread_mutex_unlock(&msix->fn->lock);
	}
	return area != AREA_NONE;
}

int pci_add_msix(struct pci_function *fn, uint16_t n_vectors, unsigned int bar, uint32_t table,
		 uint32_t pba, struct err *e)
{
	struct msix *msix = &fn->msix;
	struct {
		uint8_t id, next;
		uint16_t control;
		uint32_t table, pba;
	} __attribute__((packed)) cap = {
		.control = (uint16_t)(n_vectors - 1),
		.table = table | bar,
		.pba = pba | bar,
	};

	if (n_vectors == 0 || n_vectors > 2048)
		return err_set(e, -EINVAL, "%u interrupt vectors: need 1 to 2048", n_vectors);
	msix->vectors = calloc(n_vectors, sizeof(msix->vectors[0]));
	if (!msix->vectors)
		return err_nomem(e);
	for (unsigned int i = 0; i < n_vectors; i++)
		msix->vectors[i] = (struct msix_vector){ .masked = true, .fd = -1 };
	msix->fn = fn;
	msix->n_vectors = n_vectors;
	msix->bar = (uint8_t)bar;
	msix->table = table;
	msix->pba = pba;
	msix->cap = pci_add_capability(fn, PCI_CAP_ID_MSIX, &cap, sizeof(cap));
	fn->writable[msix->cap + PCI_MSIX_FLAGS + 1] =
		(PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL) >> 8;
	return 0;
}

void msix_state(struct msix *msix, const struct state *s)
{
	struct saved {
		uint64_t address;
		uint32_t data;
		uint8_t masked, pending, unused[2];
	};
	size_t size = msix->n_vectors * sizeof(struct saved);
	_free_ struct saved *saved = calloc(msix->n_vectors + 1u, sizeof(*saved));

	if (!saved) {
		state_fail(s, -ENOMEM, "out of memory");
		return;
	}
	for (unsigned int i = 0; i < msix->n_vectors; i++)
		saved[i] = (struct saved){
			.address = msix->vectors[i].msg.address,
			.data = msix->vectors[i].msg.data,
			.masked = msix->vectors[i].masked,
			.pending = is_pending(&msix->vectors[i]),
		};
	state_bytes(s, "msix", saved, size);
	if (!s->loading || state_failed(s))
		return;
	for (unsigned int i = 0; i < msix->n_vectors; i++) {
		struct msix_vector *v = &msix->vectors[i];

		v->msg.address = saved[i].address & ~UINT64_C(3);
		v->msg.data = saved[i].data;
		v->masked = saved[i].masked;
		v->pending = saved[i].pending;
	}
	msix_control_changed(msix);
}

void msix_fini(struct msix *msix)
{
	for (unsigned int i = 0; i < msix->n_vectors; i++) {
		unbind(msix, &msix->vectors[i]);
		if (msix->vectors[i].fd >= 0)
			close(msix->vectors[i].fd);
	}
	free(msix->vectors);
	*msix = (struct msix){ 0 };
}

void msix_notify(struct msix *msix, uint16_t vector)
{
	if (vector >= msix->n_vectors)
		return;
	pthread_mutex_lock(&msix->fn->lock);
	struct msix_vector *v = &msix->vectors[vector];

	if (deliverable(msix, v))
		irq_signal_msi(irq_of(msix), &v->msg);
	else
		v->pending = true;
	pthread_mutex_unlock(&msix->fn->lock);
}

static int eventfd_locked(struct msix *msix, struct msix_vector *v, struct err *e)
{
	if (v->fd >= 0)
		return v->fd;
	v->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (v->fd < 0)
		return err_errno(e, -errno, "cannot make an eventfd for an interrupt");
	settle(msix, v);
	return v->fd;
}

int msix_eventfd(struct msix *msix, uint16_t vector, struct err *e)
{
	if (vector >= msix->n_vectors)
		return err_set(e, -EINVAL, "interrupt vector %u: there are %u", vector,
			       msix->n_vectors);
	pthread_mutex_lock(&msix->fn->lock);
	int fd = eventfd_locked(msix, &msix->vectors[vector], e);

	pthread_mutex_unlock(&msix->fn->lock);
	return fd;
}
