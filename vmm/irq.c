/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Interrupts into the guest: GSI routes, irqfds and direct MSIs. */
#include "irq.h"

#include "base/cleanup.h"
#include "kvm.h"

#include <errno.h>
#include <stdlib.h>

struct irq {
	struct kvm *kvm; /* borrowed */
	pthread_mutex_t lock;
	bool used[IRQ_MAX_GSI]; /* by GSI */
	unsigned int lowest_free;
	/* What KVM was told last: the IOAPIC's pins, then the MSIs in use, in any order. */
	struct kvm_irq_routing *table; /* owned */
	unsigned int room;
};

int irq_create(struct kvm *kvm, struct irq **out, struct err *e)
{
	_free_ struct irq *irq = calloc(1, sizeof(*irq));
	unsigned int room = IRQ_FIRST_MSI_GSI + 40;

	if (!irq)
		return err_nomem(e);
	irq->table = calloc(1, sizeof(*irq->table) + room * sizeof(irq->table->entries[0]));
	if (!irq->table)
		return err_nomem(e);
	irq->kvm = kvm;
	irq->room = room;
	irq->lowest_free = IRQ_FIRST_MSI_GSI;
	pthread_mutex_init(&irq->lock, NULL);
	/* KVM starts with these routes itself; they are repeated with each new table. */
	for (unsigned int pin = 0; pin < IRQ_FIRST_MSI_GSI; pin++)
		irq->table->entries[irq->table->nr++] = (struct kvm_irq_routing_entry){
			.gsi = pin,
			.type = KVM_IRQ_ROUTING_IRQCHIP,
			.u.irqchip = { .irqchip = KVM_IRQCHIP_IOAPIC, .pin = pin },
		};
	*out = steal_ptr(&irq);
	return 0;
}

void irq_destroy(struct irq *irq)
{
	if (!irq)
		return;
	pthread_mutex_destroy(&irq->lock);
	free(irq->table);
	free(irq);
}

void irq_signal_msi(struct irq *irq, const struct msi_message *msg)
{
	kvm_signal_msi(irq->kvm, msg->address, msg->data);
}

void irq_set(struct irq *irq, unsigned int pin, bool level)
{
	kvm_set_irq_line(irq->kvm, pin, level);
}

void irq_pulse(struct irq *irq, unsigned int pin)
{
	irq_set(irq, pin, true);
	irq_set(irq, pin, false);
}

static struct kvm_irq_routing_entry msi_route(unsigned int gsi, const struct msi_message *msg)
{
	return (struct kvm_irq_routing_entry){
		.gsi = gsi,
		.type = KVM_IRQ_ROUTING_MSI,
		.u.msi = {
			.address_lo = (uint32_t)msg->address,
			.address_hi = (uint32_t)(msg->address >> 32),
			.data = msg->data,
		},
	};
}

static struct kvm_irq_routing_entry *find_route(struct irq *irq, unsigned int gsi)
{
	for (unsigned int i = IRQ_FIRST_MSI_GSI; i < irq->table->nr; i++)
		if (irq->table->entries[i].gsi == gsi)
			return &irq->table->entries[i];
	return NULL;
}

static int make_room(struct irq *irq, struct err *e)
{
	if (irq->table->nr < irq->room)
		return 0;
	unsigned int room = 2 * irq->room;
	struct kvm_irq_routing *table =
		realloc(irq->table, sizeof(*table) + room * sizeof(table->entries[0]));

	if (!table)
		return err_nomem(e);
	irq->table = table;
	irq->room = room;
	return 0;
}

static int add_route(struct irq *irq, const struct msi_message *msg, unsigned int *gsi,
		     struct err *e)
{
	int ret = make_room(irq, e);

	if (ret < 0)
		return ret;
	unsigned int g = irq->lowest_free;

	while (g < IRQ_MAX_GSI && irq->used[g])
		g++;
	if (g == IRQ_MAX_GSI)
		return err_set(e, -ENOSPC, "all %d interrupt routes are in use", IRQ_MAX_GSI);
	irq->table->entries[irq->table->nr++] = msi_route(g, msg);
	ret = kvm_set_routes(irq->kvm, irq->table, e);
	if (ret < 0) {
		irq->table->nr--;
		return ret;
	}
	irq->used[g] = true;
	irq->lowest_free = g + 1;
	*gsi = g;
	return 0;
}

/* The kernel keeps the stale route until the next change; nothing is bound to it any more. */
static void drop_route(struct irq *irq, unsigned int gsi)
{
	struct kvm_irq_routing_entry *route = find_route(irq, gsi);

	if (!route)
		return;
	*route = irq->table->entries[--irq->table->nr];
	irq->used[gsi] = false;
	if (gsi < irq->lowest_free)
		irq->lowest_free = gsi;
}

int irq_bind_msi(struct irq *irq, int fd, const struct msi_message *msg, unsigned int *gsi,
		 struct err *e)
{
	pthread_mutex_lock(&irq->lock);
	int ret = add_route(irq, msg, gsi, e);

	if (ret == 0) {
		ret = kvm_bind_irqfd(irq->kvm, fd, *gsi, e);
		if (ret < 0)
			drop_route(irq, *gsi);
	}
	pthread_mutex_unlock(&irq->lock);
	return ret;
}

int irq_update_msi(struct irq *irq, unsigned int gsi, const struct msi_message *msg, struct err *e)
{
	int ret = 0;

	pthread_mutex_lock(&irq->lock);
	struct kvm_irq_routing_entry *route = find_route(irq, gsi);

	if (!route) {
		ret = err_set(e, -ENOENT, "interrupt route %u is not in use", gsi);
	} else {
		*route = msi_route(gsi, msg);
		ret = kvm_set_routes(irq->kvm, irq->table, e);
	}
	pthread_mutex_unlock(&irq->lock);
	return ret;
}

void irq_unbind_msi(struct irq *irq, int fd, unsigned int gsi)
{
	pthread_mutex_lock(&irq->lock);
	kvm_unbind_irqfd(irq->kvm, fd, gsi);
	drop_route(irq, gsi);
	pthread_mutex_unlock(&irq->lock);
}
