/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A virtqueue's rings: their sizes, the check of what a driver gave, and where they lie in host
 * memory. */
#include "base/checked.h"
#include "virtio/virtqueue_area.h"

#include <errno.h>
#include <linux/virtio_ring.h>
#include <string.h>

/* Bytes of each part of a ring with `size` entries, event indices included. */
static uint64_t desc_bytes(uint16_t size)
{
	return (uint64_t)size * sizeof(struct vring_desc);
}

static uint64_t avail_bytes(uint16_t size)
{
	return RING_HEAD + (uint64_t)size * sizeof(uint16_t) + sizeof(uint16_t);
}

static uint64_t used_bytes(uint16_t size)
{
	return RING_HEAD + (uint64_t)size * sizeof(struct vring_used_elem) + sizeof(uint16_t);
}

/* Does [iova, iova + len) lie wholly in reachable memory? */
static bool area_reachable(struct dma_space *dma, uint64_t iova, uint64_t len,
			   enum dma_access access)
{
	uint64_t end;

	if (add_wraps(iova, len, &end))
		return false;
	while (len) {
		uint64_t head = len;

		if (!dma_span(dma, iova, &head, access))
			return false;
		iova += head;
		len -= head;
	}
	return true;
}

static int area_map_pages(struct virtqueue_area *area, struct dma_space *dma, uint64_t iova,
			  uint64_t len, enum dma_access access)
{
	uint64_t first = round_down(iova, RING_PAGE);
	uint64_t n = (iova - first + len + RING_PAGE - 1) / RING_PAGE;
	_free_ uint8_t **pages = calloc(n, sizeof(*pages));

	if (!pages)
		return -ENOMEM;
	for (uint64_t i = 0; i < n; i++) {
		uint64_t skip = i == 0 ? iova - first : 0;
		uint64_t want = RING_PAGE - skip;
		uint64_t head;
		uint8_t *p;

		if (want > iova + len - (first + i * RING_PAGE + skip))
			want = iova + len - (first + i * RING_PAGE + skip);
		head = want;
		p = dma_span(dma, first + i * RING_PAGE + skip, &head, access);
		if (!p || head < want)
			return -EFAULT;
		pages[i] = p - skip;
	}
	area->skew = (uint32_t)(iova - first);
	area->pages = steal_ptr(&pages);
	return 0;
}

static int area_map(struct virtqueue_area *area, struct dma_space *dma, uint64_t iova, uint64_t len,
		    enum dma_access access)
{
	uint64_t head = len;
	uint8_t *p = dma_span(dma, iova, &head, access);

	if (p && head == len) {
		area->ptr = p;
		return 0;
	}
	return area_map_pages(area, dma, iova, len, access);
}

static void area_unmap(struct virtqueue_area *area)
{
	free(area->pages);
	*area = (struct virtqueue_area){ 0 };
}

int virtqueue_check(const struct virtqueue *vq, struct dma_space *dma, struct err *e)
{
	if (!is_power_of_2(vq->size) || vq->size > vq->max_size)
		return err_set(e, -EINVAL, "queue size %u is no power of 2 up to %u", vq->size,
			       vq->max_size);
	if (vq->desc % 16 || vq->avail % 2 || vq->used % 4)
		return err_set(e, -EINVAL, "ring addresses 0x%llx, 0x%llx, 0x%llx are misaligned",
			       (unsigned long long)vq->desc, (unsigned long long)vq->avail,
			       (unsigned long long)vq->used);
	if (!area_reachable(dma, vq->desc, desc_bytes(vq->size), DMA_READ))
		return err_set(e, -EFAULT, "descriptor table at 0x%llx is not in guest memory",
			       (unsigned long long)vq->desc);
	if (!area_reachable(dma, vq->avail, avail_bytes(vq->size), DMA_READ))
		return err_set(e, -EFAULT, "available ring at 0x%llx is not in guest memory",
			       (unsigned long long)vq->avail);
	if (!area_reachable(dma, vq->used, used_bytes(vq->size), DMA_WRITE))
		return err_set(e, -EFAULT, "used ring at 0x%llx is not in guest memory",
			       (unsigned long long)vq->used);
	return 0;
}

int virtqueue_start(struct virtqueue *vq, struct dma_space *dma, bool event_idx, struct err *e)
{
	int r = virtqueue_check(vq, dma, e);

	if (r)
		return r;
	r = area_map(&vq->desc_area, dma, vq->desc, desc_bytes(vq->size), DMA_READ);
	if (!r)
		r = area_map(&vq->avail_area, dma, vq->avail, avail_bytes(vq->size), DMA_READ);
	if (!r)
		r = area_map(&vq->used_area, dma, vq->used, used_bytes(vq->size), DMA_WRITE);
	if (r) {
		area_unmap(&vq->desc_area);
		area_unmap(&vq->avail_area);
		area_unmap(&vq->used_area);
		return err_errno(e, r, "cannot map the rings at 0x%llx",
				 (unsigned long long)vq->desc);
	}
	vq->event_idx = event_idx;
	vq->started = true;
	return 0;
}

bool virtqueue_withdraw(struct virtqueue *vq, uint64_t first, uint64_t last)
{
	const struct {
		uint64_t at, bytes;
	} areas[] = {
		{ vq->desc, desc_bytes(vq->size) },
		{ vq->avail, avail_bytes(vq->size) },
		{ vq->used, used_bytes(vq->size) },
	};

	for (size_t i = 0; vq->started && i < ARRAY_SIZE(areas); i++)
		if (areas[i].at <= last && areas[i].at + areas[i].bytes - 1 >= first) {
			vq->started = false;
			vq->broken = true;
			return true;
		}
	return false;
}

void virtqueue_reset(struct virtqueue *vq)
{
	uint16_t max_size = vq->max_size;

	area_unmap(&vq->desc_area);
	area_unmap(&vq->avail_area);
	area_unmap(&vq->used_area);
	*vq = (struct virtqueue){ .max_size = max_size, .size = max_size, .vector = 0xffff };
}
