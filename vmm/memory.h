/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guest RAM: one mapping, seen below and above the 32-bit hole. */
#pragma once

#include "base/err.h"
#include "config/vm_config.h"

#include <stddef.h>
#include <stdint.h>

/* Where RAM stops for the 32-bit windows of PCI, IOAPIC and LAPIC, and goes on. */
#define MEMORY_HOLE_START 0xc0000000ull
#define MEMORY_HIGH_START 0x100000000ull

/* One piece of the guest-physical address map. */
struct memory_region {
	uint64_t gpa, size; /* bytes */
	uint8_t *hva;
};

struct guest_memory {
	int fd; /* the memfd; -1: private memory */
	uint64_t size;
	size_t n_regions;
	struct memory_region regions[2]; /* ascending; below the hole, from 4 GiB */
};

/*
 * Creates and maps guest RAM: a memfd where `shared` (as every machine with a vhost-vdpa device has
 * to be: it skips private memory in silence), hugetlb where asked, reserved up front so that the
 * guest never takes SIGBUS, populated where `prefault`; otherwise private memory. -ENOMEM names how
 * many hugepages are missing and how to reserve them.
 */
int guest_memory_create(const struct memory_config *config, struct guest_memory **out,
			struct err *e);
void guest_memory_destroy(struct guest_memory *mem);

/*
 * The one way from a guest-physical address to host memory: a pointer to `len` bytes at `gpa`, or
 * NULL unless all of them lie in one region. Any thread.
 */
void *memory_span(const struct guest_memory *mem, uint64_t gpa, uint64_t len);
