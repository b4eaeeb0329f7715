/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Address ranges that cause exits (port I/O or MMIO) and who answers them. */
#pragma once

#include "base/err.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct io_range;

/* Called on the vCPU thread that accessed the range; `offset + size` is within the range. */
struct io_ops {
	uint64_t (*read)(struct io_range *range, uint64_t offset, unsigned int size);
	void (*write)(struct io_range *range, uint64_t offset, unsigned int size, uint64_t value);
};

/* Embedded in the device that answers; borrowed by the bus while it is on it. */
struct io_range {
	uint64_t base, size;
	const struct io_ops *ops;
};

struct io_bus {
	pthread_rwlock_t lock;    /* held for the lookup only, never over a handler */
	struct io_range **ranges; /* ascending, without overlaps */
	size_t n, room;
};

int io_bus_init(struct io_bus *bus, struct err *e);
void io_bus_destroy(struct io_bus *bus);

/* -EEXIST when it overlaps another range. */
int io_bus_add(struct io_bus *bus, struct io_range *range, struct err *e);

/*
 * Takes the range off; a handler that a vCPU already entered may still be running: whoever frees
 * the range calls vcpus_synchronize() in between.
 */
void io_bus_remove(struct io_bus *bus, struct io_range *range);

/* False when no range holds the whole access (reads then give all ones, writes are dropped). */
bool io_bus_read(struct io_bus *bus, uint64_t addr, unsigned int size, uint64_t *value);
bool io_bus_write(struct io_bus *bus, uint64_t addr, unsigned int size, uint64_t value);
