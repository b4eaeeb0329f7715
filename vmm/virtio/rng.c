/* SPDX-License-Identifier: GPL-3.0-or-later */
/* virtio-rng (virtio 1.2, 5.4): entropy for the guest from a file of the host. */
#include "log.h"
#include "virtio/devices.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/virtio_ids.h>
#include <string.h>

enum {
	RNG_QUEUE_SIZE = 256,
	RNG_MAX_BYTES = 4096, /* of one request: more would let a guest hold the main thread */
	RNG_BATCH = 16,       /* requests before others get their turn */
};

struct rng {
	struct virtio_device virtio;
	int fd;
	struct loop_source *source; /* while the file has nothing to give */
	uint64_t bytes;
};

static struct rng *to_rng(struct virtio_device *dev)
{
	return container_of(dev, struct rng, virtio);
}

/* Reads for one request; the number of bytes, -EAGAIN when the file has none now. */
static ssize_t fill(struct rng *rng, const struct virtqueue_request *req)
{
	uint8_t buf[RNG_MAX_BYTES];
	size_t len = req->in_len < sizeof(buf) ? (size_t)req->in_len : sizeof(buf);
	ssize_t n;

	do
		n = read(rng->fd, buf, len);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	/* The driver would ask again for ever (5.4.6.1: at least one byte). */
	if (n == 0 && len)
		return -ENODATA;
	return (ssize_t)virtqueue_write(req, 0, buf, (size_t)n);
}

static void stop_waiting(struct rng *rng)
{
	loop_remove(rng->source);
	rng->source = NULL;
}

static void serve(struct virtio_device *dev, unsigned int queue);

static void on_readable(void *data)
{
	struct rng *rng = data;

	pthread_mutex_lock(&rng->virtio.lock);
	stop_waiting(rng);
	if (rng->virtio.activated)
		serve(&rng->virtio, 0);
	pthread_mutex_unlock(&rng->virtio.lock);
}

static void wait_for_file(struct rng *rng)
{
	struct err e = { 0 };

	if (!rng->source &&
	    loop_add_reader(rng->virtio.loop, rng->fd, on_readable, rng, &rng->source, &e))
		virtio_device_fail(&rng->virtio, e.text);
}

static void serve(struct virtio_device *dev, unsigned int queue)
{
	struct rng *rng = to_rng(dev);
	struct virtqueue *vq = &dev->queues[queue];
	struct virtqueue_request req;

	for (unsigned int i = 1; !rng->source && virtio_device_pop(dev, queue, &req); i++) {
		ssize_t n = fill(rng, &req);

		if (n == -EAGAIN) {
			virtqueue_unpop(vq);
			wait_for_file(rng);
			break;
		}
		if (n < 0) {
			virtio_device_fail(dev, n == -ENODATA ? "the entropy file is at its end"
							      : strerror((int)-n));
			return;
		}
		rng->bytes += (uint64_t)n;
		virtqueue_push(vq, req.head, (uint32_t)n);
		if (i == RNG_BATCH) {
			dev->transport_ops->serve_again(dev);
			break;
		}
	}
	virtio_device_notify(dev, queue);
}

static int activate(struct virtio_device *dev, struct err *e)
{
	int r = virtio_device_start_queues(dev, e);

	if (!r && dev->queues[0].enabled)
		virtqueue_enable_kicks(&dev->queues[0]);
	return r;
}

/* May come on a vCPU thread: a source that still waits finds the device inactive and goes. */
static void reset(struct virtio_device *dev _unused_)
{
}

static size_t counters(struct virtio_device *dev, struct virtio_counter *out, size_t room)
{
	if (room < 1)
		return 0;
	out[0] = (struct virtio_counter){ .name = "read_bytes", .value = to_rng(dev)->bytes };
	return 1;
}

static void destroy(struct virtio_device *dev)
{
	struct rng *rng = to_rng(dev);

	stop_waiting(rng);
	close(rng->fd);
	virtio_device_fini(dev);
	free(rng);
}

static const struct virtio_ops ops = {
	.activate = activate,
	.reset = reset,
	.notify = serve,
	.counters = counters,
	.destroy = destroy,
};

int virtio_rng_create(const struct rng_config *config, const struct virtio_host *host,
		      struct virtio_device **out, struct err *e)
{
	_free_ struct rng *rng = calloc(1, sizeof(*rng));
	_close_ int fd = open(config->src, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return err_errno(e, -errno, "rng: cannot open '%s'", config->src);
	if (!rng || virtio_device_init(&rng->virtio, &ops, VIRTIO_ID_RNG, config->pci.id, 1,
				       RNG_QUEUE_SIZE))
		return err_nomem(e);
	rng->virtio.kind = "rng";
	rng->virtio.offered = VIRTIO_FEATURE_EVENT_IDX | VIRTIO_FEATURE_INDIRECT;
	rng->virtio.dma = host->dma;
	rng->virtio.loop = host->loop;
	rng->fd = steal_fd(&fd);
	*out = &steal_ptr(&rng)->virtio;
	return 0;
}
