/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A split virtqueue (virtio 1.2, 2.7): requests taken from it and given back. */
#include "virtio/virtqueue.h"

#include "base/checked.h"
#include "virtio/virtqueue_area.h"

#include <errno.h>
#include <linux/virtio_ring.h>
#include <string.h>

/* Each 16-bit field of a ring is read and written in one access: the guest races with us. */
static uint16_t load16(const struct virtqueue_area *area, uint32_t offset)
{
	return __atomic_load_n((const uint16_t *)(void *)virtqueue_at(area, offset),
			       __ATOMIC_RELAXED);
}

static void store16(const struct virtqueue_area *area, uint32_t offset, uint16_t v)
{
	__atomic_store_n((uint16_t *)(void *)virtqueue_at(area, offset), v, __ATOMIC_RELAXED);
}

static void store32(const struct virtqueue_area *area, uint32_t offset, uint32_t v)
{
	__atomic_store_n((uint32_t *)(void *)virtqueue_at(area, offset), v, __ATOMIC_RELAXED);
}

static int break_queue(struct virtqueue *vq, int code)
{
	vq->broken = true;
	return code;
}

/*
 * Copies a descriptor out of guest memory. The empty statement claims to change the copy, so that
 * the compiler cannot go back to the guest's original, which may differ by then.
 */
static struct vring_desc read_descriptor(const void *p)
{
	struct vring_desc d;

	memcpy(&d, p, sizeof(d));
	__asm__ volatile("" : "+m"(d));
	return d;
}

/* Adds one descriptor's memory to the request, in as many segments as translation cuts it into. */
static int add_segments(struct virtqueue_request *req, struct dma_space *dma,
			const struct vring_desc *d)
{
	bool in = d->flags & VRING_DESC_F_WRITE;
	uint64_t addr = d->addr;
	uint64_t left = d->len;
	struct iovec *last = NULL;
	uint64_t end;

	if (!in && req->n_in)
		return -EINVAL; /* readable parts come first (2.7.4.2) */
	if (add_wraps(addr, left, &end))
		return -EFAULT;
	while (left) {
		uint64_t head = left;
		void *p = dma_span(dma, addr, &head, in ? DMA_WRITE : DMA_READ);
		unsigned int n = req->n_out + req->n_in;

		if (!p)
			return -EFAULT;
		/* An IOMMU whose mappings are a page each cuts what lies side by side. */
		if (last && (char *)last->iov_base + last->iov_len == p) {
			last->iov_len += head;
		} else if (n == VIRTQUEUE_MAX_SEGMENTS) {
			return -E2BIG;
		} else {
			last = &req->segments[n];
			*last = (struct iovec){ .iov_base = p, .iov_len = head };
			*(in ? &req->n_in : &req->n_out) += 1;
		}
		*(in ? &req->in_len : &req->out_len) += head;
		addr += head;
		left -= head;
	}
	return 0;
}

/* Walks an indirect table (2.7.5.3); its entries chain by index as those of the ring do. */
static int walk_indirect(struct virtqueue_request *req, struct dma_space *dma,
			 const struct vring_desc *table)
{
	uint32_t n = table->len / (uint32_t)sizeof(struct vring_desc);
	uint32_t i = 0;
	int r;

	if (n == 0 || table->len % sizeof(struct vring_desc) || table->flags & VRING_DESC_F_WRITE)
		return -EINVAL;
	for (uint32_t walked = 0; walked < VIRTQUEUE_MAX_SEGMENTS; walked++) {
		uint64_t len = sizeof(struct vring_desc);
		struct vring_desc d;
		uint64_t at;
		void *p;

		if (add_wraps(table->addr, (uint64_t)i * sizeof(d), &at))
			return -EFAULT;
		p = dma_span(dma, at, &len, DMA_READ);
		if (!p || len < sizeof(d))
			return -EFAULT;
		d = read_descriptor(p);
		if (d.flags & VRING_DESC_F_INDIRECT)
			return -EINVAL;
		r = add_segments(req, dma, &d);
		if (r)
			return r;
		if (!(d.flags & VRING_DESC_F_NEXT))
			return 0;
		i = d.next;
		if (i >= n)
			return -EINVAL;
	}
	return -ELOOP;
}

/* A chain has at most as many descriptors as the queue; one that goes on is a loop. */
static int walk_chain(struct virtqueue *vq, struct virtqueue_request *req, struct dma_space *dma)
{
	uint16_t i = req->head;
	int r;

	for (unsigned int walked = 0; walked < vq->size; walked++) {
		struct vring_desc d;

		if (i >= vq->size)
			return -EINVAL;
		d = read_descriptor(
			virtqueue_at(&vq->desc_area, (uint32_t)i * (uint32_t)sizeof(d)));
		if (d.flags & VRING_DESC_F_INDIRECT) {
			if (d.flags & VRING_DESC_F_NEXT)
				return -EINVAL;
			return walk_indirect(req, dma, &d);
		}
		r = add_segments(req, dma, &d);
		if (r)
			return r;
		if (!(d.flags & VRING_DESC_F_NEXT))
			return 0;
		i = d.next;
	}
	return -ELOOP;
}

int virtqueue_pop(struct virtqueue *vq, struct dma_space *dma, struct virtqueue_request *req)
{
	uint16_t avail_idx, slot;
	int r;

	if (vq->broken || !vq->started)
		return vq->broken ? -EIO : 0;
	avail_idx = load16(&vq->avail_area, offsetof(struct vring_avail, idx));
	if (avail_idx == vq->last_avail)
		return 0;
	if ((uint16_t)(avail_idx - vq->last_avail) > vq->size)
		return break_queue(vq, -EINVAL);
	/* Pairs with the driver's write barrier between ring entry and index (2.7.13.3). */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	slot = vq->last_avail & (vq->size - 1);
	req->head = load16(&vq->avail_area, RING_HEAD + slot * (uint32_t)sizeof(uint16_t));
	req->n_out = req->n_in = 0;
	req->out_len = req->in_len = 0;
	r = walk_chain(vq, req, dma);
	if (r)
		return break_queue(vq, r);
	vq->last_avail++;
	return 1;
}

void virtqueue_unpop(struct virtqueue *vq)
{
	vq->last_avail--;
}

void virtqueue_push(struct virtqueue *vq, uint16_t head, uint32_t written)
{
	uint32_t slot = vq->last_used & (vq->size - 1);
	uint32_t at = RING_HEAD + slot * (uint32_t)sizeof(struct vring_used_elem);

	if (!vq->started)
		return;
	store32(&vq->used_area, at, head);
	store32(&vq->used_area, at + 4, written);
	vq->last_used++;
	/* The entry (and the data) must be visible before the index that announces it (2.7.8.2). */
	__atomic_thread_fence(__ATOMIC_RELEASE);
	store16(&vq->used_area, offsetof(struct vring_used, idx), vq->last_used);
}

bool virtqueue_should_notify(struct virtqueue *vq)
{
	uint16_t old = vq->signalled_used;
	uint16_t event;

	if (!vq->started || vq->last_used == old)
		return false;
	/* The used index must be visible before we look whether the driver still sleeps: pairs
	 * with the driver's full barrier between writing used_event and checking used->idx. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	vq->signalled_used = vq->last_used;
	if (!vq->event_idx)
		return !(load16(&vq->avail_area, 0) & VRING_AVAIL_F_NO_INTERRUPT);
	event = load16(&vq->avail_area, RING_HEAD + vq->size * (uint32_t)sizeof(uint16_t));
	return vring_need_event(event, vq->last_used, old);
}

bool virtqueue_enable_kicks(struct virtqueue *vq)
{
	if (!vq->started || vq->broken)
		return false;
	if (vq->event_idx)
		store16(&vq->used_area,
			RING_HEAD + vq->size * (uint32_t)sizeof(struct vring_used_elem),
			vq->last_avail);
	else
		store16(&vq->used_area, 0, 0);
	/* Pairs with the driver's full barrier between publishing and checking for a kick. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return load16(&vq->avail_area, offsetof(struct vring_avail, idx)) != vq->last_avail;
}

/* Copies between `buf` and `n` segments, `offset` bytes in. */
static size_t copy_segments(const struct iovec *iov, unsigned int n, uint64_t offset, void *to,
			    const void *from, size_t len)
{
	size_t done = 0;

	for (unsigned int i = 0; i < n && done < len; i++) {
		uint8_t *base = iov[i].iov_base;
		size_t part;

		if (offset >= iov[i].iov_len) {
			offset -= iov[i].iov_len;
			continue;
		}
		part = iov[i].iov_len - offset;
		if (part > len - done)
			part = len - done;
		if (to)
			memcpy((uint8_t *)to + done, base + offset, part);
		else
			memcpy(base + offset, (const uint8_t *)from + done, part);
		done += part;
		offset = 0;
	}
	return done;
}

size_t virtqueue_read(const struct virtqueue_request *req, uint64_t offset, void *buf, size_t len)
{
	return copy_segments(req->segments, req->n_out, offset, buf, NULL, len);
}

size_t virtqueue_write(const struct virtqueue_request *req, uint64_t offset, const void *buf,
		       size_t len)
{
	return copy_segments(req->segments + req->n_out, req->n_in, offset, NULL, buf, len);
}
