/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all virtio devices share, whatever their transport. */
#include "virtio/virtio.h"

#include "log.h"
#include "virtio/devices.h"

#include <errno.h>
#include <string.h>

enum {
	MAX_COMPLAINTS = 16,
};

int virtio_device_init(struct virtio_device *dev, const struct virtio_ops *ops, uint16_t type,
		       const char *id, uint16_t n_queues, uint16_t queue_size)
{
	_free_ char *own_id = strdup(id);
	_free_ struct virtqueue *queues = calloc(n_queues ? n_queues : 1, sizeof(*queues));

	if (!own_id || !queues)
		return -ENOMEM;
	for (unsigned int i = 0; i < n_queues; i++) {
		queues[i].max_size = queue_size;
		virtqueue_reset(&queues[i]);
	}
	dev->ops = ops;
	dev->type = type;
	dev->id = steal_ptr(&own_id);
	dev->queues = steal_ptr(&queues);
	dev->n_queues = n_queues;
	pthread_mutex_init(&dev->lock, NULL);
	return 0;
}

void virtio_device_fini(struct virtio_device *dev)
{
	for (unsigned int i = 0; i < dev->n_queues; i++)
		virtqueue_reset(&dev->queues[i]);
	free(dev->queues);
	free(dev->id);
	dev->queues = NULL;
	dev->id = NULL;
	dev->n_queues = 0;
	pthread_mutex_destroy(&dev->lock);
}

void virtio_device_destroy(struct virtio_device *dev)
{
	if (dev)
		dev->ops->destroy(dev);
}

int virtio_device_start_queues(struct virtio_device *dev, struct err *e)
{
	bool event_idx = virtio_has_feature(dev, VIRTIO_FEATURE_EVENT_IDX);

	for (unsigned int i = 0; i < dev->n_queues; i++) {
		int r;

		if (!dev->queues[i].enabled)
			continue;
		r = virtqueue_start(&dev->queues[i], dev->dma, event_idx, e);
		if (r) {
			err_prefix(e, "queue %u", i);
			return r;
		}
	}
	return 0;
}

bool virtio_device_pop(struct virtio_device *dev, unsigned int queue, struct virtqueue_request *req)
{
	struct virtqueue *vq = &dev->queues[queue];
	int r = 0;

	/* A request that came before its notification was asked for is seen by the second look. */
	for (unsigned int look = 0; look < 2 && r == 0; look++) {
		r = virtqueue_pop(vq, dev->dma, req);
		if (r == 0 && !virtqueue_enable_kicks(vq))
			return false;
	}
	if (r < 0)
		virtio_device_fail(dev, "the guest broke its queue");
	if (r == 0)
		dev->transport_ops->serve_again(dev);
	return r > 0;
}

void virtio_device_withdraw(struct virtio_device *dev, uint64_t first, uint64_t last,
			    const uint8_t *p)
{
	bool lost = false;

	if (!dev->activated)
		return;
	if (dev->ops->finish)
		dev->ops->finish(dev, p, last - first + 1);
	for (unsigned int i = 0; i < dev->n_queues; i++)
		lost |= virtqueue_withdraw(&dev->queues[i], first, last);
	if (lost)
		virtio_device_fail(dev, "the guest unmapped its rings");
}

void virtio_device_notify(struct virtio_device *dev, unsigned int queue)
{
	if (virtqueue_should_notify(&dev->queues[queue]))
		dev->transport_ops->notify_queue(dev, queue);
}

void virtio_device_complain(struct virtio_device *dev, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	log_write(dev->complaints < MAX_COMPLAINTS ? LOG_LEVEL_WARN : LOG_LEVEL_DEBUG, "%s: %s",
		  dev->id, text);
	if (dev->complaints < MAX_COMPLAINTS)
		dev->complaints++;
}

void virtio_device_fail(struct virtio_device *dev, const char *why)
{
	/* Once: a guest that goes on kicking does not fill the log. */
	if (dev->status & VIRTIO_STATUS_NEEDS_RESET)
		return;
	virtio_device_complain(dev, "%s; the guest has to reset it", why);
	dev->status |= VIRTIO_STATUS_NEEDS_RESET;
	dev->transport_ops->report(dev, "needs-reset");
	/* Only a driver that is running expects a change interrupt (2.1.2). */
	if (dev->status & VIRTIO_STATUS_DRIVER_OK)
		dev->transport_ops->notify_config(dev);
}
