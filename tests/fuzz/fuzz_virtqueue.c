/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A virtqueue whose driver writes anything anywhere at any time, behind an IOMMU or not. */
#include "fake_guest.h"
#include "fuzz_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	WINDOW = 0x10000, /* what inputs write to, at both ends of the fake guest's low memory */
	MAX_BLOCK = 64,
	MAX_REQUESTS = 64, /* of one step */
};

/* Pages are found in reverse order; of eight one is missing, and one can only be read. */
static bool translate(struct dma_space *space _unused_, uint64_t iova, uint64_t *len,
		      enum dma_access access, uint64_t *gpa)
{
	uint64_t page = iova >> 12, at = iova & 0xfff;

	if (page % 8 == 5 || (page % 8 == 6 && access == DMA_WRITE))
		return false;
	if (*len > 4096 - at)
		*len = 4096 - at;
	*gpa = page < WINDOW >> 12 ? ((WINDOW >> 12) - 1 - page) << 12 | at : iova;
	return true;
}

static const struct dma_ops behind_iommu = { .translate = translate };

static void check(const struct fake_guest *g, const struct virtqueue_request *req)
{
	const uint8_t *low = g->memory.regions[0].hva, *high = g->memory.regions[1].hva;
	uint64_t out = 0, in = 0;

	for (unsigned int i = 0; i < (unsigned int)req->n_out + req->n_in; i++) {
		const uint8_t *p = req->segments[i].iov_base;
		size_t len = req->segments[i].iov_len;

		*(i < req->n_out ? &out : &in) += len;
		if (!(p >= low && p + len <= low + FAKE_LOW) &&
		    !(p >= high && p + len <= high + FAKE_HIGH))
			abort();
	}
	if (out != req->out_len || in != req->in_len)
		abort();
}

static void serve(struct fake_guest *g, struct virtqueue *vq, struct fuzz_input *in)
{
	struct virtqueue_request req;
	uint8_t buf[80] = { 0 };

	for (unsigned int n = 0; n < MAX_REQUESTS; n++) {
		if (virtqueue_pop(vq, &g->dma, &req) <= 0)
			break;
		check(g, &req);
		if (fuzz_u8(in) == 1) {
			virtqueue_unpop(vq);
			break;
		}
		/* At the start and over the end of the parts. */
		virtqueue_read(&req, 0, buf, sizeof(buf));
		virtqueue_read(&req, req.out_len - sizeof(buf) / 2, buf, sizeof(buf));
		virtqueue_push(vq, req.head,
			       (uint32_t)virtqueue_write(&req, req.in_len / 2, buf, 16));
	}
	virtqueue_should_notify(vq);
	virtqueue_enable_kicks(vq);
}

static void set_up(struct fake_guest *g, struct virtqueue *vq, struct fuzz_input *in)
{
	struct err e = { 0 };
	uint8_t how = fuzz_u8(in);

	virtqueue_reset(vq);
	g->dma.ops = how & 1 ? &behind_iommu : NULL;
	vq->size = how & 2 ? fuzz_u16(in) : 16;
	vq->desc = how & 4 ? fuzz_u64(in) : 0;
	vq->avail = how & 8 ? fuzz_u64(in) : 0x1000;
	vq->used = how & 16 ? fuzz_u64(in) : 0x2000;
	vq->enabled = true;
	virtqueue_start(vq, &g->dma, how & 32, &e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fake_guest g;
	struct fuzz_input in = { .at = data, .end = data + size };
	struct virtqueue vq = { .max_size = 256 };

	if (!g.memory.size)
		fake_guest_init(&g);
	memset(fake_at(&g, 0), 0, WINDOW);
	memset(fake_at(&g, FAKE_LOW - WINDOW), 0, WINDOW);
	virtqueue_reset(&vq);
	set_up(&g, &vq, &in);
	while (fuzz_more(&in)) {
		uint8_t step = fuzz_u8(&in);
		uint16_t at = fuzz_u16(&in);

		if (step == 0) {
			set_up(&g, &vq, &in);
		} else if (step % 4 == 0) {
			serve(&g, &vq, &in);
		} else {
			uint64_t gpa = step % 4 == 1 ? FAKE_LOW - WINDOW + at : at;
			size_t room = WINDOW - at;

			fuzz_bytes(&in, fake_at(&g, gpa),
				   room < step % MAX_BLOCK ? room : step % MAX_BLOCK);
		}
	}
	serve(&g, &vq, &in);
	virtqueue_reset(&vq);
	return 0;
}
