/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The generic event device (ACPI 6.4, 5.6.9): one byte of flags, cleared by reading, and a pin that
 * is up until then, so that what happens before the guest listens is not lost.
 */
#include "acpi/ged.h"

#include "layout.h"
#include "machine.h"

static uint64_t ged_read(struct io_range *range, uint64_t offset _unused_,
			 unsigned int size _unused_)
{
	struct ged *ged = container_of(range, struct ged, range);

	/* The pin first: a flag that comes in between raises it again, at worst for nothing. */
	irq_set(ged->machine->irq, LAYOUT_IRQ_GED, false);
	return atomic_exchange(&ged->flags, 0);
}

static void ged_write(struct io_range *range _unused_, uint64_t offset _unused_,
		      unsigned int size _unused_, uint64_t value _unused_)
{
}

static const struct io_ops ged_io = { .read = ged_read, .write = ged_write };

int ged_add(struct ged *ged, struct machine *m, struct err *e)
{
	ged->range = (struct io_range){ .base = LAYOUT_GED, .size = 1, .ops = &ged_io };
	ged->machine = m;
	atomic_init(&ged->flags, 0);
	return io_bus_add(&m->mmio, &ged->range, e);
}

void ged_state(struct ged *ged, const struct state *s)
{
	unsigned int flags = atomic_load(&ged->flags);

	STATE_NUMBER(s, "flags", flags);
	atomic_store(&ged->flags, flags);
	/* KVM does not keep the level of a pin. */
	if (s->loading && flags)
		irq_set(ged->machine->irq, LAYOUT_IRQ_GED, true);
}

void ged_raise(struct ged *ged, unsigned int flag)
{
	atomic_fetch_or(&ged->flags, flag);
	irq_set(ged->machine->irq, LAYOUT_IRQ_GED, true);
}
