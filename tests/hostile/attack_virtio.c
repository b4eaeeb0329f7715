/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Attacks on virtio devices: status, features, queues, and what lies in them. */
#include "hostile.h"

/* The common configuration. */
enum {
	DEVICE_FEATURE_SELECT = 0,
	DEVICE_FEATURE = 4,
	DRIVER_FEATURE_SELECT = 8,
	DRIVER_FEATURE = 12,
	CONFIG_VECTOR = 16,
	N_QUEUES = 18,
	DEVICE_STATUS = 20,
	QUEUE_SELECT = 22,
	QUEUE_SIZE = 24,
	QUEUE_VECTOR = 26,
	QUEUE_ENABLE = 28,
	QUEUE_DESC = 32,
	QUEUE_AVAIL = 40,
	QUEUE_USED = 48,
	FEATURES_OK = 8,
};

enum {
	F_NEXT = 1,
	F_WRITE = 2,
	F_INDIRECT = 4,
	RING_SIZE = 64,
	AVAIL_AT = 0x1000, /* in a queue's memory */
	USED_AT = 0x2000,
	TABLE_AT = 0x3000, /* an indirect one */
	DATA_AT = 0x4000,
};

struct descriptor {
	uint64_t address;
	uint32_t length;
	uint16_t flags, next;
};

/* The memory of one queue of one device, in the arena. */
static uint64_t queue_memory(struct guest *g, struct function *f, unsigned int queue)
{
	return ARENA + (uint64_t)((f - g->functions) * MAX_QUEUES + queue) * QUEUE_BYTES;
}

void attack_status(struct guest *g, struct random *r)
{
	struct function *f = any_function(g, r);

	for (unsigned int n = 0; f && n < 12; n++) {
		if (once_in(r, 3)) {
			store(f->bar + DRIVER_FEATURE_SELECT, 4,
			      once_in(r, 4) ? rnd(r) : pick(r, 3));
			store(f->bar + DRIVER_FEATURE, 4, any_value(g, r));
		}
		store(f->bar + DEVICE_STATUS, 1, once_in(r, 3) ? rnd(r) : 1u << pick(r, 8));
		load(f->bar + DEVICE_STATUS, 1);
	}
}

/* Ring addresses in halves, out of order, misaligned, in no memory at all. */
void attack_queues(struct guest *g, struct random *r)
{
	struct function *f = any_function(g, r);

	for (unsigned int n = 0; f && n < 8; n++) {
		store(f->bar + QUEUE_SELECT, 2, once_in(r, 4) ? rnd(r) : pick(r, 5));
		store(f->bar + QUEUE_SIZE, 2, once_in(r, 2) ? rnd(r) : 1u << pick(r, 16));
		store(f->bar + QUEUE_VECTOR, 2, once_in(r, 2) ? rnd(r) : pick(r, 8));
		for (unsigned int at = QUEUE_DESC; at <= QUEUE_USED; at += 8) {
			uint64_t address = any_address(g, r);

			store(f->bar + at, 4, address);
			store(f->bar + at + 4, 4, address >> 32);
		}
		store(f->bar + QUEUE_ENABLE, 2, once_in(r, 4) ? rnd(r) : 1);
		if (once_in(r, 3))
			store(f->bar + DEVICE_STATUS, 1, pick(r, 16));
		ring_doorbell(r, f, pick(r, 6), rnd(r));
	}
}

void attack_resets(struct guest *g, struct random *r)
{
	struct function *f = any_function(g, r);

	for (unsigned int n = 0; f && n < 6; n++) {
		if (once_in(r, 2))
			start_device(g, r, f);
		if (once_in(r, 2))
			feed_device(g, r, f);
		store(f->bar + DEVICE_STATUS, 1, 0);
	}
}

static void store64(uint32_t at, uint64_t value)
{
	store(at, 4, value);
	store(at + 4, 4, value >> 32);
}

static void start_queue(struct guest *g, struct random *r, struct function *f, unsigned int queue)
{
	uint64_t memory = queue_memory(g, f, queue);
	bool odd = once_in(r, 12);

	__builtin_memset((void *)memory, 0, DATA_AT);
	store(f->bar + QUEUE_SELECT, 2, queue);
	store(f->bar + QUEUE_SIZE, 2, RING_SIZE);
	store(f->bar + QUEUE_VECTOR, 2, once_in(r, 3) ? rnd(r) : queue);
	store64(f->bar + QUEUE_DESC, odd ? any_address(g, r) : memory);
	store64(f->bar + QUEUE_AVAIL, memory + (once_in(r, 16) ? 0 : AVAIL_AT));
	store64(f->bar + QUEUE_USED, memory + (once_in(r, 16) ? AVAIL_AT : USED_AT));
	if (!once_in(r, 16))
		store(f->bar + QUEUE_ENABLE, 2, 1);
}

static unsigned int queues_of(struct function *f)
{
	unsigned int n = (unsigned int)load(f->bar + N_QUEUES, 2);

	return n < MAX_QUEUES ? n : MAX_QUEUES;
}

void start_device(struct guest *g, struct random *r, struct function *f)
{
	unsigned int n = queues_of(f);

	store(f->bar + DEVICE_STATUS, 1, 0);
	store(f->bar + DEVICE_STATUS, 1, 1);
	store(f->bar + DEVICE_STATUS, 1, 3);
	for (unsigned int half = 0; half < 2; half++) {
		uint64_t offered;

		store(f->bar + DEVICE_FEATURE_SELECT, 4, half);
		offered = load(f->bar + DEVICE_FEATURE, 4);
		/* All of them, or some; the low two of the upper half are needed. */
		if (once_in(r, 3))
			offered &= rnd(r) | (half ? 3 : 0);
		store(f->bar + DRIVER_FEATURE_SELECT, 4, half);
		store(f->bar + DRIVER_FEATURE, 4, offered);
	}
	store(f->bar + DEVICE_STATUS, 1, 3 | FEATURES_OK);
	store(f->bar + CONFIG_VECTOR, 2, pick(r, 6));
	for (unsigned int queue = 0; queue < n; queue++)
		start_queue(g, r, f, queue);
	if (f->msix_cap && once_in(r, 2))
		store(f->config + f->msix_cap + 2, 2, 0x8000);
	store(f->bar + DEVICE_STATUS, 1, 7 | FEATURES_OK);
}

void start_plainly(struct function *f, uint64_t rings, uint64_t shift)
{
	__builtin_memset((void *)rings, 0, PLAIN_USED + 0x1000);
	store(f->bar + DEVICE_STATUS, 1, 0);
	store(f->bar + DEVICE_STATUS, 1, 1);
	store(f->bar + DEVICE_STATUS, 1, 3);
	/* VERSION_1 and, where it is offered (an IOMMU is behind none), ACCESS_PLATFORM. */
	store(f->bar + DEVICE_FEATURE_SELECT, 4, 1);
	store(f->bar + DRIVER_FEATURE_SELECT, 4, 0);
	store(f->bar + DRIVER_FEATURE, 4, 0);
	store(f->bar + DRIVER_FEATURE_SELECT, 4, 1);
	store(f->bar + DRIVER_FEATURE, 4, load(f->bar + DEVICE_FEATURE, 4) & 3);
	store(f->bar + DEVICE_STATUS, 1, 3 | FEATURES_OK);
	store(f->bar + QUEUE_SELECT, 2, 0);
	store(f->bar + QUEUE_SIZE, 2, PLAIN_RING_SIZE);
	store64(f->bar + QUEUE_DESC, rings + shift);
	store64(f->bar + QUEUE_AVAIL, rings + PLAIN_AVAIL + shift);
	store64(f->bar + QUEUE_USED, rings + PLAIN_USED + shift);
	store(f->bar + QUEUE_ENABLE, 2, 1);
	store(f->bar + DEVICE_STATUS, 1, 7 | FEATURES_OK);
}

/*
 * For memory that a broken ring may make a device take for descriptors: nothing that is the address
 * of the guest's own code.
 */
static uint64_t any_word(struct guest *g, struct random *r)
{
	uint64_t value = any_value(g, r);

	return value >= 0x1000 && value < ARENA ? value | UINT64_C(1) << 63 : value;
}

/* Requests that the device understands, as far as its head goes. */
static uint32_t request_head(struct guest *g, struct random *r, struct function *f, uint64_t at)
{
	uint64_t *words = (uint64_t *)at;
	uint8_t *bytes = (uint8_t *)at;

	switch (f->type) {
	case TYPE_BLOCK:
		/* Type and sector; discard and write zeroes bring a range of their own. */
		words[0] = once_in(r, 6) ? rnd(r) : (pick(r, 2) ? pick(r, 2) : pick(r, 14));
		words[1] = once_in(r, 3) ? any_word(g, r) : pick(r, 2048);
		words[2] = once_in(r, 2) ? any_word(g, r) : pick(r, 2048);
		words[3] = once_in(r, 2) ? rnd(r) : pick(r, 64) | (uint64_t)pick(r, 3) << 32;
		return once_in(r, 3) ? 32 : 16;
	case TYPE_IOMMU: {
		struct function *target = &g->functions[pick(r, g->n_functions)];
		uint32_t endpoint = (uint32_t)target->segment << 16 | (uint32_t)target->slot << 3;

		__builtin_memset(bytes, 0, 64);
		bytes[0] = (uint8_t)(once_in(r, 12) ? rnd(r) : 1 + pick(r, 5));
		words[0] |= (uint64_t)pick(r, 3) << 32; /* domain */
		if (bytes[0] < 3) {
			/* Attach and detach: the endpoint, then flags. */
			words[1] = (once_in(r, 8) ? rnd(r) : endpoint) | (uint64_t)once_in(r, 4)
										 << 32;
			return 20;
		}
		if (bytes[0] == 5) {
			words[0] = 5 | (uint64_t)endpoint << 32;
			return 72;
		}
		/* Ranges that are ranges, overlap, wrap, are everything. */
		words[1] = once_in(r, 4) ? any_word(g, r) : (uint64_t)pick(r, 64) << 12;
		words[2] = once_in(r, 4) ? any_word(g, r)
					 : words[1] + ((uint64_t)(1 + pick(r, 16)) << 12) - 1;
		if (bytes[0] == 3) {
			words[3] = any_address(g, r) & ~UINT64_C(0xfff);
			words[4] = once_in(r, 6) ? rnd(r) : 1 + pick(r, 3);
			return 36;
		}
		return 28;
	}
	default:
		for (unsigned int n = 0; n < 8; n++)
			words[n] = any_word(g, r);
		return pick(r, 64);
	}
}

static struct descriptor any_descriptor(struct guest *g, struct random *r)
{
	struct descriptor d = {
		.address = any_address(g, r),
		.flags = (uint16_t)(once_in(r, 8) ? rnd(r) : pick(r, 4)),
		.next = (uint16_t)(once_in(r, 6) ? rnd(r) : pick(r, RING_SIZE)),
	};

	d.length = any_length(g, r, d.address);
	return d;
}

/* A chain of head, perhaps data, and room for an answer; `at` is the first of three. */
static void write_chain(struct guest *g, struct random *r, struct function *f, uint64_t memory,
			struct descriptor *table, uint16_t at)
{
	uint64_t head = memory + DATA_AT + 0x40u * at;
	bool sane = !once_in(r, 4);
	uint32_t room = f->type == TYPE_IOMMU ? 4u + 512u * once_in(r, 2) : 1;

	table[at] = (struct descriptor){
		.address = head,
		.length = request_head(g, r, f, head),
		.flags = F_NEXT,
		.next = (uint16_t)(at + 1),
	};
	table[at + 1] = (struct descriptor){
		.address = ARENA + 0x300000 + 0x1000u * pick(r, 64),
		.length = sane ? 512u * pick(r, 9) : any_length(g, r, ARENA),
		.flags = (uint16_t)(F_NEXT | (pick(r, 2) ? F_WRITE : 0)),
		.next = (uint16_t)(at + 2),
	};
	table[at + 2] = (struct descriptor){
		.address = memory + DATA_AT + 0x2000 + 0x210u * (at % 16u),
		.length = sane ? room : any_length(g, r, memory),
		.flags = F_WRITE,
	};
	if (f->type == TYPE_IOMMU || once_in(r, 4))
		table[at].next = (uint16_t)(at + 2);
	/* A reader of input offers room and nothing else. */
	if (f->type != TYPE_BLOCK && f->type != TYPE_IOMMU && once_in(r, 2))
		table[at].flags = F_WRITE;
	if (once_in(r, 6))
		table[at + pick(r, 3)] = any_descriptor(g, r);
	if (once_in(r, 12))
		table[at + 2].flags |= F_NEXT; /* back to 0: a loop, perhaps */
}

static void offer(uint64_t memory, uint16_t head, uint16_t by)
{
	volatile uint16_t *avail = (volatile uint16_t *)(memory + AVAIL_AT);

	avail[2 + avail[1] % RING_SIZE] = head;
	avail[1] = (uint16_t)(avail[1] + by);
}

/* How far an index may jump. Whatever it is, the worker of the host's vdpa_sim_net goes through all
 * of it in one go, the longest chains too: for minutes, in which nothing else of the host goes on.
 */
static uint16_t any_step(struct random *r, const struct function *f)
{
	return f->type == TYPE_NET ? (uint16_t)pick(r, 2048) : (uint16_t)rnd(r);
}

static void feed_queue(struct guest *g, struct random *r, struct function *f, unsigned int queue)
{
	uint64_t memory = queue_memory(g, f, queue);
	struct descriptor *ring = (struct descriptor *)memory;
	struct descriptor *table = (struct descriptor *)(memory + TABLE_AT);

	for (unsigned int n = 0; n < 4; n++) {
		uint16_t at = (uint16_t)(3 * pick(r, RING_SIZE / 3));
		bool indirect = once_in(r, 4);

		write_chain(g, r, f, memory, indirect ? table : ring, indirect ? 0 : at);
		if (indirect)
			ring[at] = (struct descriptor){
				.address = (uint64_t)table + (once_in(r, 8) ? 8 : 0),
				.length = once_in(r, 4) ? any_length(g, r, memory) : 48,
				.flags = (uint16_t)(F_INDIRECT | (once_in(r, 8) ? rnd(r) : 0)),
			};
		offer(memory, (uint16_t)(once_in(r, 24) ? rnd(r) : at),
		      once_in(r, 32) ? any_step(r, f) : 1);
	}
	/* Which queue is told is another matter. */
	ring_doorbell(r, f, once_in(r, 12) ? pick(r, 8) : queue, queue);
}

void feed_device(struct guest *g, struct random *r, struct function *f)
{
	unsigned int n = queues_of(f);

	for (unsigned int queue = 0; queue < n; queue++)
		feed_queue(g, r, f, queue);
}

void attack_session(struct guest *g, struct random *r)
{
	struct function *f = any_function(g, r);

	if (!f)
		return;
	start_device(g, r, f);
	for (unsigned int n = 0; n < 3; n++)
		feed_device(g, r, f);
	load(f->bar + DEVICE_STATUS, 1);
}

void change_rings(struct guest *g, struct random *r)
{
	struct function *f = &g->functions[pick(r, g->n_functions)];
	uint64_t memory = queue_memory(g, f, pick(r, MAX_QUEUES));
	struct descriptor *table = (struct descriptor *)(memory + (once_in(r, 3) ? TABLE_AT : 0));
	struct descriptor fresh = any_descriptor(g, r);
	volatile struct descriptor *d = &table[pick(r, RING_SIZE)];
	volatile uint16_t *avail = (volatile uint16_t *)(memory + AVAIL_AT);

	switch (pick(r, 6)) {
	case 0:
		d->address = fresh.address;
		break;
	case 1:
		d->length = fresh.length;
		break;
	case 2:
		d->flags = fresh.flags;
		break;
	case 3:
		d->next = fresh.next;
		break;
	case 4:
		avail[2 + pick(r, RING_SIZE)] =
			(uint16_t)(once_in(r, 8) ? rnd(r) : pick(r, RING_SIZE));
		break;
	default:
		/* Eight bytes of a request's head. */
		*(volatile uint64_t *)(memory + DATA_AT + 8 * pick(r, 0x200)) = any_address(g, r);
		break;
	}
}
