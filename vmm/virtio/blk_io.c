/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Disk I/O by io_uring, or at once where the host forbids it. */
#include "log.h"
#include "virtio/blk_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/uio.h>

static int fallocate_mode(enum blk_op op)
{
	return FALLOC_FL_KEEP_SIZE |
	       (op == BLK_ZERO_RANGE ? FALLOC_FL_ZERO_RANGE : FALLOC_FL_PUNCH_HOLE);
}

/* A driver that does not flush expects writes to be durable when they complete (5.2.6.2). */
static int write_flags(const struct blk *blk)
{
	return virtio_has_feature(&blk->virtio, VIRTIO_FEATURE(VIRTIO_BLK_F_FLUSH)) ? 0 : RWF_DSYNC;
}

/* The data of a request; zeroes come out of one buffer, over and over. */
static unsigned int data_of(struct blk *blk, struct blk_request *req, struct iovec **iov)
{
	uint64_t left = req->left;
	unsigned int n = 0;

	*iov = req->iov;
	if (req->op != BLK_ZERO_WRITE)
		return req->n_iov;
	*iov = req->vq.segments;
	for (; left && n < VIRTQUEUE_MAX_SEGMENTS; n++) {
		size_t part = left < BLK_ZERO_CHUNK ? (size_t)left : BLK_ZERO_CHUNK;

		(*iov)[n] = (struct iovec){ .iov_base = blk->zeroes, .iov_len = part };
		left -= part;
	}
	return n;
}

static int do_at_once(struct blk *blk, struct blk_request *req)
{
	struct iovec *iov;
	unsigned int n = data_of(blk, req, &iov);
	ssize_t r = 0;

	switch (req->op) {
	case BLK_READ:
		r = preadv(blk->image.fd, iov, (int)n, (off_t)req->offset);
		break;
	case BLK_WRITE:
	case BLK_ZERO_WRITE:
		r = pwritev2(blk->image.fd, iov, (int)n, (off_t)req->offset, write_flags(blk));
		break;
	case BLK_FLUSH:
		r = fdatasync(blk->image.fd);
		break;
	case BLK_DISCARD:
	case BLK_ZERO_RANGE:
	case BLK_ZERO_PUNCH:
		r = fallocate(blk->image.fd, fallocate_mode(req->op), (off_t)req->offset,
			      (off_t)req->left);
		break;
	}
	return r < 0 ? -errno : (int)r;
}

static struct io_uring_sqe *get_sqe(struct blk *blk)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&blk->ring);

	/* The ring has as many entries as there are requests; this is for one that goes on. */
	if (!sqe) {
		io_uring_submit(&blk->ring);
		sqe = io_uring_get_sqe(&blk->ring);
	}
	return sqe;
}

void blk_io_start(struct blk *blk, struct blk_request *req)
{
	struct io_uring_sqe *sqe;
	struct iovec *iov;
	unsigned int n;

	blk->in_flight++;
	if (!blk->has_ring) {
		blk_request_done(blk, req, do_at_once(blk, req));
		return;
	}
	sqe = get_sqe(blk);
	if (!sqe) {
		blk_request_done(blk, req, -EIO);
		return;
	}
	n = data_of(blk, req, &iov);
	switch (req->op) {
	case BLK_READ:
		io_uring_prep_readv(sqe, 0, iov, n, req->offset);
		break;
	case BLK_WRITE:
	case BLK_ZERO_WRITE:
		io_uring_prep_writev2(sqe, 0, iov, n, req->offset, write_flags(blk));
		break;
	case BLK_FLUSH:
		io_uring_prep_fsync(sqe, 0, IORING_FSYNC_DATASYNC);
		break;
	case BLK_DISCARD:
	case BLK_ZERO_RANGE:
	case BLK_ZERO_PUNCH:
		io_uring_prep_fallocate(sqe, 0, fallocate_mode(req->op), (off_t)req->offset,
					(off_t)req->left);
		break;
	}
	sqe->flags |= IOSQE_FIXED_FILE;
	io_uring_sqe_set_data(sqe, req);
}

/* Completes what is done; requests that go on are started again. */
static void reap(struct blk *blk)
{
	struct io_uring_cqe *cqe;

	while (!io_uring_peek_cqe(&blk->ring, &cqe)) {
		struct blk_request *req = io_uring_cqe_get_data(cqe);
		int res = cqe->res;

		io_uring_cqe_seen(&blk->ring, cqe);
		blk_request_done(blk, req, res);
	}
}

/* vCPU threads are woken by signals, and memory may be short for a moment: only means to look
 * again. The kernel goes on writing where it was told to. */
static bool passes(int r)
{
	return r == -EINTR || r == -EAGAIN || r == -EBUSY || r == -ENOMEM;
}

/*
 * What the page cache answers is done when the submission returns. Its eventfd is read here, which
 * spares a turn of the main loop; before the completions, so that none goes unseen.
 */
void blk_io_flush(struct blk *blk)
{
	eventfd_t count;

	while (blk->has_ring && io_uring_sq_ready(&blk->ring)) {
		int r = io_uring_submit(&blk->ring);

		/* A completion comes back here; where none will, the main loop does. */
		if (r < 0 && passes(r) && blk->in_flight == io_uring_sq_ready(&blk->ring))
			blk->virtio.transport_ops->serve_again(&blk->virtio);
		if (r < 0 || !io_uring_cq_ready(&blk->ring))
			return;
		eventfd_read(blk->done_fd, &count);
		reap(blk);
	}
}

void blk_io_drain(struct blk *blk)
{
	while (blk->has_ring && blk->in_flight) {
		int r = io_uring_submit_and_wait(&blk->ring, 1);

		if (r < 0 && !passes(r)) {
			log_error("%s: io_uring: %s", blk->virtio.id, strerror(-r));
			return;
		}
		reap(blk);
	}
}

static void on_done(void *data)
{
	struct blk *blk = data;
	struct virtio_device *dev = &blk->virtio;
	eventfd_t count;

	pthread_mutex_lock(&dev->lock);
	if (!eventfd_read(blk->done_fd, &count)) {
		reap(blk);
		blk_io_flush(blk);
		/* With requests free again, queues that had to wait go on. */
		for (unsigned int i = 0; i < dev->n_queues && dev->activated; i++)
			if (dev->queues[i].enabled)
				blk_serve(dev, i);
	}
	pthread_mutex_unlock(&dev->lock);
}

static int create_ring(struct blk *blk, struct err *e)
{
	int r = io_uring_queue_init(blk->n_requests, &blk->ring, 0);

	if (r == -EPERM || r == -ENOSYS || r == -EACCES) {
		log_warn("%s: this host forbids io_uring; disk I/O is slower without",
			 blk->virtio.id);
		return 0;
	}
	if (r)
		return err_errno(e, r, "%s: cannot set up io_uring", blk->virtio.id);
	blk->has_ring = true;
	blk->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (blk->done_fd < 0)
		return err_errno(e, -errno, "%s: cannot create an eventfd", blk->virtio.id);
	r = io_uring_register_files(&blk->ring, &blk->image.fd, 1);
	if (!r)
		r = io_uring_register_eventfd(&blk->ring, blk->done_fd);
	if (r)
		return err_errno(e, r, "%s: cannot set up io_uring", blk->virtio.id);
	return loop_add_reader(blk->virtio.loop, blk->done_fd, on_done, blk, &blk->done_source, e);
}

int blk_io_create(struct blk *blk, struct err *e)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < blk->virtio.n_queues && n < BLK_MAX_IN_FLIGHT; i++)
		n += blk->virtio.queues[i].max_size;
	blk->n_requests = n < BLK_MAX_IN_FLIGHT ? n : BLK_MAX_IN_FLIGHT;
	/* Untouched pages of the pool take no memory. */
	blk->requests = calloc(blk->n_requests, sizeof(*blk->requests));
	if (!blk->requests)
		return err_nomem(e);
	for (unsigned int i = blk->n_requests; i-- > 0;) {
		blk->requests[i].next = blk->free;
		blk->free = &blk->requests[i];
	}
	return create_ring(blk, e);
}

void blk_io_destroy(struct blk *blk)
{
	blk_io_drain(blk);
	loop_remove(blk->done_source);
	if (blk->has_ring)
		io_uring_queue_exit(&blk->ring);
	cleanup_close(&blk->done_fd);
	free(blk->requests);
	free(blk->zeroes);
}
