/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A look at a ring in guest memory from outside. */
#include "api/ring_view.h"

#include "base/checked.h"

#include <stdatomic.h>

#define VIRTIO_FEATURE_PACKED VIRTIO_FEATURE(34)

enum {
	/* Offsets in the avail and the used ring alike (virtio 1.2, 2.7.6 and 2.7.8). */
	RING_FLAGS = 0,
	RING_INDEX = 2,
	/* VIRTQ_AVAIL_F_NO_INTERRUPT and VIRTQ_USED_F_NO_NOTIFY. */
	RING_F_NOT_WANTED = 1,
};

/* Driver and device write the word while we look. */
static bool read_word(struct dma_space *dma, uint64_t ring, unsigned int offset, uint16_t *out)
{
	uint64_t address, len = sizeof(*out);
	const _Atomic uint16_t *word;

	if (ring % 2 || add_wraps(ring, offset, &address))
		return false;
	word = dma_span(dma, address, &len, DMA_READ);
	if (!word || len < sizeof(*out))
		return false;
	*out = atomic_load_explicit(word, memory_order_relaxed);
	return true;
}

void ring_view_read(struct virtio_device *dev, unsigned int queue, struct ring_view *view)
{
	const struct virtqueue *vq = &dev->queues[queue];
	uint16_t avail_flags = 0, used_flags = 0;

	*view = (struct ring_view){
		.size = vq->size,
		.enabled = vq->enabled,
		.packed = dev->acked & VIRTIO_FEATURE_PACKED,
	};
	if (!vq->enabled || view->packed)
		return;
	/* used first: what the device gave back was in avail before. */
	view->readable = read_word(dev->dma, vq->used, RING_INDEX, &view->used_index) &&
			 read_word(dev->dma, vq->used, RING_FLAGS, &used_flags) &&
			 read_word(dev->dma, vq->avail, RING_INDEX, &view->avail_index) &&
			 read_word(dev->dma, vq->avail, RING_FLAGS, &avail_flags);
	view->in_flight = (uint16_t)(view->avail_index - view->used_index);
	view->wants_interrupts = !(avail_flags & RING_F_NOT_WANTED);
	view->wants_kicks = !(used_flags & RING_F_NOT_WANTED);
}
