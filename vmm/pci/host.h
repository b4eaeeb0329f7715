/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The PCI segments: ECAM, address windows, and which function sits in which slot. */
#pragma once

#include "base/err.h"
#include "config/vm_config.h"
#include "pci/pci.h"

#include <stdint.h>

struct machine;
struct pci_host;

struct pci_window {
	uint64_t start, size; /* bytes; a size of 0 is no window */
};

struct pci_segment {
	struct pci_host *host; /* borrowed */
	uint16_t number;
	struct pci_window mmio32, mmio64, io;
	struct {
		struct pci_function *fn; /* owned */
		bool reserved;           /* an explicit pci_device_id that is still to come */
		bool hidden;             /* ejected by the guest, not destroyed yet */
		uint64_t assigned[PCI_BARS];
	} slots[VM_SLOTS_PER_SEGMENT];
};

/*
 * Creates the segments of the configuration with their windows and the host bridge of segment 0.
 * `phys_bits` is the guest's physical address width.
 */
int pci_host_create(struct machine *m, unsigned int phys_bits, struct pci_host **out,
		    struct err *e);

/* Destroys every function in reverse order of slots; NULL is fine. */
void pci_host_destroy(struct pci_host *host);

unsigned int pci_host_segments(const struct pci_host *host);
const struct pci_segment *pci_host_segment(const struct pci_host *host, unsigned int number);

/* Sets a slot aside for the device that asks for it, so that no automatic choice takes it. */
int pci_host_reserve(struct pci_host *host, const struct pci_config *where, struct err *e);

/*
 * Puts a function on its segment, in the slot it asks for or the lowest free one, and gives its
 * BARs addresses. Takes ownership on success. Main thread.
 */
int pci_host_add(struct pci_host *host, struct pci_function *fn, const struct pci_config *where,
		 struct err *e);

/* Takes a function off its segment, back into the caller's hands; no vCPU is in it any more on
 * return. Main thread. */
void pci_host_detach(struct pci_host *host, struct pci_function *fn);

/* The guest ejected a slot: it reads as empty from now on. The function, NULL when there is none
 * or when it cannot go. */
struct pci_function *pci_host_hide(struct pci_host *host, unsigned int segment, unsigned int slot);

/* "0000:00:06.0"; `buf` of at least 16 bytes. */
void pci_function_name(const struct pci_function *fn, char *buf, size_t size);
