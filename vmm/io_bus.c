/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Address ranges that cause exits (port I/O or MMIO) and who answers them. */
#include "io_bus.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

int io_bus_init(struct io_bus *bus, struct err *e)
{
	*bus = (struct io_bus){ 0 };
	int ret = pthread_rwlock_init(&bus->lock, NULL);

	return ret ? err_errno(e, -ret, "cannot make a lock") : 0;
}

void io_bus_destroy(struct io_bus *bus)
{
	pthread_rwlock_destroy(&bus->lock);
	free(bus->ranges);
	bus->ranges = NULL;
	bus->n = bus->room = 0;
}

/* Index of the first range that ends behind `addr`. */
static size_t first_behind(const struct io_bus *bus, uint64_t addr)
{
	size_t low = 0, high = bus->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct io_range *r = bus->ranges[middle];

		if (r->base + (r->size - 1) < addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int grow(struct io_bus *bus, struct err *e)
{
	if (bus->n < bus->room)
		return 0;
	size_t room = bus->room ? 2 * bus->room : 16;
	struct io_range **ranges = realloc(bus->ranges, room * sizeof(struct io_range *));

	if (!ranges)
		return err_nomem(e);
	bus->ranges = ranges;
	bus->room = room;
	return 0;
}

static int add_locked(struct io_bus *bus, struct io_range *range, struct err *e)
{
	uint64_t last = range->base + (range->size - 1);

	if (range->size == 0 || last < range->base)
		return err_set(e, -EINVAL, "range 0x%" PRIx64 " of 0x%" PRIx64 " bytes wraps",
			       range->base, range->size);
	int ret = grow(bus, e);

	if (ret < 0)
		return ret;
	size_t at = first_behind(bus, range->base);

	if (at < bus->n && bus->ranges[at]->base <= last)
		return err_set(e, -EEXIST, "0x%" PRIx64 "-0x%" PRIx64 " overlaps 0x%" PRIx64,
			       range->base, last, bus->ranges[at]->base);
	memmove(&bus->ranges[at + 1], &bus->ranges[at], (bus->n - at) * sizeof(struct io_range *));
	bus->ranges[at] = range;
	bus->n++;
	return 0;
}

int io_bus_add(struct io_bus *bus, struct io_range *range, struct err *e)
{
	pthread_rwlock_wrlock(&bus->lock);
	int ret = add_locked(bus, range, e);

	pthread_rwlock_unlock(&bus->lock);
	return ret;
}

void io_bus_remove(struct io_bus *bus, struct io_range *range)
{
	pthread_rwlock_wrlock(&bus->lock);
	for (size_t i = 0; i < bus->n; i++) {
		if (bus->ranges[i] != range)
			continue;
		bus->n--;
		memmove(&bus->ranges[i], &bus->ranges[i + 1],
			(bus->n - i) * sizeof(struct io_range *));
		break;
	}
	pthread_rwlock_unlock(&bus->lock);
}

/* The range that holds [addr, addr + size), and the offset as it is now: the guest may move it. */
static struct io_range *find(struct io_bus *bus, uint64_t addr, unsigned int size, uint64_t *offset)
{
	struct io_range *found = NULL;

	pthread_rwlock_rdlock(&bus->lock);
	size_t at = first_behind(bus, addr);

	if (at < bus->n) {
		struct io_range *r = bus->ranges[at];

		*offset = addr - r->base;
		if (addr >= r->base && size <= r->size && *offset <= r->size - size)
			found = r;
	}
	pthread_rwlock_unlock(&bus->lock);
	return found;
}

bool io_bus_read(struct io_bus *bus, uint64_t addr, unsigned int size, uint64_t *value)
{
	uint64_t offset;
	struct io_range *range = find(bus, addr, size, &offset);

	*value = range ? range->ops->read(range, offset, size) : ~0ull;
	return range != NULL;
}

bool io_bus_write(struct io_bus *bus, uint64_t addr, unsigned int size, uint64_t value)
{
	uint64_t offset;
	struct io_range *range = find(bus, addr, size, &offset);

	if (range)
		range->ops->write(range, offset, size, value);
	return range != NULL;
}
