/* SPDX-License-Identifier: GPL-3.0-or-later */
/* virtio-iommu: requests as drivers send them and as they should not, and what devices reach. */
#include "fake_transport.h"

#include "virtio/iommu_internal.h"

#include <errno.h>
#include <pthread.h>

enum {
	ENDPOINT = 0x28,
	MAX_SEEN = 64,
};

/* A device whose kernel side we watch; `refuse` makes its next map fail, `refuse_from` those from
 * an IOVA on. */
struct watched {
	struct virtio_device virtio;
	struct iommu_mapping seen[MAX_SEEN];
	unsigned int n, batches;
	bool in_batch, refuse;
	uint64_t refuse_from;
};

static int watched_map(struct virtio_device *dev, uint64_t iova, uint64_t gpa, uint64_t size,
		       enum dma_access access, struct err *e)
{
	struct watched *w = container_of(dev, struct watched, virtio);

	assert_true(w->in_batch);
	if (w->refuse || (w->refuse_from && iova >= w->refuse_from))
		return err_set(e, -ENOMEM, "refused");
	w->seen[w->n++] = (struct iommu_mapping){
		.first = iova,
		.last = iova + size - 1,
		.gpa = gpa,
		.access = access,
	};
	return 0;
}

static int watched_unmap(struct virtio_device *dev, uint64_t iova, uint64_t size,
			 struct err *e _unused_)
{
	struct watched *w = container_of(dev, struct watched, virtio);

	for (unsigned int i = 0; i < w->n; i++)
		if (w->seen[i].first == iova && w->seen[i].last == iova + size - 1) {
			w->seen[i] = w->seen[--w->n];
			return 0;
		}
	fail_msg("0x%llx was not mapped", (unsigned long long)iova);
	return -ENOENT;
}

static void watched_batch(struct virtio_device *dev, bool begin)
{
	struct watched *w = container_of(dev, struct watched, virtio);

	assert_true(w->in_batch != begin);
	w->in_batch = begin;
	w->batches += begin;
}

static const struct virtio_ops watched_ops = {
	.iommu_map = watched_map,
	.iommu_unmap = watched_unmap,
	.iommu_batch = watched_batch,
};

struct fixture {
	struct fake_guest guest;
	struct fake_transport transport;
	struct virtio_device *dev;
	struct iommu_endpoint *endpoint;
	struct watched watched;
	unsigned int requests;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct virtio_host host;

	assert_non_null(f);
	fake_guest_init(&f->guest);
	host = (struct virtio_host){ .dma = &f->guest.dma };
	assert_int_equal(virtio_iommu_create("__iommu", 48, &host, &f->dev, NULL), 0);
	fake_attach(f->dev, &f->transport);
	fake_activate(f->dev, 16, f->dev->offered);
	assert_int_equal(virtio_iommu_add_endpoint(f->dev, &f->endpoint, NULL), 0);
	f->watched.virtio.ops = &watched_ops;
	pthread_mutex_init(&f->watched.virtio.lock, NULL);
	iommu_endpoint_bind(f->endpoint, ENDPOINT, &f->watched.virtio);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	virtio_device_destroy(f->dev);
	fake_guest_fini(&f->guest);
	free(f);
	return 0;
}

/* Sends `len` bytes of request; returns the status in the tail, behind `room` bytes. */
static int send(struct fixture *f, const void *req, uint32_t len, uint32_t room)
{
	struct virtio_iommu_req_tail *tail = fake_at(&f->guest, FAKE_DATA + 0x1000 + room);

	memset(tail, 0xee, sizeof(*tail));
	memcpy(fake_at(&f->guest, FAKE_DATA), req, len);
	fake_desc(&f->guest, FAKE_RING, 0, FAKE_DATA, len, VRING_DESC_F_NEXT, 1);
	fake_desc(&f->guest, FAKE_RING, 1, FAKE_DATA + 0x1000, room + sizeof(*tail),
		  VRING_DESC_F_WRITE, 0);
	fake_offer(&f->guest, 16, 0);
	f->requests++;
	f->dev->ops->notify(f->dev, IOMMU_REQUESTS);
	assert_int_equal(fake_used_idx(&f->guest), f->requests % 65536);
	assert_false(f->watched.in_batch);
	return tail->status;
}

static int attach(struct fixture *f, uint32_t domain, uint32_t endpoint, uint32_t flags)
{
	const struct virtio_iommu_req_attach req = {
		.head.type = VIRTIO_IOMMU_T_ATTACH,
		.domain = domain,
		.endpoint = endpoint,
		.flags = flags,
	};

	return send(f, &req, offsetof(struct virtio_iommu_req_attach, tail), 0);
}

static int detach(struct fixture *f, uint32_t domain, uint32_t endpoint)
{
	const struct virtio_iommu_req_detach req = {
		.head.type = VIRTIO_IOMMU_T_DETACH,
		.domain = domain,
		.endpoint = endpoint,
	};

	return send(f, &req, offsetof(struct virtio_iommu_req_detach, tail), 0);
}

static int map(struct fixture *f, uint64_t first, uint64_t last, uint64_t gpa, uint32_t flags)
{
	const struct virtio_iommu_req_map req = {
		.head.type = VIRTIO_IOMMU_T_MAP,
		.domain = 1,
		.virt_start = first,
		.virt_end = last,
		.phys_start = gpa,
		.flags = flags,
	};

	return send(f, &req, offsetof(struct virtio_iommu_req_map, tail), 0);
}

static int unmap(struct fixture *f, uint64_t first, uint64_t last)
{
	const struct virtio_iommu_req_unmap req = {
		.head.type = VIRTIO_IOMMU_T_UNMAP,
		.domain = 1,
		.virt_start = first,
		.virt_end = last,
	};

	return send(f, &req, offsetof(struct virtio_iommu_req_unmap, tail), 0);
}

static void *reach(struct fixture *f, uint64_t iova, uint64_t len, enum dma_access access)
{
	return dma_span(iommu_endpoint_space(f->endpoint), iova, &len, access);
}

static void only_what_is_mapped(void **state)
{
	struct fixture *f = *state;
	uint64_t len = 0x3000;

	assert_null(reach(f, 0x1000, 1, DMA_READ));
	assert_int_equal(attach(f, 1, ENDPOINT, 0), VIRTIO_IOMMU_S_OK);
	assert_null(reach(f, 0x1000, 1, DMA_READ));
	assert_int_equal(map(f, 0x100000, 0x101fff, 0x8000, 3), VIRTIO_IOMMU_S_OK);
	assert_int_equal(map(f, 0x102000, 0x102fff, 0x1000, 1), VIRTIO_IOMMU_S_OK);
	assert_ptr_equal(reach(f, 0x100010, 1, DMA_WRITE), fake_at(&f->guest, 0x8010));
	assert_ptr_equal(dma_span(iommu_endpoint_space(f->endpoint), 0x100800, &len, DMA_READ),
			 fake_at(&f->guest, 0x8800));
	assert_int_equal(len, 0x1800); /* cut where the mapping ends */
	assert_ptr_equal(reach(f, 0x102000, 1, DMA_READ), fake_at(&f->guest, 0x1000));
	assert_null(reach(f, 0x102000, 1, DMA_WRITE));
	assert_null(reach(f, 0x103000, 1, DMA_READ));
	assert_null(reach(f, 0x8000, 1, DMA_READ)); /* no guest-physical address is an IOVA */
	assert_int_equal(f->watched.n, 2);
	assert_int_equal(unmap(f, 0x100000, 0x101fff), VIRTIO_IOMMU_S_OK);
	assert_null(reach(f, 0x100010, 1, DMA_READ));
	assert_int_equal(f->watched.n, 1);
	assert_int_equal(detach(f, 1, ENDPOINT), VIRTIO_IOMMU_S_OK);
	assert_int_equal(f->watched.n, 0);
	assert_null(reach(f, 0x102000, 1, DMA_READ));
}

static void bad_requests(void **state)
{
	static const struct {
		uint64_t first, last, gpa;
		uint32_t flags;
		int status;
	} maps[] = {
		{ 0x200000, 0x200fff, 0, 0, VIRTIO_IOMMU_S_INVAL },
		{ 0x200000, 0x200fff, 0, 4, VIRTIO_IOMMU_S_INVAL },
		{ 0x200000, 0x200ffe, 0, 3, VIRTIO_IOMMU_S_RANGE },
		{ 0x200800, 0x200fff, 0, 3, VIRTIO_IOMMU_S_RANGE },
		{ 0x200000, 0x200fff, 0x800, 3, VIRTIO_IOMMU_S_RANGE },
		{ 0x200000, 0x1fffff, 0, 3, VIRTIO_IOMMU_S_RANGE },
		{ 0, UINT64_MAX, 0, 3, VIRTIO_IOMMU_S_RANGE },
		{ UINT64_C(1) << 48, (UINT64_C(1) << 48) + 0xfff, 0, 3, VIRTIO_IOMMU_S_RANGE },
		{ 0x200000, 0x201fff, UINT64_MAX - 0xfff, 3, VIRTIO_IOMMU_S_RANGE },
		{ 0x100000, 0x100fff, 0, 3, VIRTIO_IOMMU_S_INVAL }, /* overlaps */
		{ 0xff000, 0x100fff, 0, 3, VIRTIO_IOMMU_S_INVAL },
		{ 0x101000, 0x102fff, 0, 3, VIRTIO_IOMMU_S_INVAL },
		{ 0xff000, 0x10ffff, 0, 3, VIRTIO_IOMMU_S_INVAL },
	};
	struct fixture *f = *state;
	const uint8_t strange[16] = { 77 }, attach_short[8] = { VIRTIO_IOMMU_T_ATTACH };

	assert_int_equal(map(f, 0, 0xfff, 0, 3), VIRTIO_IOMMU_S_NOENT);
	assert_int_equal(unmap(f, 0, 0xfff), VIRTIO_IOMMU_S_NOENT);
	assert_int_equal(attach(f, 1, 99, 0), VIRTIO_IOMMU_S_NOENT);
	assert_int_equal(attach(f, 1, ENDPOINT, 2), VIRTIO_IOMMU_S_INVAL);
	assert_int_equal(attach(f, 1, ENDPOINT, 0), VIRTIO_IOMMU_S_OK);
	assert_int_equal(detach(f, 2, ENDPOINT), VIRTIO_IOMMU_S_INVAL);
	assert_int_equal(map(f, 0x100000, 0x101fff, 0x8000, 3), VIRTIO_IOMMU_S_OK);
	for (size_t i = 0; i < ARRAY_SIZE(maps); i++)
		if (map(f, maps[i].first, maps[i].last, maps[i].gpa, maps[i].flags) !=
		    maps[i].status)
			fail_msg("row %zu", i);
	assert_int_equal(unmap(f, 0x100000, 0x100fff), VIRTIO_IOMMU_S_RANGE);
	assert_int_equal(unmap(f, 0x101000, 0x1fffff), VIRTIO_IOMMU_S_RANGE);
	assert_int_equal(unmap(f, 5, 4), VIRTIO_IOMMU_S_RANGE);
	assert_int_equal(unmap(f, 0x300000, 0x3fffff), VIRTIO_IOMMU_S_OK);
	assert_int_equal(f->watched.n, 1);
	assert_int_equal(unmap(f, 0, UINT64_MAX), VIRTIO_IOMMU_S_OK);
	assert_int_equal(f->watched.n, 0);
	assert_int_equal(send(f, strange, sizeof(strange), 0), VIRTIO_IOMMU_S_UNSUPP);
	assert_int_equal(send(f, attach_short, sizeof(attach_short), 0), VIRTIO_IOMMU_S_INVAL);
}

static void a_device_that_refuses(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(attach(f, 1, ENDPOINT, 0), VIRTIO_IOMMU_S_OK);
	f->watched.refuse = true;
	assert_int_equal(map(f, 0x100000, 0x100fff, 0, 3), VIRTIO_IOMMU_S_NOMEM);
	assert_null(reach(f, 0x100000, 1, DMA_READ));
	f->watched.refuse = false;
	assert_int_equal(map(f, 0x100000, 0x100fff, 0, 3), VIRTIO_IOMMU_S_OK);
}

static void bypass(void **state)
{
	struct fixture *f = *state;
	const uint8_t on = 1, off = 0, wrong = 2;
	const uint32_t at = offsetof(struct virtio_iommu_config, bypass);

	assert_int_equal(attach(f, 1, ENDPOINT, VIRTIO_IOMMU_ATTACH_F_BYPASS), VIRTIO_IOMMU_S_OK);
	assert_ptr_equal(reach(f, 0x8000, 1, DMA_WRITE), fake_at(&f->guest, 0x8000));
	assert_int_equal(f->watched.n, 2); /* both regions of RAM */
	assert_int_equal(map(f, 0x100000, 0x100fff, 0, 3), VIRTIO_IOMMU_S_INVAL);
	assert_int_equal(attach(f, 1, ENDPOINT, 0), VIRTIO_IOMMU_S_INVAL);
	assert_int_equal(attach(f, 2, ENDPOINT, 0), VIRTIO_IOMMU_S_OK);
	assert_int_equal(f->watched.n, 0);
	assert_null(reach(f, 0x8000, 1, DMA_WRITE));
	assert_int_equal(detach(f, 2, ENDPOINT), VIRTIO_IOMMU_S_OK);
	f->dev->ops->config_write(f->dev, at, &wrong, 1);
	assert_null(reach(f, 0x8000, 1, DMA_WRITE));
	f->dev->ops->config_write(f->dev, at, &on, 1);
	assert_non_null(reach(f, 0x8000, 1, DMA_WRITE));
	assert_int_equal(f->watched.n, 2);
	f->dev->ops->config_write(f->dev, at, &off, 1);
	assert_int_equal(f->watched.n, 0);
	/* All of RAM or none of it. */
	f->watched.refuse_from = UINT64_C(1) << 32;
	assert_int_equal(attach(f, 1, ENDPOINT, VIRTIO_IOMMU_ATTACH_F_BYPASS),
			 VIRTIO_IOMMU_S_DEVERR);
	assert_int_equal(f->watched.n, 0);
}

static void probe_tells_the_msi_window(void **state)
{
	const struct virtio_iommu_req_probe req = {
		.head.type = VIRTIO_IOMMU_T_PROBE,
		.endpoint = ENDPOINT,
	};
	struct fixture *f = *state;
	struct virtio_iommu_probe_resv_mem *mem = fake_at(&f->guest, FAKE_DATA + 0x1000);

	assert_int_equal(send(f, &req, sizeof(req), IOMMU_PROBE_SIZE), VIRTIO_IOMMU_S_OK);
	assert_int_equal(mem->head.type, VIRTIO_IOMMU_PROBE_T_RESV_MEM);
	assert_int_equal(mem->head.length, 20);
	assert_int_equal(mem->subtype, VIRTIO_IOMMU_RESV_MEM_T_MSI);
	assert_int_equal(mem->start, 0xfee00000);
	assert_int_equal(mem->end, 0xfeefffff);
	assert_int_equal(fake_used(&f->guest, 0).len, IOMMU_PROBE_SIZE + 4);
	assert_int_equal(send(f, &req, sizeof(req), 8), VIRTIO_IOMMU_S_INVAL);
}

static void many_requests_are_one_batch(void **state)
{
	struct fixture *f = *state;
	struct virtio_iommu_req_map req = {
		.head.type = VIRTIO_IOMMU_T_MAP,
		.domain = 1,
		.phys_start = 0,
		.flags = 3,
	};
	unsigned int before;

	assert_int_equal(attach(f, 1, ENDPOINT, 0), VIRTIO_IOMMU_S_OK);
	before = f->watched.batches;
	for (uint16_t i = 0; i < 7; i++) {
		req.virt_start = i * UINT64_C(0x1000);
		req.virt_end = req.virt_start + 0xfff;
		memcpy(fake_at(&f->guest, FAKE_DATA + i * 64), &req, sizeof(req));
		fake_desc(&f->guest, FAKE_RING, i * 2, FAKE_DATA + i * 64,
			  offsetof(struct virtio_iommu_req_map, tail), VRING_DESC_F_NEXT,
			  i * 2 + 1);
		fake_desc(&f->guest, FAKE_RING, i * 2 + 1, FAKE_DATA + 0x1000 + i * 4, 4,
			  VRING_DESC_F_WRITE, 0);
		fake_offer(&f->guest, 16, i * 2);
	}
	f->dev->ops->notify(f->dev, IOMMU_REQUESTS);
	assert_int_equal(f->watched.n, 7);
	assert_int_equal(f->watched.batches, before + 1);
	f->dev->ops->reset(f->dev);
	assert_int_equal(f->watched.n, 0);
}

/* The tree against a plain array, with ranges of a small space put in and taken out at random. */
static void the_tree_keeps_order(void **state)
{
	struct iommu_map tree = { 0 };
	bool set[256] = { false };
	uint32_t x = 1;

	(void)state;
	for (unsigned int i = 0; i < 20000; i++) {
		struct iommu_mapping *m;
		unsigned int at;

		x = x * 1103515245 + 12345;
		at = x >> 16 & 255;
		m = iommu_map_from(&tree, at);
		assert_int_equal(m && m->first == at, set[at]);
		if (set[at])
			iommu_map_remove(&tree, m);
		else
			assert_true(iommu_map_insert(&tree, at, at, at, 1));
		set[at] = !set[at];
		for (at = x & 255; at < 256 && !set[at]; at++)
			continue;
		m = iommu_map_from(&tree, x & 255);
		if (at == 256)
			assert_null(m);
		else
			assert_int_equal(m->first, at);
	}
	iommu_map_clear(&tree);
	assert_int_equal(tree.n, 0);
}

/* The size of all addresses is no number of 64 bits. */
static void everything_at_once(void **state)
{
	struct fixture *f = *state;
	struct iommu *iommu = to_iommu(f->dev);

	iommu->config.input_range.end = UINT64_MAX;
	assert_int_equal(attach(f, 1, ENDPOINT, 0), VIRTIO_IOMMU_S_OK);
	assert_int_equal(map(f, 0, UINT64_MAX, 0, 3), VIRTIO_IOMMU_S_RANGE);
	assert_int_equal(map(f, 0x1000, UINT64_MAX, 0, 3), VIRTIO_IOMMU_S_OK);
	assert_int_equal(unmap(f, 0, UINT64_MAX), VIRTIO_IOMMU_S_OK);
	assert_int_equal(f->watched.n, 0);
}

/* One request may concern all mappings: a guest cannot have so many that it holds the VMM up. */
static void mappings_are_limited(void **state)
{
	static const struct virtio_ops no_kernel_side;
	struct fixture *f = *state;
	const uint64_t most = 65535;

	f->watched.virtio.ops = &no_kernel_side;
	assert_int_equal(attach(f, 1, ENDPOINT, 0), VIRTIO_IOMMU_S_OK);
	for (uint64_t i = 0; i < most; i++)
		assert_int_equal(map(f, i << 12, (i << 12) + 0xfff, 0, 3), VIRTIO_IOMMU_S_OK);
	assert_int_equal(map(f, most << 12, (most << 12) + 0xfff, 0, 3), VIRTIO_IOMMU_S_NOMEM);
	assert_int_equal(unmap(f, 0, 0xfff), VIRTIO_IOMMU_S_OK);
	assert_int_equal(map(f, most << 12, (most << 12) + 0xfff, 0, 3), VIRTIO_IOMMU_S_OK);
	assert_int_equal(unmap(f, 0, (UINT64_C(1) << 48) - 1), VIRTIO_IOMMU_S_OK);
	assert_null(reach(f, 0x1000, 1, DMA_READ));
	assert_null(reach(f, most << 12, 1, DMA_READ));
}

int main(void)
{
#define ROW(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	static const struct CMUnitTest tests[] = {
		ROW(only_what_is_mapped),
		ROW(bad_requests),
		ROW(a_device_that_refuses),
		ROW(bypass),
		ROW(probe_tells_the_msi_window),
		ROW(everything_at_once),
		ROW(mappings_are_limited),
		ROW(many_requests_are_one_batch),
		cmocka_unit_test(the_tree_keeps_order),
	};

	return cmocka_run_group_tests_name("virtio_iommu", tests, NULL, NULL);
}
