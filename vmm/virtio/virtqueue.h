/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A split virtqueue (virtio 1.2, 2.7), walked on behalf of a device that the VMM serves itself. */
#pragma once

#include "dma.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

enum {
	VIRTQUEUE_MAX_SEGMENTS = 256, /* of one request, after translation */
};

/* One part of a ring in host memory: contiguous, or cut by the IOMMU into pages. */
struct virtqueue_area {
	uint8_t *ptr;    /* NULL when cut */
	uint8_t **pages; /* owned; host address of each 4 KiB page */
	uint32_t skew;   /* offset of the area in its first page */
};

struct virtqueue {
	/* Guest-visible state, written by the transport. */
	uint16_t max_size, size, vector;
	bool enabled;
	uint64_t desc, avail, used; /* guest-physical or IOVA */
	/* Progress, meaningless for queues that others serve. */
	uint16_t last_avail, last_used, signalled_used;
	bool event_idx, broken;
	/* Mapped at activation. */
	bool started;
	struct virtqueue_area desc_area, avail_area, used_area;
};

/* One request: the readable segments first, then the writable ones. */
struct virtqueue_request {
	uint16_t head;
	uint16_t n_out, n_in; /* readable by the device, writable by it */
	uint64_t out_len, in_len;
	struct iovec segments[VIRTQUEUE_MAX_SEGMENTS];
};

/*
 * Are size and ring addresses ones that a driver may give, and do the rings lie wholly in memory
 * that the device may reach? -EINVAL or -EFAULT with the reason.
 */
int virtqueue_check(const struct virtqueue *vq, struct dma_space *dma, struct err *e);

/* Checks and maps the rings for use; progress is left as it is (0 after a reset). */
int virtqueue_start(struct virtqueue *vq, struct dma_space *dma, bool event_idx, struct err *e);

/* The device loses [first, last]: true when rings were there, which breaks the queue. */
bool virtqueue_withdraw(struct virtqueue *vq, uint64_t first, uint64_t last);

/* Forgets everything the driver set. */
void virtqueue_reset(struct virtqueue *vq);

/*
 * Takes the next request: 1 with *req filled, 0 when the queue is empty, negative errno when the
 * driver broke the ring (loop, index beyond the queue, memory that is not there): the queue is then
 * marked broken and stays so until reset. The guest may change the ring at any time: each field is
 * read once.
 */
int virtqueue_pop(struct virtqueue *vq, struct dma_space *dma, struct virtqueue_request *req);

/* Puts the request that was popped last back, to be popped again. */
void virtqueue_unpop(struct virtqueue *vq);

/* Gives a request back with `written` bytes in its writable part. */
void virtqueue_push(struct virtqueue *vq, uint16_t head, uint32_t written);

/* Must the driver be interrupted for what was pushed since the last call? (EVENT_IDX, flags) */
bool virtqueue_should_notify(struct virtqueue *vq);

/* Asks the driver to notify of its next request; true when requests came meanwhile. */
bool virtqueue_enable_kicks(struct virtqueue *vq);

/* Copies out of the readable or into the writable part; returns how many bytes there were. */
size_t virtqueue_read(const struct virtqueue_request *req, uint64_t offset, void *buf, size_t len);
size_t virtqueue_write(const struct virtqueue_request *req, uint64_t offset, const void *buf,
		       size_t len);
