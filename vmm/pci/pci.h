/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One PCI function: configuration space, BARs, MSI-X; what a device model embeds. */
#pragma once

#include "base/err.h"
#include "io_bus.h"
#include "irq.h"
#include "snapshot/state.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct machine;
struct pci_function;
struct pci_segment;

enum {
	PCI_CONFIG_SIZE = 256, /* conventional: reads beyond give 0, "no extended capabilities" */
	PCI_BARS = 6,
};

struct pci_function_ops {
	/* BAR accesses, on a vCPU thread without locks held; within the BAR, naturally sized 1, 2,
	 * 4 or 8. */
	uint64_t (*bar_read)(struct pci_function *fn, unsigned int bar, uint64_t offset,
			     unsigned int size);
	void (*bar_write)(struct pci_function *fn, unsigned int bar, uint64_t offset,
			  unsigned int size, uint64_t value);
	/* The guest enabled (`mapped`) or disabled decoding of a memory or I/O BAR at `address`;
	 * optional. Doorbells (ioeventfds) are registered here. */
	void (*bar_moved)(struct pci_function *fn, unsigned int bar, uint64_t address, bool mapped);
	/* Configuration accesses to a capability of the device's own; optional: true when handled.
	 */
	bool (*config_read)(struct pci_function *fn, unsigned int offset, unsigned int size,
			    uint32_t *value);
	bool (*config_write)(struct pci_function *fn, unsigned int offset, unsigned int size,
			     uint32_t value);
	/* Platform reset of the function (registers to power-on state). */
	void (*reset)(struct pci_function *fn);
	/* Stops the device and frees it; it is off all buses and no vCPU is in it. Main thread. */
	void (*destroy)(struct pci_function *fn);
};

struct pci_bar {
	struct io_range range; /* base is the decoded address while mapped */
	uint64_t size;         /* power of 2; 0: no such BAR */
	bool is_64, is_io, prefetchable, mapped;
	struct pci_function *fn;
};

struct msix_vector {
	struct msi_message msg;
	bool masked, pending;
	int fd;           /* irqfd, -1 until msix_eventfd() asked for one */
	unsigned int gsi; /* valid while bound */
	bool bound;
};

struct msix {
	struct pci_function *fn;
	uint16_t n_vectors;
	bool active;                 /* enabled and not masked as a whole */
	uint8_t cap;                 /* offset of the capability */
	uint8_t bar;                 /* BAR of table and PBA */
	uint32_t table, pba;         /* offsets in the BAR */
	struct msix_vector *vectors; /* owned */
};

struct pci_function {
	const struct pci_function_ops *ops;
	struct machine *machine;     /* borrowed */
	struct pci_segment *segment; /* borrowed; set when it is on a bus */
	uint8_t slot;
	bool ejectable;       /* the guest may give it back; set before it is on a bus */
	pthread_mutex_t lock; /* config space, BARs and MSI-X; never held over ops calls */
	uint8_t config[PCI_CONFIG_SIZE];
	uint8_t writable[PCI_CONFIG_SIZE]; /* bits that the guest may change */
	uint8_t next_cap;                  /* where the next capability goes */
	uint8_t *config_page;              /* owned; see config_page.h; NULL: none */
	struct pci_bar bars[PCI_BARS];
	struct msix msix;
};

struct pci_identity {
	uint16_t vendor, device, subsystem_vendor, subsystem;
	uint32_t class_code; /* 24 bits: class, subclass, interface */
	uint8_t revision;
};

void pci_function_init(struct pci_function *fn, struct machine *machine,
		       const struct pci_function_ops *ops, const struct pci_identity *identity);

/* Releases what pci_function_init and the adders took (MSI-X vectors and their irqfds). */
void pci_function_fini(struct pci_function *fn);

/* Writes or reads the guest-visible state of a function that is on its segment while no vCPU runs;
 * what the guest enabled is decoded and bound again. Main thread. */
void pci_function_state(struct pci_function *fn, const struct state *s);

/* Adds a memory BAR; a 64-bit one takes two slots. */
void pci_add_bar(struct pci_function *fn, unsigned int bar, uint64_t size, bool is_64,
		 bool prefetchable);
void pci_add_io_bar(struct pci_function *fn, unsigned int bar, uint32_t size);

/* Adds a capability of `len` bytes (its first two are id and next pointer); returns its offset. */
uint8_t pci_add_capability(struct pci_function *fn, uint8_t id, const void *body, uint8_t len);

/* MSI-X with its table and PBA in one BAR; the PCI core answers accesses to both regions itself. */
int pci_add_msix(struct pci_function *fn, uint16_t n_vectors, unsigned int bar, uint32_t table,
		 uint32_t pba, struct err *e);

/* Interrupts the guest through a vector; a masked one becomes pending. Any thread. */
void msix_notify(struct msix *msix, uint16_t vector);

/*
 * An eventfd for a vector, bound as irqfd while the vector is unmasked, so that kernel or device
 * can interrupt the guest without us; owned by the function. Negative errno on failure.
 */
int msix_eventfd(struct msix *msix, uint16_t vector, struct err *e);
