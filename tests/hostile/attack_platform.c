/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Attacks on what is neither PCI nor virtio: hot-plug and event registers, ports, the void. */
#include "hostile.h"

enum {
	UP = 0,
	DOWN = 4,
	EJECT = 8,
	SEGMENT = 12,
	STRING_BYTES = 256,
};

/* Slots of a segment in which there is something. */
static uint32_t present(struct guest *g, uint32_t segment)
{
	uint32_t slots = 0;

	for (unsigned int n = 0; n < g->n_functions; n++)
		if (g->functions[n].segment == segment)
			slots |= 1u << g->functions[n].slot;
	return slots;
}

/* Ejects what is not there and what cannot go; what is there is kept for the other attacks. */
void attack_hotplug(struct guest *g, struct random *r)
{
	for (unsigned int n = 0; n < 6; n++) {
		uint32_t segment = once_in(r, 3) ? (uint32_t)rnd(r) : pick(r, MAX_SEGMENTS);

		store(HOTPLUG + SEGMENT, 4, segment);
		store(HOTPLUG + EJECT, 4,
		      (uint32_t)rnd(r) & (~present(g, segment) | (segment ? 0 : 1)));
		load(HOTPLUG + pick(r, 20), 1u << pick(r, 4));
		/* Not a whole register, so nothing that could eject. */
		store(HOTPLUG + pick(r, 20), 1u << pick(r, 2), rnd(r));
		store(HOTPLUG + pick(r, 2) * 4, 4, rnd(r));
	}
}

void attack_events(struct guest *g, struct random *r)
{
	for (unsigned int n = 0; n < 4; n++) {
		load(EVENTS + pick(r, 4), 1u << pick(r, 4));
		store(EVENTS + pick(r, 4), 1u << pick(r, 4), any_value(g, r));
	}
}

/* Only the power port itself is spared: that would end the machine. */
void attack_ports(struct guest *g, struct random *r)
{
	static uint8_t bytes[STRING_BYTES];

	for (unsigned int n = 0; n < 8; n++) {
		uint16_t port = (uint16_t)rnd(r);
		unsigned int size = 1u << pick(r, 3);

		if (once_in(r, 4))
			port = (uint16_t)(PORT_POWER - 2 + pick(r, 6));
		port_in(port, size);
		if (port + size <= PORT_POWER || port > PORT_POWER)
			port_out(port, size, (uint32_t)any_value(g, r));
	}
	/* Any sleep state but the one that turns the power off. */
	port_out(PORT_POWER, 1, pick(r, 5) << 2 | 1 << 5);
	for (unsigned int n = 0; n < 2; n++) {
		uint64_t count = pick(r, STRING_BYTES / 4);
		void *at = bytes;
		uint16_t port =
			(uint16_t)(pick(r, 2) ? PORT_SERIAL + pick(r, 8) : 0x1000 + pick(r, 256));

		if (n)
			__asm__ volatile("rep insl" : "+D"(at), "+c"(count) : "d"(port) : "memory");
		else
			__asm__ volatile("rep outsl"
					 : "+S"(at), "+c"(count)
					 : "d"(port)
					 : "memory");
	}
	serial_restore();
}

void attack_serial(struct guest *g, struct random *r)
{
	for (unsigned int n = 0; n < 16; n++) {
		uint16_t port = (uint16_t)(PORT_SERIAL + pick(r, 8));

		port_in(port, 1u << pick(r, 3));
		/* What it would send is our own log. */
		if (port != PORT_SERIAL || once_in(r, 8))
			port_out(port, 1u << pick(r, 3), (uint32_t)any_value(g, r));
	}
	serial_restore();
}

/* Addresses at which nobody answers, and accesses over the end of what does. */
void attack_holes(struct guest *g, struct random *r)
{
	static const uint32_t edges[] = { ECAM,  ECAM + ECAM_SEGMENT, HOTPLUG, HOTPLUG + 16, HOLE,
					  EVENTS };

	for (unsigned int n = 0; n < 12; n++) {
		uint64_t at = HOLE + pick(r, IOAPIC - HOLE);
		unsigned int size = 1u << pick(r, 4);

		if (once_in(r, 2) && g->ram_end < HOLE)
			at = g->ram_end + pick(r, (uint32_t)(HOLE - g->ram_end));
		if (once_in(r, 3))
			at = edges[pick(r, 6)] - pick(r, 8);
		load(at, size);
		/* Hot-plug has registers that must not be hit by chance. */
		if (at + size <= ECAM)
			store(at & ~UINT64_C(0x7ffff), size, any_value(g, r) & 0xf);
	}
}

static void eject(struct guest *g, uint32_t segment, uint32_t slots)
{
	store(HOTPLUG + SEGMENT, 4, segment);
	store(HOTPLUG + EJECT, 4, slots);
	for (unsigned int n = 0; n < g->n_functions; n++)
		if (g->functions[n].segment == segment && slots & 1u << g->functions[n].slot)
			g->functions[n].gone = load(g->functions[n].config, 4) == UINT32_MAX;
}

bool eject_wanted(struct guest *g, struct random *r)
{
	bool any = false;

	for (uint32_t segment = 0; segment < g->n_segments; segment++) {
		store(HOTPLUG + SEGMENT, 4, segment);
		uint32_t slots = (uint32_t)load(HOTPLUG + DOWN, 4);

		if (!slots)
			continue;
		for (unsigned int n = 0; n < 4; n++)
			attack_session(g, r);
		eject(g, segment, slots);
		any = true;
	}
	return any;
}

void eject_all(struct guest *g, struct random *r)
{
	for (unsigned int n = 0; n < g->n_functions; n++) {
		struct function *f = &g->functions[pick(r, g->n_functions)];

		if (!f->type || f->gone)
			continue;
		start_device(g, r, f);
		feed_device(g, r, f);
		eject(g, f->segment, 1u << f->slot);
		/* Twice, and registers that may be on their way out. */
		store(HOTPLUG + EJECT, 4, 1u << f->slot);
		attack_bars(g, r);
	}
	for (uint32_t segment = 0; segment < g->n_segments; segment++)
		eject(g, segment, UINT32_MAX);
}
