/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guest RAM of two regions and a driver's side of a virtqueue, without KVM. */
#pragma once

#include "unit.h"

#include "base/cleanup.h"
#include "virtio/virtqueue.h"

#include <linux/virtio_ring.h>
#include <sys/mman.h>

enum {
	FAKE_LOW = 1 << 20,  /* bytes at 0 */
	FAKE_HIGH = 1 << 20, /* bytes at FAKE_HIGH_GPA */
	FAKE_RING =
		0x10000, /* where fake_ring lays its ring: descriptors, avail, used a page apart */
	FAKE_AVAIL = FAKE_RING + 0x4000,
	FAKE_USED = FAKE_RING + 0x6000,
	FAKE_DATA = 0x40000,
};

#define FAKE_HIGH_GPA (UINT64_C(1) << 32)

struct fake_guest {
	struct guest_memory memory;
	struct dma_space dma;
};

static inline void fake_guest_init(struct fake_guest *g)
{
	uint8_t *p = mmap(NULL, FAKE_LOW + FAKE_HIGH, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_true(p != MAP_FAILED);
	*g = (struct fake_guest){
		.memory =
			{
				.fd = -1,
				.size = FAKE_LOW + FAKE_HIGH,
				.n_regions = 2,
				.regions =
					{
						{.gpa = 0, .size = FAKE_LOW, .hva = p},
						{.gpa = FAKE_HIGH_GPA,
						 .size = FAKE_HIGH,
						 .hva = p + FAKE_LOW},
					},
			},
	};
	g->dma.memory = &g->memory;
}

static inline void fake_guest_fini(struct fake_guest *g)
{
	munmap(g->memory.regions[0].hva, FAKE_LOW + FAKE_HIGH);
}

static inline void *fake_at(struct fake_guest *g, uint64_t gpa)
{
	if (gpa >= FAKE_HIGH_GPA)
		return g->memory.regions[1].hva + (gpa - FAKE_HIGH_GPA);
	return g->memory.regions[0].hva + gpa;
}

static inline void fake_desc(struct fake_guest *g, uint64_t table, uint16_t i, uint64_t addr,
			     uint32_t len, uint16_t flags, uint16_t next)
{
	struct vring_desc d = { .addr = addr, .len = len, .flags = flags, .next = next };

	memcpy((uint8_t *)fake_at(g, table) + i * sizeof(d), &d, sizeof(d));
}

/* Makes a chain's head available. */
static inline void fake_offer(struct fake_guest *g, uint16_t size, uint16_t head)
{
	uint16_t *avail = fake_at(g, FAKE_AVAIL);

	avail[2 + avail[1] % size] = head;
	avail[1]++;
}

static inline struct vring_used_elem fake_used(struct fake_guest *g, unsigned int i)
{
	struct vring_used_elem u;

	memcpy(&u, (uint8_t *)fake_at(g, FAKE_USED) + 4 + i * sizeof(u), sizeof(u));
	return u;
}

static inline uint16_t fake_used_idx(struct fake_guest *g)
{
	return ((uint16_t *)fake_at(g, FAKE_USED))[1];
}

/* Sets a queue as a driver would; it is not started yet. */
static inline void fake_ring(struct virtqueue *vq, uint16_t size)
{
	*vq = (struct virtqueue){
		.max_size = 256,
		.size = size,
		.enabled = true,
		.desc = FAKE_RING,
		.avail = FAKE_AVAIL,
		.used = FAKE_USED,
	};
}
