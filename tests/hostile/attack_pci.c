/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Attacks on configuration space, BARs, their addresses, and MSI-X. */
#include "hostile.h"

enum {
	COMMAND = 4,
	STATUS = 6,
	BAR_0 = 0x10,
	BAR_2 = 0x18,
	CAPABILITIES = 0x34,
	CAP_MSIX = 0x11,
	CAP_VENDOR = 9,
	VIRTIO_NOTIFY = 2,
	VIRTIO_WINDOW = 5,
	DEVICE_STATUS = 20, /* in the common configuration */
	FIRST_BAR = 0xc0000000,
	BAR_SPACE = 0x100000,
	FIRST_PORT = 0x4000,
	PORT_SPACE = 0x100,
};

static const uint8_t sizes[] = { 1, 2, 4, 8 };

static void read_capabilities(struct function *f)
{
	unsigned int at = (unsigned int)load(f->config + CAPABILITIES, 1);

	for (unsigned int n = 0; at && n < 32;
	     n++, at = (unsigned int)load(f->config + at + 1, 1)) {
		unsigned int id = (unsigned int)load(f->config + at, 1);

		if (id == CAP_MSIX) {
			f->msix_cap = (uint8_t)at;
			f->n_vectors = (uint16_t)((load(f->config + at + 2, 2) & 0x7ff) + 1);
		}
		if (id != CAP_VENDOR)
			continue;
		if (load(f->config + at + 3, 1) == VIRTIO_NOTIFY && load(f->config + at + 4, 1)) {
			f->ports = (uint16_t)(FIRST_PORT + PORT_SPACE * f->slot);
		} else if (load(f->config + at + 3, 1) == VIRTIO_NOTIFY) {
			f->notify_offset = (uint32_t)load(f->config + at + 8, 4);
			f->notify_stride = (uint32_t)load(f->config + at + 16, 4);
		} else if (load(f->config + at + 3, 1) == VIRTIO_WINDOW) {
			f->window_cap = (uint8_t)at;
		}
	}
}

void pci_settle(struct function *f)
{
	if (!f->type || f->gone)
		return;
	store(f->config + COMMAND, 2, 0);
	store(f->config + BAR_0, 4, f->bar);
	store(f->config + BAR_0 + 4, 4, 0);
	store(f->config + BAR_2, 4, f->ports);
	store(f->config + COMMAND, 2, 7);
	store(f->bar + DEVICE_STATUS, 1, 0);
}

void pci_scan(struct guest *g)
{
	for (unsigned int segment = 0; segment < MAX_SEGMENTS; segment++)
		for (unsigned int slot = 0; slot < 32; slot++) {
			uint32_t config = ECAM + segment * ECAM_SEGMENT + (slot << 15);
			uint32_t id = (uint32_t)load(config, 4);
			struct function *f = &g->functions[g->n_functions];

			if (id == UINT32_MAX || g->n_functions == MAX_FUNCTIONS)
				continue;
			if (segment >= g->n_segments)
				g->n_segments = segment + 1;
			f->config = config;
			f->segment = (uint8_t)segment;
			f->slot = (uint8_t)slot;
			f->bar = FIRST_BAR + g->n_functions * BAR_SPACE;
			if ((id & 0xffff) == 0x1af4)
				f->type = (uint16_t)((id >> 16) - 0x1040);
			read_capabilities(f);
			pci_settle(f);
			g->n_functions++;
		}
}

struct function *any_function(struct guest *g, struct random *r)
{
	for (unsigned int n = 0; n < 64; n++) {
		struct function *f = &g->functions[pick(r, g->n_functions)];

		if (f->type && !f->gone)
			return f;
	}
	return NULL;
}

void attack_config(struct guest *g, struct random *r)
{
	for (unsigned int n = 0; n < 24; n++) {
		struct function *f = &g->functions[pick(r, g->n_functions)];
		uint32_t at = f->config + (once_in(r, 8) ? pick(r, 0x8000) : pick(r, 256));
		unsigned int size = sizes[pick(r, 4)];

		/* The end of the page, where an access falls into two of odd sizes. */
		if (once_in(r, 12))
			at = f->config + 0x1000 - pick(r, 8);
		if (once_in(r, 3))
			load(at, size);
		else
			store(at, size, any_value(g, r));
	}
	/* The window into the BAR, set to what exists and what does not. */
	struct function *f = any_function(g, r);

	if (!f || !f->window_cap)
		return;
	for (unsigned int n = 0; n < 4; n++) {
		store(f->config + f->window_cap + 4, 1, once_in(r, 4) ? pick(r, 256) : 0);
		store(f->config + f->window_cap + 8, 4,
		      once_in(r, 4) ? any_value(g, r) : pick(r, BAR_MSIX_TABLE));
		store(f->config + f->window_cap + 12, 4,
		      once_in(r, 4) ? rnd(r) : sizes[pick(r, 3)]);
		store(f->config + f->window_cap + 16, sizes[pick(r, 4)], any_value(g, r));
		load(f->config + f->window_cap + 16, sizes[pick(r, 4)]);
	}
}

void attack_config_ports(struct guest *g, struct random *r)
{
	for (unsigned int n = 0; n < 8; n++) {
		port_out((uint16_t)(0xcf8 + pick(r, 4)), sizes[pick(r, 3)],
			 (uint32_t)any_value(g, r) | 1u << 31);
		port_out((uint16_t)(0xcfc + pick(r, 4)), sizes[pick(r, 3)],
			 (uint32_t)any_value(g, r));
		port_in((uint16_t)(0xcfc + pick(r, 4)), sizes[pick(r, 3)]);
	}
}

/* An offset in BAR 0; mostly where something is, and not in the MSI-X table (attack_msix). */
static uint32_t any_register(struct function *f, struct random *r)
{
	switch (pick(r, 10)) {
	case 0:
		return pick(r, 2) ? pick(r, BAR_MSIX_TABLE - 8)
				  : BAR_MSIX_PBA - 0x1000 + pick(r, BAR_SIZE - BAR_MSIX_PBA);
	case 1:
		return BAR_SIZE - 1 - pick(r, 16);
	case 2:
		return 0x1000 * pick(r, BAR_SIZE / 0x1000) + 0xff8 + pick(r, 8);
	case 3:
		return 0x2000 + pick(r, 8);
	case 4:
		return 0x4000 + pick(r, 128);
	case 5:
		return f->notify_offset + pick(r, 32);
	case 6:
		return BAR_MSIX_PBA + pick(r, 32);
	default:
		return pick(r, 64);
	}
}

void ring_doorbell(struct random *r, const struct function *f, unsigned int queue, uint64_t value)
{
	if (f->ports && once_in(r, 2))
		port_out((uint16_t)(f->ports + f->notify_stride * queue), 2, (uint32_t)value);
	else
		store(f->bar + f->notify_offset + f->notify_stride * queue, 2, value);
}

void attack_bars(struct guest *g, struct random *r)
{
	for (unsigned int n = 0; n < 32; n++) {
		struct function *f = any_function(g, r);
		uint32_t at;

		if (!f)
			return;
		at = any_register(f, r);
		if (once_in(r, 3))
			load(f->bar + at, sizes[pick(r, 4)]);
		else
			store(f->bar + at, sizes[pick(r, 4)], any_value(g, r));
	}
}

/* Where no BAR belongs: onto others, RAM, ECAM, the interrupt controllers, the ends of the space.
 */
void attack_bar_moves(struct guest *g, struct random *r)
{
	for (unsigned int n = 0; n < 8; n++) {
		struct function *f = any_function(g, r);
		uint64_t to = any_address(g, r);

		if (!f)
			return;
		if (once_in(r, 4))
			to = g->functions[pick(r, g->n_functions)].bar;
		else if (once_in(r, 4))
			to = pick(r, 2) ? HOTPLUG : 0;
		if (once_in(r, 3))
			store(f->config + COMMAND, 2, pick(r, 8));
		store(f->config + BAR_0, 4, (uint32_t)to);
		store(f->config + BAR_0 + 4, 4, once_in(r, 3) ? (uint32_t)rnd(r) : to >> 32);
		if (f->ports)
			store(f->config + BAR_2, 4, once_in(r, 2) ? rnd(r) : f->ports);
		store(f->config + COMMAND, 2, once_in(r, 4) ? rnd(r) : 7);
		/* Where it was, and where it may be now if that is no memory of ours. */
		store(f->bar + DEVICE_STATUS, 1, pick(r, 16));
		if (to > HOLE && to < ECAM)
			store(to & ~(uint64_t)(BAR_SIZE - 1), 1, pick(r, 256));
		ring_doorbell(r, f, pick(r, 8), rnd(r));
	}
}

/*
 * Messages that a CPU would take for INIT or start-up would stop us instead of the VMM; all others
 * come, to vectors and places without sense.
 */
static uint32_t any_message(struct random *r)
{
	uint32_t data = (uint32_t)rnd(r) & ~0x700u;

	return once_in(r, 6) ? data | 0x400 : data;
}

void attack_msix(struct guest *g, struct random *r)
{
	struct function *f = any_function(g, r);

	if (!f || !f->msix_cap)
		return;
	for (unsigned int n = 0; n < 24; n++) {
		uint32_t entry = f->bar + BAR_MSIX_TABLE + 16 * pick(r, f->n_vectors + 2u);

		switch (pick(r, 8)) {
		case 0:
			store(f->config + f->msix_cap + 2, 2, rnd(r));
			break;
		case 1:
			store(f->config + f->msix_cap + 2, 2, 0x8000);
			break;
		case 2:
			store(entry + pick(r, 16), 1 + pick(r, 2), any_message(r));
			break;
		case 3:
			load(entry + pick(r, 16), sizes[pick(r, 4)]);
			break;
		case 4:
			load(f->bar + BAR_MSIX_PBA + pick(r, 12), sizes[pick(r, 4)]);
			break;
		case 5:
			store(entry, 8, once_in(r, 3) ? any_address(g, r) : LAPIC);
			break;
		case 6:
			store(entry + 8, 4, any_message(r));
			store(entry + 12, 4, pick(r, 4));
			break;
		default:
			store(entry + 8, 8, any_message(r));
			break;
		}
	}
}
