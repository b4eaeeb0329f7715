/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The split virtqueue against drivers that behave and drivers that do not. */
#include "fake_guest.h"

#include <errno.h>

static int setup(void **state)
{
	struct fake_guest *g = calloc(1, sizeof(*g));

	assert_non_null(g);
	fake_guest_init(g);
	*state = g;
	return 0;
}

static int teardown(void **state)
{
	struct fake_guest *g = *state;

	fake_guest_fini(g);
	free(g);
	return 0;
}

static void start(struct fake_guest *g, struct virtqueue *vq, bool event_idx)
{
	struct err e = { 0 };

	fake_ring(vq, 8);
	if (virtqueue_start(vq, &g->dma, event_idx, &e))
		fail_msg("%s", e.text);
}

static void chain_in_order(void **state)
{
	struct fake_guest *g = *state;
	struct virtqueue_request req;
	struct virtqueue vq;
	char text[8] = "";

	start(g, &vq, false);
	assert_int_equal(virtqueue_pop(&vq, &g->dma, &req), 0);
	memcpy(fake_at(g, FAKE_DATA), "abcdef", 6);
	fake_desc(g, FAKE_RING, 3, FAKE_DATA, 4, VRING_DESC_F_NEXT, 5);
	fake_desc(g, FAKE_RING, 5, FAKE_DATA + 4, 2, VRING_DESC_F_NEXT, 1);
	fake_desc(g, FAKE_RING, 1, FAKE_HIGH_GPA, 512, VRING_DESC_F_WRITE, 0);
	fake_offer(g, 8, 3);
	assert_int_equal(virtqueue_pop(&vq, &g->dma, &req), 1);
	assert_int_equal(req.head, 3);
	assert_int_equal(req.n_out, 2);
	assert_int_equal(req.n_in, 1);
	assert_int_equal(req.out_len, 6);
	assert_int_equal(req.in_len, 512);
	assert_int_equal(virtqueue_read(&req, 1, text, sizeof(text)), 5);
	assert_memory_equal(text, "bcdef", 5);
	assert_int_equal(virtqueue_write(&req, 510, "xyz", 3), 2);
	assert_memory_equal((char *)fake_at(g, FAKE_HIGH_GPA) + 510, "xy", 2);
	virtqueue_push(&vq, req.head, 512);
	assert_int_equal(fake_used_idx(g), 1);
	assert_int_equal(fake_used(g, 0).id, 3);
	assert_int_equal(fake_used(g, 0).len, 512);
	assert_int_equal(virtqueue_pop(&vq, &g->dma, &req), 0);
	virtqueue_reset(&vq);
}

static void indices_wrap(void **state)
{
	struct fake_guest *g = *state;
	struct virtqueue_request req;
	struct virtqueue vq;

	start(g, &vq, false);
	for (unsigned int i = 0; i < 70000; i++) {
		fake_desc(g, FAKE_RING, i % 8, FAKE_DATA, 16, 0, 0);
		fake_offer(g, 8, i % 8);
		assert_int_equal(virtqueue_pop(&vq, &g->dma, &req), 1);
		assert_int_equal(req.head, i % 8);
		virtqueue_push(&vq, req.head, i);
	}
	assert_int_equal(fake_used_idx(g), 70000 % 65536);
	virtqueue_reset(&vq);
}

static void indirect_table(void **state)
{
	struct fake_guest *g = *state;
	struct virtqueue_request req;
	struct virtqueue vq;
	const uint64_t table = 0x20008; /* no alignment is asked of indirect tables */

	start(g, &vq, false);
	fake_desc(g, FAKE_RING, 0, table, 3 * 16, VRING_DESC_F_INDIRECT, 0);
	fake_desc(g, table, 0, FAKE_DATA, 16, VRING_DESC_F_NEXT, 2);
	fake_desc(g, table, 2, FAKE_DATA + 16, 100, VRING_DESC_F_WRITE | VRING_DESC_F_NEXT, 1);
	fake_desc(g, table, 1, FAKE_DATA + 200, 1, VRING_DESC_F_WRITE, 0);
	fake_offer(g, 8, 0);
	assert_int_equal(virtqueue_pop(&vq, &g->dma, &req), 1);
	assert_int_equal(req.out_len, 16);
	assert_int_equal(req.in_len, 101);
	virtqueue_reset(&vq);
}

/* One row is one descriptor 0 (and what it leads to) that no driver may write. */
static void hostile_chains(void **state)
{
	static const struct {
		const char *what;
		uint64_t addr;
		uint32_t len;
		uint16_t flags, next;
		/* An indirect entry at FAKE_DATA, or descriptor 1. */
		uint16_t inner_flags, inner_next;
	} rows[] = {
		{ "loop on itself", FAKE_DATA, 1, VRING_DESC_F_NEXT, 0, 0, 0 },
		{ "loop over two", FAKE_DATA, 1, VRING_DESC_F_NEXT, 1, VRING_DESC_F_NEXT, 0 },
		{ "next beyond the queue", FAKE_DATA, 1, VRING_DESC_F_NEXT, 8, 0, 0 },
		{ "outside memory", FAKE_LOW, 1, 0, 0, 0, 0 },
		{ "over the end of a region", FAKE_LOW - 8, 16, 0, 0, 0, 0 },
		{ "huge", FAKE_DATA, UINT32_MAX, 0, 0, 0, 0 },
		{ "wrapping", UINT64_MAX - 7, 16, 0, 0, 0, 0 },
		{ "wrapping to nought", UINT64_MAX, 1, 0, 0, 0, 0 },
		{ "readable after writable", FAKE_DATA, 1, VRING_DESC_F_NEXT | VRING_DESC_F_WRITE,
		  1, 0, 0 },
		{ "empty table", FAKE_DATA, 0, VRING_DESC_F_INDIRECT, 0, 0, 0 },
		{ "odd table", FAKE_DATA, 24, VRING_DESC_F_INDIRECT, 0, 0, 0 },
		{ "table with next", FAKE_DATA, 16, VRING_DESC_F_INDIRECT | VRING_DESC_F_NEXT, 1, 0,
		  0 },
		{ "table outside memory", FAKE_LOW, 16, VRING_DESC_F_INDIRECT, 0, 0, 0 },
		{ "table wraps", UINT64_MAX - 15, 32, VRING_DESC_F_INDIRECT, 0, 0, 0 },
		{ "table in table", FAKE_DATA, 16, VRING_DESC_F_INDIRECT, 0, VRING_DESC_F_INDIRECT,
		  0 },
		{ "table loops", FAKE_DATA, 16, VRING_DESC_F_INDIRECT, 0, VRING_DESC_F_NEXT, 0 },
		{ "table leads out", FAKE_DATA, 16, VRING_DESC_F_INDIRECT, 0, VRING_DESC_F_NEXT,
		  1 },
	};
	struct fake_guest *g = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct virtqueue_request req;
		struct virtqueue vq;

		memset(fake_at(g, FAKE_AVAIL), 0, 64);
		start(g, &vq, false);
		fake_desc(g, FAKE_RING, 0, rows[i].addr, rows[i].len, rows[i].flags, rows[i].next);
		fake_desc(g, FAKE_RING, 1, FAKE_DATA, 1, rows[i].inner_flags, rows[i].inner_next);
		fake_desc(g, FAKE_DATA, 0, FAKE_DATA + 64, 1, rows[i].inner_flags,
			  rows[i].inner_next);
		fake_offer(g, 8, 0);
		if (virtqueue_pop(&vq, &g->dma, &req) >= 0)
			fail_msg("%s was taken", rows[i].what);
		assert_true(vq.broken);
		assert_true(virtqueue_pop(&vq, &g->dma, &req) < 0);
		assert_false(virtqueue_enable_kicks(&vq));
		virtqueue_reset(&vq);
		assert_false(vq.broken);
	}
}

static void hostile_indices(void **state)
{
	struct fake_guest *g = *state;
	struct virtqueue_request req;
	struct virtqueue vq;

	start(g, &vq, false);
	fake_offer(g, 8, 8);
	assert_true(virtqueue_pop(&vq, &g->dma, &req) < 0);
	virtqueue_reset(&vq);
	memset(fake_at(g, FAKE_AVAIL), 0, 64);
	start(g, &vq, false);
	((uint16_t *)fake_at(g, FAKE_AVAIL))[1] = 9;
	assert_true(virtqueue_pop(&vq, &g->dma, &req) < 0);
	virtqueue_reset(&vq);
}

static void too_many_segments(void **state)
{
	struct fake_guest *g = *state;
	struct virtqueue_request req;
	struct virtqueue vq;

	start(g, &vq, false);
	for (uint16_t i = 0; i < 300; i++)
		fake_desc(g, FAKE_DATA, i, 0x80000 + i * 8, 8, i < 299 ? VRING_DESC_F_NEXT : 0,
			  i + 1);
	fake_desc(g, FAKE_RING, 0, FAKE_DATA, 256 * 16, VRING_DESC_F_INDIRECT, 0);
	fake_desc(g, FAKE_DATA, 255, 0x80000, 8, 0, 0);
	fake_offer(g, 8, 0);
	assert_int_equal(virtqueue_pop(&vq, &g->dma, &req), 1);
	assert_int_equal(req.n_out, 256);
	virtqueue_push(&vq, req.head, 0);
	fake_desc(g, FAKE_DATA, 255, 0x80000, 8, VRING_DESC_F_NEXT, 256);
	fake_desc(g, FAKE_RING, 0, FAKE_DATA, 300 * 16, VRING_DESC_F_INDIRECT, 0);
	fake_offer(g, 8, 0);
	assert_true(virtqueue_pop(&vq, &g->dma, &req) < 0);
	virtqueue_reset(&vq);
}

static void rings_are_checked(void **state)
{
	static const struct {
		uint16_t size;
		uint64_t desc, avail, used;
		int r;
	} rows[] = {
		{ 256, FAKE_RING, FAKE_AVAIL, FAKE_USED, 0 },
		{ 1, FAKE_RING, FAKE_AVAIL, FAKE_USED, 0 },
		{ 0, FAKE_RING, FAKE_AVAIL, FAKE_USED, -EINVAL },
		{ 3, FAKE_RING, FAKE_AVAIL, FAKE_USED, -EINVAL },
		{ 512, FAKE_RING, FAKE_AVAIL, FAKE_USED, -EINVAL },
		{ 8, FAKE_RING + 8, FAKE_AVAIL, FAKE_USED, -EINVAL },
		{ 8, FAKE_RING, FAKE_AVAIL + 1, FAKE_USED, -EINVAL },
		{ 8, FAKE_RING, FAKE_AVAIL, FAKE_USED + 2, -EINVAL },
		{ 8, FAKE_LOW - 16, FAKE_AVAIL, FAKE_USED, -EFAULT },
		{ 8, FAKE_RING, FAKE_LOW - 2, FAKE_USED, -EFAULT },
		{ 8, FAKE_RING, FAKE_AVAIL, FAKE_HIGH_GPA - 4, -EFAULT },
		{ 8, UINT64_MAX - 15, FAKE_AVAIL, FAKE_USED, -EFAULT },
		{ 8, FAKE_RING, UINT64_MAX - 1, FAKE_USED, -EFAULT },
		{ 8, FAKE_RING, FAKE_AVAIL, FAKE_HIGH_GPA + FAKE_HIGH - 70, -EINVAL },
		{ 8, FAKE_RING, FAKE_AVAIL, FAKE_HIGH_GPA + FAKE_HIGH - 68, -EFAULT },
		{ 8, FAKE_RING, FAKE_AVAIL, FAKE_HIGH_GPA + FAKE_HIGH - 72, 0 },
	};
	struct fake_guest *g = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct virtqueue vq;

		fake_ring(&vq, rows[i].size);
		vq.desc = rows[i].desc;
		vq.avail = rows[i].avail;
		vq.used = rows[i].used;
		assert_int_equal(virtqueue_start(&vq, &g->dma, false, NULL), rows[i].r);
		virtqueue_reset(&vq);
	}
}

static void interrupts_by_flag(void **state)
{
	struct fake_guest *g = *state;
	struct virtqueue vq;

	start(g, &vq, false);
	assert_false(virtqueue_should_notify(&vq));
	virtqueue_push(&vq, 0, 0);
	assert_true(virtqueue_should_notify(&vq));
	assert_false(virtqueue_should_notify(&vq));
	((uint16_t *)fake_at(g, FAKE_AVAIL))[0] = VRING_AVAIL_F_NO_INTERRUPT;
	virtqueue_push(&vq, 0, 0);
	assert_false(virtqueue_should_notify(&vq));
	((uint16_t *)fake_at(g, FAKE_USED))[0] = VRING_USED_F_NO_NOTIFY;
	assert_false(virtqueue_enable_kicks(&vq));
	assert_int_equal(((uint16_t *)fake_at(g, FAKE_USED))[0], 0);
	fake_offer(g, 8, 0);
	assert_true(virtqueue_enable_kicks(&vq));
	virtqueue_reset(&vq);
}

static void interrupts_by_event_index(void **state)
{
	struct fake_guest *g = *state;
	struct virtqueue_request req;
	struct virtqueue vq;
	uint16_t *avail, *used;

	start(g, &vq, true);
	avail = fake_at(g, FAKE_AVAIL);
	used = fake_at(g, FAKE_USED);
	avail[2 + 8] = 2; /* interrupt when used entry 2 is written */
	virtqueue_push(&vq, 0, 0);
	virtqueue_push(&vq, 0, 0);
	assert_false(virtqueue_should_notify(&vq));
	virtqueue_push(&vq, 0, 0);
	assert_true(virtqueue_should_notify(&vq));
	virtqueue_push(&vq, 0, 0);
	assert_false(virtqueue_should_notify(&vq));
	fake_desc(g, FAKE_RING, 0, FAKE_DATA, 1, 0, 0);
	fake_offer(g, 8, 0);
	assert_int_equal(virtqueue_pop(&vq, &g->dma, &req), 1);
	assert_false(virtqueue_enable_kicks(&vq));
	assert_int_equal(used[2 + 8 * 4], 1); /* avail_event */
	virtqueue_reset(&vq);
}

/* An IOMMU that turns every page around: IOVA page n is guest page 255 - n; page 3 is read-only. */
static bool backwards(struct dma_space *space, uint64_t iova, uint64_t *len, enum dma_access access,
		      uint64_t *gpa)
{
	uint64_t page = iova / 4096;

	(void)space;
	if (page > 255 || (page == 3 && access == DMA_WRITE))
		return false;
	if (*len > 4096 - iova % 4096)
		*len = 4096 - iova % 4096;
	*gpa = (255 - page) * 4096 + iova % 4096;
	return true;
}

static void rings_cut_by_iommu(void **state)
{
	static const struct dma_ops ops = { .translate = backwards };
	struct fake_guest *g = *state;
	struct dma_space dma = { .memory = &g->memory, .ops = &ops };
	struct virtqueue_request req;
	struct virtqueue vq;
	uint16_t *avail;

	/* Descriptors over two pages, the used ring over one boundary at entry 511. */
	vq = (struct virtqueue){ .max_size = 1024, .size = 1024, .enabled = true };
	vq.desc = 0x10000;
	vq.avail = 0x20000;
	vq.used = 0x30000;
	assert_int_equal(virtqueue_start(&vq, &dma, false, NULL), 0);
	avail = fake_at(g, (255 - 0x20) * 4096);
	/* Descriptor 300 lies in the second page of the table. */
	fake_desc(g, (255 - 0x11) * 4096, 300 - 256, 0x50ff0, 32, VRING_DESC_F_WRITE, 0);
	avail[2] = 300;
	avail[1] = 1;
	assert_int_equal(virtqueue_pop(&vq, &dma, &req), 1);
	assert_int_equal(req.n_in, 2); /* cut at the page boundary */
	assert_ptr_equal(req.segments[0].iov_base, fake_at(g, (255 - 0x50) * 4096 + 0xff0));
	assert_ptr_equal(req.segments[1].iov_base, fake_at(g, (255 - 0x51) * 4096));
	for (unsigned int i = 0; i < 512; i++)
		virtqueue_push(&vq, 300, i);
	/* Entry 511 is cut between its two halves. */
	assert_int_equal(((uint32_t *)fake_at(g, (255 - 0x30) * 4096))[1023], 300);
	assert_int_equal(((uint32_t *)fake_at(g, (255 - 0x31) * 4096))[0], 511);
	virtqueue_reset(&vq);
	vq.desc = 0x10000;
	vq.avail = 0x20000;
	vq.used = 0x3000;
	vq.size = 8;
	assert_int_equal(virtqueue_start(&vq, &dma, false, NULL), -EFAULT);
}

static bool page_by_page(struct dma_space *space, uint64_t iova, uint64_t *len,
			 enum dma_access access, uint64_t *gpa)
{
	(void)space;
	(void)access;
	if (*len > 4096 - iova % 4096)
		*len = 4096 - iova % 4096;
	*gpa = iova;
	return true;
}

/* A driver that maps each page apart sends no more in one request for it. */
static void mappings_side_by_side_are_one_segment(void **state)
{
	static const struct dma_ops ops = { .translate = page_by_page };
	struct fake_guest *g = *state;
	struct dma_space dma = { .memory = &g->memory, .ops = &ops };
	struct virtqueue_request req;
	struct virtqueue vq;

	start(g, &vq, false);
	fake_desc(g, FAKE_RING, 0, 0x1800, 0xf0000, VRING_DESC_F_WRITE, 0);
	fake_offer(g, 8, 0);
	assert_int_equal(virtqueue_pop(&vq, &dma, &req), 1);
	assert_int_equal(req.n_in, 1);
	assert_int_equal(req.segments[0].iov_len, 0xf0000);
	virtqueue_reset(&vq);
}

int main(void)
{
#define ROW(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	static const struct CMUnitTest tests[] = {
		ROW(chain_in_order),
		ROW(indices_wrap),
		ROW(indirect_table),
		ROW(hostile_chains),
		ROW(hostile_indices),
		ROW(too_many_segments),
		ROW(rings_are_checked),
		ROW(interrupts_by_flag),
		ROW(interrupts_by_event_index),
		ROW(rings_cut_by_iommu),
		ROW(mappings_side_by_side_are_one_segment),
	};

	return cmocka_run_group_tests_name("virtqueue", tests, NULL, NULL);
}
