/* SPDX-License-Identifier: GPL-3.0-or-later */
/* virtio-blk (virtio 1.2, 5.2): a raw image file or a block device as the guest's disk. */
#include "base/checked.h"
#include "virtio/blk_internal.h"

#include <linux/virtio_ids.h>
#include <string.h>

static void config_read(struct virtio_device *dev, uint32_t offset, void *buf, uint32_t len)
{
	memcpy(buf, (const uint8_t *)&to_blk(dev)->config + offset, len);
}

static int activate(struct virtio_device *dev, struct err *e)
{
	int r = virtio_device_start_queues(dev, e);

	for (unsigned int i = 0; !r && i < dev->n_queues; i++)
		if (dev->queues[i].enabled)
			virtqueue_enable_kicks(&dev->queues[i]);
	return r;
}

/* The guest may use its buffers for something else as soon as this returns. */
static void reset(struct virtio_device *dev)
{
	blk_io_drain(to_blk(dev));
}

static int pause_disk(struct virtio_device *dev, struct err *e _unused_)
{
	struct blk *blk = to_blk(dev);

	blk->paused = true;
	blk_io_drain(blk);
	for (unsigned int i = 0; i < dev->n_queues && dev->activated; i++)
		virtio_device_notify(dev, i);
	return 0;
}

static int resume_disk(struct virtio_device *dev, struct err *e _unused_)
{
	to_blk(dev)->paused = false;
	if (dev->activated)
		dev->transport_ops->serve_again(dev);
	return 0;
}

static void finish(struct virtio_device *dev, const uint8_t *p, uint64_t size)
{
	struct blk *blk = to_blk(dev);

	for (unsigned int i = 0; i < blk->n_requests && blk->in_flight; i++)
		if (blk_request_reaches(&blk->requests[i], p, size))
			blk_io_drain(blk);
	for (unsigned int i = 0; i < dev->n_queues; i++)
		virtio_device_notify(dev, i);
}

/* Requests are complete while a disk is paused: there is nothing beyond the queues. */
static void disk_state(struct virtio_device *dev, const struct state *s)
{
	to_blk(dev)->paused |= s->loading;
}

static uint64_t average(const struct blk_count *count)
{
	return count->ops ? count->sum_us / count->ops : 0;
}

static size_t counters(struct virtio_device *dev, struct virtio_counter *out, size_t room)
{
	const struct blk *blk = to_blk(dev);
	const struct virtio_counter all[] = {
		{ .name = "read_bytes", .value = blk->reads.bytes },
		{ .name = "read_ops", .value = blk->reads.ops },
		{ .name = "read_latency_min", .value = blk->reads.least_us },
		{ .name = "read_latency_max", .value = blk->reads.most_us },
		{ .name = "read_latency_avg", .value = average(&blk->reads) },
		{ .name = "write_bytes", .value = blk->writes.bytes },
		{ .name = "write_ops", .value = blk->writes.ops },
		{ .name = "write_latency_min", .value = blk->writes.least_us },
		{ .name = "write_latency_max", .value = blk->writes.most_us },
		{ .name = "write_latency_avg", .value = average(&blk->writes) },
		{ .name = "flush_ops", .value = blk->flush_ops },
		{ .name = "errors", .value = blk->errors },
	};
	size_t n = room < ARRAY_SIZE(all) ? room : ARRAY_SIZE(all);

	memcpy(out, all, n * sizeof(all[0]));
	return n;
}

static void destroy(struct virtio_device *dev)
{
	struct blk *blk = to_blk(dev);

	blk_io_destroy(blk);
	blk_image_close(&blk->image);
	if (dev->id)
		virtio_device_fini(dev);
	free(blk);
}

static const struct virtio_ops ops = {
	.config_read = config_read,
	.activate = activate,
	.reset = reset,
	.notify = blk_serve,
	.pause = pause_disk,
	.resume = resume_disk,
	.finish = finish,
	.state = disk_state,
	.counters = counters,
	.destroy = destroy,
};

static void offer(struct blk *blk, const struct disk_config *config)
{
	struct virtio_device *dev = &blk->virtio;
	/* A request needs one descriptor for its header and one for its status. */
	unsigned int data = config->queue_size - 2U;

	dev->offered = VIRTIO_FEATURE_EVENT_IDX | VIRTIO_FEATURE_INDIRECT |
		       VIRTIO_FEATURE(VIRTIO_BLK_F_SEG_MAX) |
		       VIRTIO_FEATURE(VIRTIO_BLK_F_BLK_SIZE) | VIRTIO_FEATURE(VIRTIO_BLK_F_FLUSH);
	blk->config.capacity = blk->image.sectors;
	blk->config.seg_max = data < VIRTQUEUE_MAX_SEGMENTS - 2 ? data : VIRTQUEUE_MAX_SEGMENTS - 2;
	blk->config.blk_size = blk->image.block_size;
	blk->config.num_queues = config->num_queues;
	if (config->num_queues > 1)
		dev->offered |= VIRTIO_FEATURE(VIRTIO_BLK_F_MQ);
	if (blk->image.readonly) {
		dev->offered |= VIRTIO_FEATURE(VIRTIO_BLK_F_RO);
		return;
	}
	dev->offered |=
		VIRTIO_FEATURE(VIRTIO_BLK_F_DISCARD) | VIRTIO_FEATURE(VIRTIO_BLK_F_WRITE_ZEROES);
	blk->config.max_discard_sectors = BLK_MAX_ZERO_SECTORS;
	blk->config.max_discard_seg = 1;
	blk->config.discard_sector_alignment = blk->image.block_size / BLK_SECTOR;
	blk->config.max_write_zeroes_sectors = BLK_MAX_ZERO_SECTORS;
	blk->config.max_write_zeroes_seg = 1;
	blk->config.write_zeroes_may_unmap = 1;
}

int virtio_blk_create(const struct disk_config *config, const struct virtio_host *host,
		      struct virtio_device **out, struct err *e)
{
	const char *serial = config->serial ? config->serial : config->pci.id;
	struct blk *blk = calloc(1, sizeof(*blk));
	struct virtio_device *dev;
	int r;

	if (!blk)
		return err_nomem(e);
	dev = &blk->virtio;
	dev->kind = "disk";
	dev->dma = host->dma;
	dev->loop = host->loop;
	blk->done_fd = -1;
	blk->image.fd = -1;
	memcpy(blk->serial, serial, strnlen(serial, sizeof(blk->serial)));
	r = blk_image_open(&blk->image, config, e);
	if (!r && virtio_device_init(dev, &ops, VIRTIO_ID_BLOCK, config->pci.id, config->num_queues,
				     config->queue_size))
		r = err_nomem(e);
	if (!r) {
		dev->config_size = sizeof(blk->config);
		offer(blk, config);
		r = blk_io_create(blk, e);
	}
	if (r) {
		destroy(dev);
		return r;
	}
	*out = dev;
	return 0;
}
