/* SPDX-License-Identifier: GPL-3.0-or-later */
/* virtio-blk requests (virtio 1.2, 5.2.6): from a descriptor chain to I/O and back. */
#include "base/checked.h"
#include "base/clock.h"
#include "log.h"
#include "virtio/blk_internal.h"

#include <errno.h>
#include <string.h>

enum {
	BLK_BATCH = 256, /* requests before others get their turn */
};

static struct blk_request *take(struct blk *blk)
{
	struct blk_request *req = blk->free;

	if (req) {
		blk->free = req->next;
		req->taken = true;
	}
	return req;
}

static void give_back(struct blk *blk, struct blk_request *req)
{
	if (req->bounce)
		blk->bounced -= req->bytes;
	free(req->bounce);
	req->bounce = NULL;
	req->taken = false;
	req->next = blk->free;
	blk->free = req;
}

static void finish(struct blk *blk, struct blk_request *req, uint8_t status, uint64_t written)
{
	*req->status = status;
	virtqueue_push(&blk->virtio.queues[req->queue], req->vq.head, (uint32_t)written + 1);
	give_back(blk, req);
}

/* Takes `skip` bytes off the front of segments. */
static void skip_front(struct iovec **iov, unsigned int *n, uint64_t skip)
{
	while (*n && skip >= (*iov)->iov_len) {
		skip -= (*iov)->iov_len;
		++*iov;
		--*n;
	}
	if (*n) {
		(*iov)->iov_base = (uint8_t *)(*iov)->iov_base + skip;
		(*iov)->iov_len -= skip;
	}
}

/* The status is the last byte that the device may write; the data is what is in front of it. */
static bool split_status(struct blk_request *req)
{
	struct iovec *last;

	if (!req->vq.n_in)
		return false;
	last = &req->vq.segments[req->vq.n_out + req->vq.n_in - 1];
	req->status = (uint8_t *)last->iov_base + last->iov_len - 1;
	req->vq.in_len--;
	if (--last->iov_len == 0)
		req->vq.n_in--;
	return true;
}

static bool is_aligned(const struct blk *blk, const struct blk_request *req)
{
	uint64_t mask = blk->image.memory_align - 1;

	for (unsigned int i = 0; i < req->n_iov; i++)
		if (((uintptr_t)req->iov[i].iov_base | req->iov[i].iov_len) & mask ||
		    req->iov[i].iov_len % blk->image.block_size)
			return false;
	return true;
}

/* Copies between the guest's buffers and the bounce buffer. */
static void bounce_copy(struct blk_request *req, bool to_guest)
{
	uint8_t *p = req->bounce;

	for (unsigned int i = 0; i < req->n_guest_iov; i++) {
		const struct iovec *v = &req->guest_iov[i];

		if (to_guest)
			memcpy(v->iov_base, p, v->iov_len);
		else
			memcpy(p, v->iov_base, v->iov_len);
		p += v->iov_len;
	}
}

static int bounce(struct blk *blk, struct blk_request *req)
{
	size_t align = blk->image.memory_align < 512 ? 512 : blk->image.memory_align;

	if (posix_memalign(&req->bounce, align, req->bytes)) {
		req->bounce = NULL;
		return -ENOMEM;
	}
	blk->bounced += req->bytes;
	req->guest_iov = req->iov;
	req->n_guest_iov = req->n_iov;
	req->bounced = (struct iovec){ .iov_base = req->bounce, .iov_len = req->bytes };
	req->iov = &req->bounced;
	req->n_iov = 1;
	if (req->op == BLK_WRITE)
		bounce_copy(req, false);
	return 0;
}

/* Reads and writes: -EIO for what is beyond the disk or not in whole blocks. */
static int start_transfer(struct blk *blk, struct blk_request *req, uint64_t sector, bool write)
{
	uint64_t bytes = write ? req->vq.out_len : req->vq.in_len;
	int r;

	if (write && blk->image.readonly)
		return -EIO;
	if (bytes == 0 || bytes % blk->image.block_size || bytes > BLK_MAX_BYTES ||
	    !range_within(sector, bytes / BLK_SECTOR, blk->image.sectors) ||
	    sector * BLK_SECTOR % blk->image.block_size)
		return -EIO;
	req->op = write ? BLK_WRITE : BLK_READ;
	req->offset = sector * BLK_SECTOR;
	req->bytes = req->left = bytes;
	if (!write) {
		req->iov = req->vq.segments + req->vq.n_out;
		req->n_iov = req->vq.n_in;
	}
	if (blk->image.direct && !is_aligned(blk, req)) {
		r = bounce(blk, req);
		if (r)
			return r;
	}
	blk_io_start(blk, req);
	return 0;
}

/* Discard and write zeroes take one range each. */
static int start_range(struct blk *blk, struct blk_request *req, bool discard)
{
	struct virtio_blk_discard_write_zeroes range = { 0 };
	uint8_t *p = (uint8_t *)&range;
	bool unmap;

	if (req->vq.out_len != sizeof(range) || blk->image.readonly)
		return -EIO;
	for (unsigned int i = 0; i < req->n_iov; i++) {
		memcpy(p, req->iov[i].iov_base, req->iov[i].iov_len);
		p += req->iov[i].iov_len;
	}
	unmap = range.flags & VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP;
	if (range.flags & ~(uint32_t)VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP || (discard && unmap))
		return -EOPNOTSUPP;
	if (!range.num_sectors || range.num_sectors > BLK_MAX_ZERO_SECTORS ||
	    !range_within(range.sector, range.num_sectors, blk->image.sectors))
		return -EIO;
	req->op = discard ? BLK_DISCARD : unmap ? BLK_ZERO_PUNCH : BLK_ZERO_RANGE;
	req->offset = range.sector * BLK_SECTOR;
	req->bytes = req->left = (uint64_t)range.num_sectors * BLK_SECTOR;
	blk_io_start(blk, req);
	return 0;
}

static void get_id(struct blk *blk, struct blk_request *req)
{
	size_t n = virtqueue_write(&req->vq, 0, blk->serial, sizeof(blk->serial));

	finish(blk, req, VIRTIO_BLK_S_OK, n);
}

/* Starts one request; false when the chain is no request at all. */
static bool start(struct blk *blk, struct blk_request *req)
{
	struct virtio_blk_outhdr head;
	int r = 0;

	if (virtqueue_read(&req->vq, 0, &head, sizeof(head)) < sizeof(head) || !split_status(req))
		return false;
	req->iov = req->vq.segments;
	req->n_iov = req->vq.n_out;
	req->vq.out_len -= sizeof(head);
	skip_front(&req->iov, &req->n_iov, sizeof(head));
	switch (head.type) {
	case VIRTIO_BLK_T_IN:
	case VIRTIO_BLK_T_OUT:
		r = start_transfer(blk, req, head.sector, head.type == VIRTIO_BLK_T_OUT);
		break;
	case VIRTIO_BLK_T_FLUSH:
		req->op = BLK_FLUSH;
		req->bytes = req->left = 0;
		blk_io_start(blk, req);
		break;
	case VIRTIO_BLK_T_DISCARD:
	case VIRTIO_BLK_T_WRITE_ZEROES:
		r = start_range(blk, req, head.type == VIRTIO_BLK_T_DISCARD);
		break;
	case VIRTIO_BLK_T_GET_ID:
		get_id(blk, req);
		break;
	default:
		r = -EOPNOTSUPP;
	}
	if (r)
		finish(blk, req, r == -EOPNOTSUPP ? VIRTIO_BLK_S_UNSUPP : VIRTIO_BLK_S_IOERR, 0);
	return true;
}

void blk_serve(struct virtio_device *dev, unsigned int queue)
{
	struct blk *blk = to_blk(dev);
	struct blk_request *req = NULL;
	bool again = false;

	for (unsigned int i = 0; !blk->paused && !again; i++) {
		/* The guest can have its memory read and written many times at once; ours is not
		 * to grow by that. */
		req = i < BLK_BATCH && blk->bounced < BLK_MAX_BOUNCED ? take(blk) : NULL;
		again = !req;
		if (!req)
			break;
		if (!virtio_device_pop(dev, queue, &req->vq)) {
			give_back(blk, req);
			break;
		}
		req->queue = (uint16_t)queue;
		req->began = clock_us();
		if (!start(blk, req)) {
			give_back(blk, req);
			dev->queues[queue].broken = true;
			virtio_device_fail(dev,
					   "the guest sent a request without header or status");
			break;
		}
	}
	blk_io_flush(blk);
	virtio_device_notify(dev, queue);
	/* While nothing is free, completions come back here. */
	if (again && blk->free && blk->bounced < BLK_MAX_BOUNCED)
		dev->transport_ops->serve_again(dev);
}

bool blk_request_reaches(const struct blk_request *req, const uint8_t *p, uint64_t size)
{
	if (!req->taken || !p)
		return req->taken;
	if (req->status >= p && (uint64_t)(req->status - p) < size)
		return true;
	for (unsigned int i = 0; i < req->vq.n_out + req->vq.n_in; i++) {
		const uint8_t *at = req->vq.segments[i].iov_base;

		if (at < p + size && at + req->vq.segments[i].iov_len > p)
			return true;
	}
	return false;
}

static void count_transfer(struct blk_count *count, const struct blk_request *req)
{
	uint64_t took = clock_us() - req->began;

	if (!count->ops || took < count->least_us)
		count->least_us = took;
	if (took > count->most_us)
		count->most_us = took;
	count->sum_us += took;
	count->ops++;
	count->bytes += req->bytes;
}

static void count(struct blk *blk, const struct blk_request *req)
{
	switch (req->op) {
	case BLK_READ:
		count_transfer(&blk->reads, req);
		break;
	case BLK_FLUSH:
		blk->flush_ops++;
		break;
	case BLK_WRITE:
	case BLK_DISCARD:
	case BLK_ZERO_RANGE:
	case BLK_ZERO_PUNCH:
	case BLK_ZERO_WRITE:
		count_transfer(&blk->writes, req);
		break;
	}
}

/* The file system cannot zero a range this way: is there another? */
static bool next_way(struct blk *blk, struct blk_request *req)
{
	if (req->op == BLK_ZERO_RANGE) {
		req->op = BLK_ZERO_PUNCH;
		return true;
	}
	if (req->op != BLK_ZERO_PUNCH)
		return false;
	if (!blk->zeroes && posix_memalign(&blk->zeroes, 4096, BLK_ZERO_CHUNK)) {
		blk->zeroes = NULL;
		return false;
	}
	memset(blk->zeroes, 0, BLK_ZERO_CHUNK);
	req->op = BLK_ZERO_WRITE;
	return true;
}

/* More to do of a transfer that the kernel cut short? 0 bytes: the image was cut underneath. */
static bool goes_on(struct blk_request *req, int res)
{
	if (req->op != BLK_READ && req->op != BLK_WRITE && req->op != BLK_ZERO_WRITE)
		return false;
	if ((uint64_t)res >= req->left || res == 0)
		return false;
	req->left -= (uint64_t)res;
	req->offset += (uint64_t)res;
	if (req->op != BLK_ZERO_WRITE)
		skip_front(&req->iov, &req->n_iov, (uint64_t)res);
	return true;
}

static void complain(struct blk *blk, const struct blk_request *req, int res)
{
	blk->errors++;
	if (blk->complained)
		return;
	blk->complained = true;
	log_warn("%s: I/O error at byte %llu: %s (further ones are only counted)", blk->virtio.id,
		 (unsigned long long)req->offset,
		 res < 0 ? strerror(-res) : "the image is shorter than it was");
}

void blk_request_done(struct blk *blk, struct blk_request *req, int res)
{
	bool transfer = req->op == BLK_READ || req->op == BLK_WRITE || req->op == BLK_ZERO_WRITE;

	blk->in_flight--;
	if (((res == -EOPNOTSUPP || res == -EINVAL) && next_way(blk, req)) || res == -EINTR ||
	    (res > 0 && goes_on(req, res))) {
		blk_io_start(blk, req);
		return;
	}
	if (res == -EOPNOTSUPP) {
		finish(blk, req, VIRTIO_BLK_S_UNSUPP, 0);
	} else if (res < 0 || (transfer && (uint64_t)res < req->left)) {
		complain(blk, req, res);
		finish(blk, req, VIRTIO_BLK_S_IOERR, 0);
	} else {
		count(blk, req);
		if (req->bounce && req->op == BLK_READ)
			bounce_copy(req, true);
		finish(blk, req, VIRTIO_BLK_S_OK, req->op == BLK_READ ? req->bytes : 0);
	}
}
