/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Interrupts into the guest: GSI routes, irqfds and direct MSIs. */
#pragma once

#include "base/err.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct kvm;

enum {
	IRQ_FIRST_MSI_GSI = 24, /* below are the IOAPIC's pins */
	IRQ_MAX_GSI = 4096,
};

struct msi_message {
	uint64_t address;
	uint32_t data;
};

struct irq; /* the table of GSI routes of one VM; its functions may be called on any thread */

int irq_create(struct kvm *kvm, struct irq **out, struct err *e);
void irq_destroy(struct irq *irq);

/* Injects one MSI now (KVM_SIGNAL_MSI). */
void irq_signal_msi(struct irq *irq, const struct msi_message *msg);

/* Raises or lowers a level-triggered IOAPIC pin. */
void irq_set(struct irq *irq, unsigned int pin, bool level);

/* Pulses an edge-triggered IOAPIC pin (ISA interrupt). */
void irq_pulse(struct irq *irq, unsigned int pin);

/*
 * Binds an eventfd to an MSI inside the kernel: every write to `fd` becomes `msg`. *gsi is the
 * route, for irq_update_msi and irq_unbind_msi.
 */
int irq_bind_msi(struct irq *irq, int fd, const struct msi_message *msg, unsigned int *gsi,
		 struct err *e);
int irq_update_msi(struct irq *irq, unsigned int gsi, const struct msi_message *msg, struct err *e);
void irq_unbind_msi(struct irq *irq, int fd, unsigned int gsi);
