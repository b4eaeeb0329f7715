/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of virtio-blk among themselves. All functions want the device locked, except while it
 * is being created. */
#pragma once

#include "virtio/devices.h"

#include <liburing.h>
#include <linux/virtio_blk.h>

enum {
	BLK_SECTOR = 512, /* bytes; the unit of the protocol, whatever the block size */
	BLK_MAX_IN_FLIGHT = 256,
	BLK_MAX_BYTES = 64 << 20,   /* of one request */
	BLK_MAX_BOUNCED = 64 << 20, /* bytes of bounce buffers: above, no request is begun */
	BLK_MAX_ZERO_SECTORS = 1 << 22,
	BLK_ZERO_CHUNK = 64 << 10, /* bytes of the buffer that zeroes are written from */
};

struct blk_image {
	int fd;
	uint64_t sectors;
	bool readonly, direct;
	uint32_t block_size;   /* what offsets are multiples of */
	uint32_t memory_align; /* of buffers, with direct I/O */
};

enum blk_op {
	BLK_READ,
	BLK_WRITE,
	BLK_FLUSH,
	BLK_DISCARD,
	BLK_ZERO_RANGE, /* zeroes by fallocate */
	BLK_ZERO_PUNCH, /* the same by a hole, where the file system knows no other way */
	BLK_ZERO_WRITE, /* the same by writing them */
};

struct blk_request {
	struct virtqueue_request vq;
	struct blk_request *next; /* while it is free */
	bool taken;               /* it is not */
	uint16_t queue;
	enum blk_op op;
	uint8_t *status; /* in guest memory */
	uint64_t offset; /* bytes, of what is left */
	uint64_t left;   /* bytes */
	uint64_t bytes;  /* asked for */
	uint64_t began;  /* as clock_us counts */
	/* What is left of the data, within vq.segments or `bounced`. */
	struct iovec *iov;
	unsigned int n_iov;
	/* With direct I/O and buffers that are not aligned: a copy. */
	void *bounce; /* owned */
	struct iovec bounced;
	struct iovec *guest_iov;
	unsigned int n_guest_iov;
};

/* Of what was done; times are from the queue's service to completion, in microseconds. */
struct blk_count {
	uint64_t ops, bytes, least_us, most_us, sum_us;
};

struct blk {
	struct virtio_device virtio;
	struct blk_image image;
	struct virtio_blk_config config;
	char serial[VIRTIO_BLK_ID_BYTES];
	bool has_ring; /* io_uring may be forbidden: then I/O is done at once */
	struct io_uring ring;
	int done_fd; /* eventfd, written when requests complete */
	struct loop_source *done_source;
	struct blk_request *requests; /* owned pool */
	struct blk_request *free;
	unsigned int n_requests, in_flight;
	uint64_t bounced; /* bytes of bounce buffers */
	bool paused;
	bool complained;                /* an I/O error was logged */
	void *zeroes;                   /* owned; once they are needed */
	struct blk_count reads, writes; /* discards and zeroes are writes */
	uint64_t flush_ops, errors;
};

static inline struct blk *to_blk(struct virtio_device *dev)
{
	return container_of(dev, struct blk, virtio);
}

/* Opens, measures and locks the image. */
int blk_image_open(struct blk_image *image, const struct disk_config *config, struct err *e);
void blk_image_close(struct blk_image *image);

/* Makes the request pool and the io_uring with its eventfd. */
int blk_io_create(struct blk *blk, struct err *e);
void blk_io_destroy(struct blk *blk);

/* Starts what `req` asks for; completes at once where it must. */
void blk_io_start(struct blk *blk, struct blk_request *req);
/* Hands what was started to the kernel and takes back what is done. */
void blk_io_flush(struct blk *blk);
/* Returns when nothing is in flight. Any thread. */
void blk_io_drain(struct blk *blk);

/* Serves a queue until it is empty or too much is in flight. */
void blk_serve(struct virtio_device *dev, unsigned int queue);
/* Is `req` under way, with data or status in [p, p + size)? NULL: anywhere. */
bool blk_request_reaches(const struct blk_request *req, const uint8_t *p, uint64_t size);
/* The kernel is done with `req`: `res` bytes or negative errno. */
void blk_request_done(struct blk *blk, struct blk_request *req, int res);
