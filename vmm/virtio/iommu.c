/* SPDX-License-Identifier: GPL-3.0-or-later */
/* virtio-iommu (virtio 1.3, 5.13): the device, its requests and its endpoints. */
#include "virtio/iommu_internal.h"

#include <linux/virtio_ids.h>
#include <string.h>

/* Interrupt messages of x86: devices write there without translation. */
#define MSI_FIRST UINT64_C(0xfee00000)
#define MSI_LAST  UINT64_C(0xfeefffff)

static void config_read(struct virtio_device *dev, uint32_t offset, void *buf, uint32_t len)
{
	memcpy(buf, (const uint8_t *)&to_iommu(dev)->config + offset, len);
}

/* Only `bypass` can be written (5.13.4), by a driver that knows of it. */
static void config_write(struct virtio_device *dev, uint32_t offset, const void *buf, uint32_t len)
{
	uint8_t value;

	if (offset != offsetof(struct virtio_iommu_config, bypass) || len != 1 ||
	    !virtio_has_feature(dev, VIRTIO_FEATURE(VIRTIO_IOMMU_F_BYPASS_CONFIG)))
		return;
	memcpy(&value, buf, 1);
	if (value > 1)
		return;
	iommu_set_bypass(to_iommu(dev), value);
	iommu_end_batches(to_iommu(dev));
}

static bool all_zero(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i])
			return false;
	return true;
}

/* Copies the part of a request in front of its tail; false when the driver sent less. */
#define GET(req, out)                                                                              \
	(virtqueue_read(req, 0, out, offsetof(__typeof__(*(out)), tail)) ==                        \
	 offsetof(__typeof__(*(out)), tail))

static uint8_t do_attach(struct iommu *iommu, const struct virtqueue_request *req)
{
	struct virtio_iommu_req_attach a;

	if (!GET(req, &a) || !all_zero(a.reserved, sizeof(a.reserved)) ||
	    a.flags & ~(uint32_t)VIRTIO_IOMMU_ATTACH_F_BYPASS)
		return VIRTIO_IOMMU_S_INVAL;
	return iommu_attach(iommu, a.domain, a.endpoint, a.flags & VIRTIO_IOMMU_ATTACH_F_BYPASS);
}

static uint8_t do_detach(struct iommu *iommu, const struct virtqueue_request *req)
{
	struct virtio_iommu_req_detach d;

	if (!GET(req, &d) || !all_zero(d.reserved, sizeof(d.reserved)))
		return VIRTIO_IOMMU_S_INVAL;
	return iommu_detach(iommu, d.domain, d.endpoint);
}

static uint8_t do_map(struct iommu *iommu, const struct virtqueue_request *req)
{
	struct virtio_iommu_req_map m;

	if (!GET(req, &m))
		return VIRTIO_IOMMU_S_INVAL;
	iommu->maps++;
	return iommu_map_range(iommu, &m);
}

static uint8_t do_unmap(struct iommu *iommu, const struct virtqueue_request *req)
{
	struct virtio_iommu_req_unmap u;

	if (!GET(req, &u) || !all_zero(u.reserved, sizeof(u.reserved)))
		return VIRTIO_IOMMU_S_INVAL;
	iommu->unmaps++;
	return iommu_unmap_range(iommu, u.domain, u.virt_start, u.virt_end);
}

/* The one property: where interrupts go. *written is what stands in front of the tail. */
static uint8_t do_probe(struct iommu *iommu, const struct virtqueue_request *req, uint64_t *written)
{
	static const struct virtio_iommu_probe_resv_mem msi = {
		.head = {
			.type = VIRTIO_IOMMU_PROBE_T_RESV_MEM,
			.length = sizeof(msi) - sizeof(msi.head),
		},
		.subtype = VIRTIO_IOMMU_RESV_MEM_T_MSI,
		.start = MSI_FIRST,
		.end = MSI_LAST,
	};
	struct virtio_iommu_req_probe p;
	uint8_t properties[IOMMU_PROBE_SIZE] = { 0 };

	if (virtqueue_read(req, 0, &p, sizeof(p)) < sizeof(p) ||
	    req->in_len < IOMMU_PROBE_SIZE + sizeof(struct virtio_iommu_req_tail))
		return VIRTIO_IOMMU_S_INVAL;
	if (!iommu_find_endpoint(iommu, p.endpoint))
		return VIRTIO_IOMMU_S_NOENT;
	memcpy(properties, &msi, sizeof(msi));
	*written = virtqueue_write(req, 0, properties, sizeof(properties));
	return VIRTIO_IOMMU_S_OK;
}

/* Carries out one request; false when it has no room for an answer. */
static bool answer(struct iommu *iommu, const struct virtqueue_request *req, uint32_t *written)
{
	struct virtio_iommu_req_tail tail = { .status = VIRTIO_IOMMU_S_UNSUPP };
	struct virtio_iommu_req_head head;
	uint64_t at = 0;

	if (virtqueue_read(req, 0, &head, sizeof(head)) < sizeof(head) ||
	    req->in_len < sizeof(tail))
		return false;
	switch (head.type) {
	case VIRTIO_IOMMU_T_ATTACH:
		tail.status = do_attach(iommu, req);
		break;
	case VIRTIO_IOMMU_T_DETACH:
		tail.status = do_detach(iommu, req);
		break;
	case VIRTIO_IOMMU_T_MAP:
		tail.status = do_map(iommu, req);
		break;
	case VIRTIO_IOMMU_T_UNMAP:
		tail.status = do_unmap(iommu, req);
		break;
	case VIRTIO_IOMMU_T_PROBE:
		tail.status = do_probe(iommu, req, &at);
		/* The tail stands behind the room for properties, filled or not. */
		at = req->in_len - sizeof(tail);
		break;
	}
	if (tail.status != VIRTIO_IOMMU_S_OK)
		iommu->failures++;
	*written = (uint32_t)(at + virtqueue_write(req, at, &tail, sizeof(tail)));
	return true;
}

/*
 * Requests are carried out one after another and answered together: when the guest hears that a
 * range is unmapped, no device reaches it any more.
 */
static void serve(struct virtio_device *dev, unsigned int queue)
{
	struct iommu *iommu = to_iommu(dev);
	struct {
		uint16_t head;
		uint32_t written;
	} done[IOMMU_QUEUE_SIZE];
	struct virtqueue_request req;
	unsigned int n = 0;

	if (queue != IOMMU_REQUESTS)
		return;
	while (n < IOMMU_QUEUE_SIZE && virtio_device_pop(dev, queue, &req)) {
		done[n].head = req.head;
		if (!answer(iommu, &req, &done[n].written)) {
			dev->queues[queue].broken = true;
			virtio_device_fail(dev, "the guest sent a request without head or tail");
			break;
		}
		n++;
	}
	iommu_end_batches(iommu);
	for (unsigned int i = 0; i < n; i++)
		virtqueue_push(&dev->queues[queue], done[i].head, done[i].written);
	virtio_device_notify(dev, queue);
	if (n == IOMMU_QUEUE_SIZE)
		dev->transport_ops->serve_again(dev);
}

static int activate(struct virtio_device *dev, struct err *e)
{
	int r = virtio_device_start_queues(dev, e);

	if (!r && dev->queues[IOMMU_REQUESTS].enabled)
		virtqueue_enable_kicks(&dev->queues[IOMMU_REQUESTS]);
	return r;
}

static void reset(struct virtio_device *dev)
{
	iommu_detach_all(to_iommu(dev));
	iommu_end_batches(to_iommu(dev));
}

static size_t counters(struct virtio_device *dev, struct virtio_counter *out, size_t room)
{
	const struct iommu *iommu = to_iommu(dev);
	const struct virtio_counter all[] = {
		{ .name = "mappings", .value = iommu->n_mappings },
		{ .name = "maps", .value = iommu->maps },
		{ .name = "unmaps", .value = iommu->unmaps },
		{ .name = "failures", .value = iommu->failures },
	};
	size_t n = room < ARRAY_SIZE(all) ? room : ARRAY_SIZE(all);

	memcpy(out, all, n * sizeof(all[0]));
	return n;
}

static void destroy(struct virtio_device *dev)
{
	struct iommu *iommu = to_iommu(dev);

	while (iommu->endpoints)
		virtio_iommu_remove_endpoint(iommu->endpoints);
	pthread_rwlock_destroy(&iommu->lock);
	virtio_device_fini(dev);
	free(iommu);
}

static const struct virtio_ops ops = {
	.config_read = config_read,
	.config_write = config_write,
	.activate = activate,
	.reset = reset,
	.notify = serve,
	.state = iommu_state,
	.counters = counters,
	.destroy = destroy,
};

int virtio_iommu_create(const char *id, unsigned int address_bits, const struct virtio_host *host,
			struct virtio_device **out, struct err *e)
{
	_free_ struct iommu *iommu = calloc(1, sizeof(*iommu));
	struct virtio_device *dev;

	if (!iommu || virtio_device_init(&iommu->virtio, &ops, VIRTIO_ID_IOMMU, id, IOMMU_QUEUES,
					 IOMMU_QUEUE_SIZE))
		return err_nomem(e);
	dev = &iommu->virtio;
	dev->kind = "iommu";
	dev->dma = host->dma;
	dev->loop = host->loop;
	dev->offered = VIRTIO_FEATURE_EVENT_IDX | VIRTIO_FEATURE_INDIRECT |
		       VIRTIO_FEATURE(VIRTIO_IOMMU_F_MAP_UNMAP) |
		       VIRTIO_FEATURE(VIRTIO_IOMMU_F_PROBE) |
		       VIRTIO_FEATURE(VIRTIO_IOMMU_F_BYPASS_CONFIG);
	dev->config_size = sizeof(iommu->config);
	iommu->config = (struct virtio_iommu_config){
		.page_size_mask = 4096 | 2 << 20,
		.input_range.end = UINT64_MAX,
		.domain_range.end = UINT32_MAX,
		.probe_size = IOMMU_PROBE_SIZE,
	};
	if (address_bits < 64) {
		dev->offered |= VIRTIO_FEATURE(VIRTIO_IOMMU_F_INPUT_RANGE);
		iommu->config.input_range.end = (UINT64_C(1) << address_bits) - 1;
	}
	pthread_rwlock_init(&iommu->lock, NULL);
	*out = &steal_ptr(&iommu)->virtio;
	return 0;
}

int virtio_iommu_add_endpoint(struct virtio_device *dev, struct iommu_endpoint **out, struct err *e)
{
	struct iommu *iommu = to_iommu(dev);
	struct iommu_endpoint *ep = calloc(1, sizeof(*ep));

	if (!ep)
		return err_nomem(e);
	ep->iommu = iommu;
	ep->space.memory = dev->dma->memory;
	ep->space.ops = &iommu_dma_ops;
	pthread_mutex_lock(&dev->lock);
	ep->next = iommu->endpoints;
	iommu->endpoints = ep;
	pthread_mutex_unlock(&dev->lock);
	*out = ep;
	return 0;
}

struct dma_space *iommu_endpoint_space(struct iommu_endpoint *endpoint)
{
	return &endpoint->space;
}

void iommu_endpoint_bind(struct iommu_endpoint *endpoint, uint32_t number,
			 struct virtio_device *dev)
{
	struct iommu *iommu = endpoint->iommu;

	pthread_mutex_lock(&iommu->virtio.lock);
	endpoint->number = number;
	endpoint->dev = dev;
	iommu_admit(endpoint);
	pthread_mutex_unlock(&iommu->virtio.lock);
}

void virtio_iommu_remove_endpoint(struct iommu_endpoint *endpoint)
{
	struct iommu_endpoint **at;
	struct iommu *iommu;

	if (!endpoint)
		return;
	iommu = endpoint->iommu;
	pthread_mutex_lock(&iommu->virtio.lock);
	/* Its kernel side goes with the device: only the books are kept. */
	endpoint->dev = NULL;
	endpoint->in_batch = false;
	if (endpoint->domain)
		iommu_leave(iommu, endpoint);
	for (at = &iommu->endpoints; *at != endpoint; at = &(*at)->next)
		continue;
	*at = endpoint->next;
	pthread_mutex_unlock(&iommu->virtio.lock);
	free(endpoint);
}
