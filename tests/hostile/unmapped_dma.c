/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A guest that takes memory away from disks behind the IOMMU and lets them write into it. */
#include "hostile.h"

enum {
	ATTACH = 1, /* requests of the IOMMU */
	MAP = 3,
	UNMAP = 4,
	BLOCK_READ = 0,
	BLOCK_WRITE = 1,
	RINGS = 0x4000, /* bytes of a queue's rings and requests */
	BLOCK_OK = 0,
	BLOCK_ERROR = 1,
	NO_ANSWER = 0xff,
	LIMIT = 200000,  /* exits to wait for an answer: many seconds */
	PATIENCE = 4000, /* and for one that must not come */
	DOMAIN = 1,
	HEAD_AT = 0x3000, /* in a queue's memory */
	TAIL_AT = 0x3100,
};

/* What the disk sees is far from where it is. */
#define IOVA UINT64_C(0x7000000000)

struct disk {
	struct guest *g;
	struct function *iommu, *f;
	uint64_t rings, data; /* guest-physical */
	uint64_t shift;       /* from there to what the disk is told */
	uint16_t sent;
};

struct descriptor {
	uint64_t address;
	uint32_t length;
	uint16_t flags, next;
};

/* Head, data (not where `data` is 0) and tail of one request, then the doorbell. */
static void send(struct function *f, uint64_t rings, uint64_t shift, uint32_t head, uint64_t data,
		 bool device_writes, uint32_t tail)
{
	volatile struct descriptor *d = (volatile struct descriptor *)rings;
	volatile uint16_t *avail = (volatile uint16_t *)(rings + PLAIN_AVAIL);

	d[0] = (struct descriptor){ rings + HEAD_AT + shift, head, 1, data ? 1 : 2 };
	d[1] = (struct descriptor){ data, 4096, (uint16_t)(1 | (device_writes ? 2 : 0)), 2 };
	d[2] = (struct descriptor){ rings + TAIL_AT + shift, tail, 2, 0 };
	avail[2 + avail[1] % PLAIN_RING_SIZE] = 0;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	avail[1] = (uint16_t)(avail[1] + 1);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	store(f->bar + f->notify_offset, 2, 0);
}

static bool needs_reset(struct function *f)
{
	return load(f->bar + 20, 1) & 0x40;
}

/* Did the device use what it has? Not when it gave up. */
static bool answered(struct function *f, uint64_t rings, unsigned int exits)
{
	volatile uint16_t *avail = (volatile uint16_t *)(rings + PLAIN_AVAIL);
	volatile uint16_t *used = (volatile uint16_t *)(rings + PLAIN_USED);

	for (; exits && used[1] != avail[1] && !needs_reset(f); exits--)
		port_in(0x80, 1);
	return used[1] == avail[1];
}

static uint64_t iommu_rings(void)
{
	return ARENA + 0x200000;
}

/* One request of the IOMMU, which must be granted. */
static bool ask(struct disk *d, uint8_t type, uint64_t from, uint64_t bytes, uint64_t physical)
{
	uint64_t head = iommu_rings() + HEAD_AT;
	uint32_t endpoint = (uint32_t)d->f->segment << 16 | (uint32_t)d->f->slot << 3;

	__builtin_memset((void *)head, 0, 64);
	store(head, 1, type);
	store(head + 4, 4, DOMAIN);
	store(head + 8, 8, type == ATTACH ? endpoint : from);
	if (type != ATTACH)
		store(head + 16, 8, from + bytes - 1);
	if (type == MAP) {
		store(head + 24, 8, physical);
		store(head + 32, 4, 3);
	}
	store(iommu_rings() + TAIL_AT, 4, 0xff);
	send(d->iommu, iommu_rings(), 0, type == MAP ? 36 : type == UNMAP ? 28 : 20, 0, false, 4);
	return answered(d->iommu, iommu_rings(), LIMIT) && load(iommu_rings() + TAIL_AT, 1) == 0;
}

/* A page of sector 0 and on, to or from `data` as the disk sees it: done, an error, or no answer.
 */
static uint8_t transfer(struct disk *d, uint32_t type, uint64_t data, unsigned int exits)
{
	store(d->rings + HEAD_AT, 8, type);
	store(d->rings + HEAD_AT + 8, 8, 0);
	store(d->rings + TAIL_AT, 1, NO_ANSWER);
	send(d->f, d->rings, d->shift, 16, data, type == BLOCK_READ, 1);
	return answered(d->f, d->rings, exits) ? (uint8_t)load(d->rings + TAIL_AT, 1) : NO_ANSWER;
}

static bool filled_with(uint64_t page, uint8_t value)
{
	for (unsigned int n = 0; n < 4096; n += 8)
		if (load(page + n, 8) != UINT64_C(0x0101010101010101) * value)
			return false;
	return true;
}

static void restart(struct disk *d, uint64_t shift)
{
	d->shift = shift;
	start_plainly(d->f, d->rings, shift);
}

/* A read into `to` fails, with an error or with a disk that needs a reset, and changes nothing. */
static bool refused(struct disk *d, uint64_t to)
{
	uint8_t said;

	__builtin_memset((void *)d->data, 0x33, 4096);
	said = transfer(d, BLOCK_READ, to, LIMIT);
	return (said == BLOCK_ERROR || (said == NO_ANSWER && needs_reset(d->f))) &&
	       filled_with(d->data, 0x33);
}

/* The used ring alone goes away under a disk that is at work: it says no more. */
static bool ends_with_its_rings(struct disk *d)
{
	uint8_t used = (uint8_t)load(d->rings + PLAIN_USED + 2, 1);

	return ask(d, UNMAP, d->rings + PLAIN_USED + IOVA, 4096, 0) &&
	       transfer(d, BLOCK_READ, d->data + IOVA, PATIENCE) == NO_ANSWER &&
	       load(d->rings + PLAIN_USED + 2, 1) == used;
}

static bool reads_and_writes(struct disk *d)
{
	__builtin_memset((void *)d->data, 0x11, 4096);
	if (transfer(d, BLOCK_WRITE, d->data + IOVA, LIMIT) != BLOCK_OK)
		return false;
	__builtin_memset((void *)d->data, 0x22, 4096);
	return transfer(d, BLOCK_READ, d->data + IOVA, LIMIT) == BLOCK_OK &&
	       filled_with(d->data, 0x11);
}

/* The used ring by itself. */
static bool map_rings(struct disk *d)
{
	uint64_t used = d->rings + PLAIN_USED;

	return ask(d, MAP, d->rings + IOVA, PLAIN_USED, d->rings) &&
	       ask(d, MAP, used + IOVA, 4096, used) &&
	       ask(d, MAP, used + 4096 + IOVA, RINGS - PLAIN_USED - 4096, used + 4096);
}

/* What went wrong; NULL: nothing. */
static const char *try_disk(struct disk *d)
{
	/* Nobody gave the disk any memory: it reaches none, by guest-physical addresses either. */
	restart(d, 0);
	if (!refused(d, d->data))
		return "writes before it was attached";
	if (!ask(d, ATTACH, 0, 0, 0) || !map_rings(d) ||
	    !ask(d, MAP, d->data + IOVA, 4096, d->data))
		return "cannot be mapped";
	restart(d, IOVA);
	if (!reads_and_writes(d))
		return "does not reach what is mapped";
	if (!ask(d, UNMAP, d->data + IOVA, 4096, 0))
		return "cannot be unmapped";
	if (!refused(d, d->data + IOVA))
		return "writes into what was unmapped";
	restart(d, IOVA);
	if (!refused(d, d->data))
		return "takes a guest-physical address";
	if (!ask(d, MAP, d->data + IOVA, 4096, d->data))
		return "cannot be mapped again";
	restart(d, IOVA);
	if (!reads_and_writes(d))
		return "does not recover";
	if (!ends_with_its_rings(d))
		return "goes on in rings that were unmapped";
	if (!ask(d, UNMAP, d->rings + IOVA, RINGS, 0) || !ask(d, UNMAP, d->data + IOVA, 4096, 0))
		return "cannot be unmapped in the end";
	return NULL;
}

static struct function *iommu_of(struct guest *g)
{
	for (unsigned int n = 0; n < g->n_functions; n++)
		if (g->functions[n].type == TYPE_IOMMU)
			return &g->functions[n];
	return NULL;
}

void unmapped_dma(struct guest *g)
{
	struct disk d = { .g = g, .iommu = iommu_of(g), .data = ARENA + 0x220000 };

	if (d.iommu)
		start_plainly(d.iommu, iommu_rings(), 0);
	for (unsigned int n = 0; d.iommu && n < g->n_functions; n++) {
		const char *wrong;

		d.f = &g->functions[n];
		if (d.f->type != TYPE_BLOCK || d.f->segment == 0)
			continue;
		d.rings = ARENA + 0x210000 + 0x4000u * (n % 4);
		wrong = try_disk(&d);
		store(d.f->bar + 20, 1, 0);
		print_number("hostile: dma: disk ", d.f->slot);
		print(wrong ? " " : " keeps to its mappings");
		print(wrong ? wrong : "");
		print("\n");
	}
}
