/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A transport that counts what a device tells it. */
#pragma once

#include "fake_guest.h"

#include "virtio/virtio.h"

struct fake_transport {
	unsigned int interrupts, config_changes, again;
};

static inline void fake_notify_queue(struct virtio_device *dev, unsigned int queue _unused_)
{
	((struct fake_transport *)dev->transport)->interrupts++;
}

static inline void fake_notify_config(struct virtio_device *dev)
{
	((struct fake_transport *)dev->transport)->config_changes++;
}

static inline int fake_call_fd(struct virtio_device *dev _unused_, unsigned int queue _unused_,
			       int *fd, struct err *e _unused_)
{
	*fd = -1;
	return 0;
}

static inline void fake_serve_again(struct virtio_device *dev)
{
	((struct fake_transport *)dev->transport)->again++;
}

static inline void fake_report(struct virtio_device *dev _unused_, const char *event _unused_)
{
}

static inline void fake_attach(struct virtio_device *dev, struct fake_transport *transport)
{
	static const struct virtio_transport_ops ops = {
		.notify_queue = fake_notify_queue,
		.notify_config = fake_notify_config,
		.call_fd = fake_call_fd,
		.serve_again = fake_serve_again,
		.report = fake_report,
	};

	*transport = (struct fake_transport){ 0 };
	dev->transport = transport;
	dev->transport_ops = &ops;
}

/* Drives a device to DRIVER_OK with queue 0 laid out as fake_ring does. */
static inline void fake_activate(struct virtio_device *dev, uint16_t size, uint64_t features)
{
	struct err e = { 0 };
	uint16_t max = dev->queues[0].max_size;

	fake_ring(&dev->queues[0], size);
	dev->queues[0].max_size = max;
	dev->acked = features;
	dev->status = VIRTIO_STATUS_ACKNOWLEDGE | VIRTIO_STATUS_DRIVER | VIRTIO_STATUS_FEATURES_OK |
		      VIRTIO_STATUS_DRIVER_OK;
	if (dev->ops->activate(dev, &e))
		fail_msg("%s", e.text);
	dev->activated = true;
}
