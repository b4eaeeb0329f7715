/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the guest can see of a virtio device, written and read. */
#include "base/checked.h"
#include "virtio/virtio.h"

#include <errno.h>
#include <linux/virtio_ids.h>

static void queue_state(struct virtqueue *vq, unsigned int index, const struct state *s)
{
	char name[16];

	snprintf(name, sizeof(name), "queue%u", index);
	struct state in = state_enter(s, name);

	STATE_NUMBER(&in, "size", vq->size);
	STATE_NUMBER(&in, "vector", vq->vector);
	STATE_NUMBER(&in, "enabled", vq->enabled);
	STATE_NUMBER(&in, "desc", vq->desc);
	STATE_NUMBER(&in, "avail", vq->avail);
	STATE_NUMBER(&in, "used", vq->used);
	STATE_NUMBER(&in, "last_avail", vq->last_avail);
	STATE_NUMBER(&in, "last_used", vq->last_used);
	STATE_NUMBER(&in, "signalled_used", vq->signalled_used);
	STATE_NUMBER(&in, "broken", vq->broken);
	if (!is_power_of_2(vq->size) || vq->size > vq->max_size)
		state_fail(&in, -EINVAL, "the queue has %u entries, of at most %u here", vq->size,
			   vq->max_size);
}

/* A disk that changed its size is another one. */
static void capacity_state(struct virtio_device *dev, const struct state *s)
{
	uint64_t sectors = 0;

	if (dev->type != VIRTIO_ID_BLOCK || dev->config_size < sizeof(sectors))
		return;
	dev->ops->config_read(dev, 0, &sectors, sizeof(sectors));
	state_same(s, "sectors", sectors);
}

void virtio_device_state(struct virtio_device *dev, const struct state *s)
{
	state_same(s, "type", dev->type);
	state_same(s, "queues", dev->n_queues);
	state_same(s, "config_size", dev->config_size);
	capacity_state(dev, s);
	STATE_NUMBER(s, "features", dev->acked);
	STATE_NUMBER(s, "status", dev->status);
	STATE_NUMBER(s, "activated", dev->activated);
	if (dev->acked & ~dev->offered && dev->status & VIRTIO_STATUS_FEATURES_OK)
		state_fail(s, -EINVAL, "the guest uses features 0x%llx, which the device lacks",
			   (unsigned long long)(dev->acked & ~dev->offered));
	for (unsigned int i = 0; i < dev->n_queues; i++)
		queue_state(&dev->queues[i], i, s);
	if (dev->ops->state)
		dev->ops->state(dev, s);
}
