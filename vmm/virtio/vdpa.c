/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A vhost-vdpa device: the guest's queues are served by the device itself; here is what sets it up.
 */
#include "base/checked.h"
#include "vdpa/sysfs.h"
#include "vdpa/virtio_names.h"
#include "virtio/vdpa_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/virtio_blk.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>

enum {
	DOORBELL_SIZE = 4096,
	/* What we know how to use: V2 messages, batches, suspend and resume, persistent maps. */
	BACKEND_WANTED = 1 << VHOST_BACKEND_F_IOTLB_MSG_V2 | 1 << VHOST_BACKEND_F_IOTLB_BATCH |
			 1 << VHOST_BACKEND_F_SUSPEND | 1 << VHOST_BACKEND_F_RESUME |
			 1 << VHOST_BACKEND_F_ENABLE_AFTER_DRIVER_OK |
			 1 << VHOST_BACKEND_F_IOTLB_PERSIST,
};

/* The device's configuration, passed through. */
static void config_read(struct virtio_device *dev, uint32_t offset, void *buf, uint32_t len)
{
	static const uint32_t at = offsetof(struct virtio_blk_config, num_queues);
	struct vdpa *v = to_vdpa(dev);
	struct err e = { 0 };

	if (vhost_vdpa_get_config(&v->vhost, offset, buf, len, &e)) {
		memset(buf, 0, len);
		v->errors++;
		virtio_device_complain(dev, "%s", e.text);
		return;
	}
	/* A disk says how many queues it has in here too. */
	for (uint32_t i = 0; v->limit_mq && i < len; i++)
		if (offset + i == at || offset + i == at + 1)
			((uint8_t *)buf)[i] = (uint8_t)(dev->n_queues >> (offset + i - at) * 8);
}

static void config_write(struct virtio_device *dev, uint32_t offset, const void *buf, uint32_t len)
{
	struct vdpa *v = to_vdpa(dev);
	struct err e = { 0 };

	if (vhost_vdpa_set_config(&v->vhost, offset, buf, len, &e)) {
		v->errors++;
		virtio_device_complain(dev, "%s", e.text);
	}
}

static int kick_fd(struct virtio_device *dev, unsigned int queue)
{
	return to_vdpa(dev)->queues[queue].kick;
}

/* The device changed its configuration, or cannot go on. */
static void on_config_call(void *data)
{
	struct vdpa *v = data;
	uint8_t status = 0;
	eventfd_t count;

	pthread_mutex_lock(&v->virtio.lock);
	if (!eventfd_read(v->config_call, &count) && v->virtio.activated) {
		v->config_changes++;
		vhost_vdpa_get_status(&v->vhost, &status, NULL);
		if (status & VIRTIO_STATUS_NEEDS_RESET)
			virtio_device_fail(&v->virtio, "the vDPA device needs a reset");
		else
			v->virtio.transport_ops->notify_config(&v->virtio);
	}
	pthread_mutex_unlock(&v->virtio.lock);
}

static void on_call(void *data)
{
	struct vdpa_queue *q = data;

	pthread_mutex_lock(&q->dev->lock);
	vdpa_hand_on_interrupts(q);
	pthread_mutex_unlock(&q->dev->lock);
}

/* The kernel never takes the count off a kick eventfd, so it counts the kicks for us. */
static uint64_t count_kicks(struct vdpa_queue *q)
{
	eventfd_t fresh;

	if (!eventfd_read(q->kick, &fresh))
		q->kicks += fresh;
	return q->kicks;
}

static size_t counters(struct virtio_device *dev, struct virtio_counter *out, size_t room)
{
	struct vdpa *v = to_vdpa(dev);
	const struct virtio_counter fixed[] = {
		{ .name = "activations", .value = v->activations },
		{ .name = "resets", .value = v->resets },
		{ .name = "errors", .value = v->errors },
		{ .name = "config_changes", .value = v->config_changes },
	};
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(fixed) && n < room; i++)
		out[n++] = fixed[i];
	for (unsigned int i = 0; i < dev->n_queues && n < room; i++, n++) {
		out[n].value = count_kicks(&v->queues[i]);
		snprintf(out[n].name, sizeof(out[n].name), "queue%u_kicks", i);
	}
	for (unsigned int i = 0; i < dev->n_queues && n < room && v->queues[i].call >= 0;
	     i++, n++) {
		out[n].value = v->queues[i].interrupts;
		snprintf(out[n].name, sizeof(out[n].name), "queue%u_interrupts", i);
	}
	return n;
}

static void destroy(struct virtio_device *dev)
{
	struct vdpa *v = to_vdpa(dev);

	/* The last close resets the device, unmaps and unpins all. */
	if (v->shared) {
		vhost_vdpa_set_status(&v->vhost, 0, NULL);
		vdpa_unmap_all(v);
	}
	vhost_vdpa_close(&v->vhost);
	loop_remove(v->config_source);
	cleanup_close(&v->config_call);
	for (unsigned int i = 0; v->queues && i < dev->n_queues; i++) {
		loop_remove(v->queues[i].call_source);
		cleanup_close(&v->queues[i].call);
		cleanup_close(&v->queues[i].kick);
	}
	if (dev->doorbell_pages)
		munmap(dev->doorbell_pages, dev->n_queues * (size_t)DOORBELL_SIZE);
	free(v->queues);
	if (dev->id)
		virtio_device_fini(dev);
	free(v);
}

static const struct virtio_ops ops = {
	.config_read = config_read,
	.config_write = config_write,
	.features_ok = vdpa_features_ok,
	.activate = vdpa_activate,
	.reset = vdpa_reset,
	.pause = vdpa_pause,
	.resume = vdpa_resume,
	.state = vdpa_state,
	.kick_fd = kick_fd,
	.counters = counters,
	.iommu_map = vdpa_iommu_map,
	.iommu_unmap = vdpa_iommu_unmap,
	.iommu_batch = vdpa_iommu_batch,
	.destroy = destroy,
};

static int open_device(struct vdpa *v, const struct vdpa_config *config, struct err *e)
{
	char node[VDPA_NODE_MAX];
	int fd, r;

	if (config->fd >= 0) {
		/* The configuration's stays open: another boot of this machine wants it again. */
		fd = fcntl(config->fd, F_DUPFD_CLOEXEC, 0);
		if (fd < 0)
			return err_errno(e, -errno, "descriptor %d", config->fd);
		r = vhost_vdpa_adopt(&v->vhost, fd, e);
		v->shared = r == 0;
		return r ? r : vhost_vdpa_set_status(&v->vhost, 0, e);
	}
	if (!config->device)
		return vhost_vdpa_open(&v->vhost, config->path, e);
	r = vdpa_sysfs_node(NULL, config->device, node, e);
	return r ? r : vhost_vdpa_open(&v->vhost, node, e);
}

/* Everything a device must have for us; *features and *has are what it offers. */
static int inspect(struct vdpa *v, uint64_t *features, uint32_t *has, struct err *e)
{
	int r = vhost_vdpa_set_owner(&v->vhost, e);

	if (!r)
		r = vhost_vdpa_ack_backend_features(&v->vhost, BACKEND_WANTED, e);
	if (!r)
		r = vhost_vdpa_get_features(&v->vhost, features, e);
	if (!r)
		r = vhost_vdpa_get_vqs_count(&v->vhost, has, e);
	if (r)
		return r;
	if (!(*features & VIRTIO_FEATURE_VERSION_1) || !(*features & VIRTIO_FEATURE_PLATFORM)) {
		err_set(e, -EOPNOTSUPP,
			"the device does not offer VERSION_1 and ACCESS_PLATFORM (features 0x%llx)",
			(unsigned long long)*features);
		err_hint(e, "a device provisioned with a feature mask needs bits 32 and 33 in it");
		return -EOPNOTSUPP;
	}
	return 0;
}

/* Each queue's largest ring, within what the configuration allows. */
static int size_rings(struct vdpa *v, const struct vdpa_config *config, struct err *e)
{
	for (unsigned int i = 0; i < v->virtio.n_queues; i++) {
		uint32_t most = 0;
		int r = vhost_vdpa_get_vring_size(&v->vhost, i, &most, e);

		if (r)
			return r;
		if (config->queue_size > most) {
			err_set(e, -EINVAL,
				"queue_size=%u is more than the device's rings hold (%u)",
				config->queue_size, most);
			err_hint(e, "leave queue_size out for the largest");
			return -EINVAL;
		}
		if (config->queue_size)
			most = config->queue_size;
		v->virtio.queues[i].max_size = (uint16_t)most;
		v->virtio.queues[i].size = (uint16_t)most;
	}
	return 0;
}

static int make_eventfd(int *fd, struct err *e)
{
	*fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return *fd < 0 ? err_errno(e, -errno, "cannot create an eventfd") : 0;
}

static int count_interrupts(struct vdpa *v, struct vdpa_queue *q, struct err *e)
{
	int r = make_eventfd(&q->call, e);

	q->dev = &v->virtio;
	return r ? r : loop_add_reader(v->virtio.loop, q->call, on_call, q, &q->call_source, e);
}

static int make_eventfds(struct vdpa *v, bool counted, struct err *e)
{
	int r = 0;

	for (unsigned int i = 0; !r && i < v->virtio.n_queues; i++) {
		r = make_eventfd(&v->queues[i].kick, e);
		if (!r && counted)
			r = count_interrupts(v, &v->queues[i], e);
	}
	if (r || !v->virtio.config_size)
		return r;
	r = make_eventfd(&v->config_call, e);
	return r ? r
		 : loop_add_reader(v->virtio.loop, v->config_call, on_config_call, v,
				   &v->config_source, e);
}

/* Linux before 5.18 does not tell the size; the class does. */
static int get_config_size(const struct vdpa *v, uint32_t *size, struct err *e)
{
	struct err why = { 0 };
	int r = vhost_vdpa_get_config_size(&v->vhost, size, &why);

	if (r == -EOPNOTSUPP)
		*size = vdpa_class_config_size(v->vhost.device_id, UINT32_MAX);
	else if (r)
		return err_pass(e, &why);
	return 0;
}

static int build(struct vdpa *v, const struct vdpa_config *config, struct err *e)
{
	uint64_t features = 0;
	uint32_t has = 0, config_size = 0;
	uint16_t n = 0;
	int r = inspect(v, &features, &has, e);

	if (!r)
		r = vdpa_choose_queues(config, v->vhost.device_id, has, features, &n, e);
	if (!r)
		r = get_config_size(v, &config_size, e);
	if (r)
		return r;
	if (virtio_device_init(&v->virtio, &ops, (uint16_t)v->vhost.device_id, config->pci.id, n,
			       VM_MAX_QUEUE_SIZE))
		return err_nomem(e);
	v->queues = calloc(n, sizeof(*v->queues));
	if (!v->queues)
		return err_nomem(e);
	for (unsigned int i = 0; i < n; i++)
		v->queues[i].kick = v->queues[i].call = v->queues[i].irqfd = -1;
	v->virtio.offered = vdpa_choose_features(v->vhost.device_id, features, has, n);
	v->virtio.config_size = vdpa_class_config_size(v->vhost.device_id, config_size);
	v->limit_mq = v->vhost.device_id == VIRTIO_ID_BLOCK && n < has;
	r = size_rings(v, config, e);
	if (!r)
		r = make_eventfds(v, config->count_interrupts, e);
	if (!r)
		r = vdpa_behind_iommu(v) ? vdpa_close_passthrough(v, e) : vdpa_map_memory(v, e);
	if (!r)
		vhost_vdpa_map_doorbells(&v->vhost, n, &v->virtio.doorbell_pages, NULL);
	return r;
}

int virtio_vdpa_create(const struct vdpa_config *config, const struct virtio_host *host,
		       struct virtio_device **out, struct err *e)
{
	struct vdpa *v = calloc(1, sizeof(*v));
	int r;

	if (!v)
		return err_nomem(e);
	v->vhost = VHOST_VDPA_INIT;
	v->config_call = -1;
	v->virtio.kind = "vdpa";
	v->virtio.dma = host->dma;
	v->virtio.loop = host->loop;
	r = open_device(v, config, e);
	if (!r)
		r = build(v, config, e);
	if (r) {
		err_prefix(e, "vdpa %s",
			   config->device ? config->device
			   : config->path ? config->path
					  : config->pci.id);
		destroy(&v->virtio);
		return r;
	}
	*out = &v->virtio;
	return 0;
}
