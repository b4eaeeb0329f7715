/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of virtio-iommu among themselves. */
#pragma once

#include "virtio/iommu.h"
#include "virtio/iommu_map.h"

#include <linux/virtio_iommu.h>

enum {
	IOMMU_REQUESTS, /* queues */
	IOMMU_EVENTS,
	IOMMU_QUEUES,
	IOMMU_QUEUE_SIZE = 256,
	/* Over all domains. As many as Linux's VFIO lets a process have: attaching a device, or
	 * unmapping it all, is one request, and the main loop does nothing else meanwhile. */
	IOMMU_MAX_MAPPINGS = 65535,
	IOMMU_PROBE_SIZE = 512,
};

struct iommu_domain {
	struct iommu_domain *next;
	uint32_t number;
	bool bypass; /* attached devices reach all memory */
	unsigned int n_endpoints;
	struct iommu_map map;
};

struct iommu_endpoint {
	struct dma_space space;
	struct iommu *iommu; /* borrowed */
	struct iommu_endpoint *next;
	uint32_t number;
	struct virtio_device *dev;   /* borrowed; NULL until it is bound */
	struct iommu_domain *domain; /* NULL: attached to none */
	bool in_batch;
};

/*
 * Locks, in this order: the IOMMU's own device lock (requests), an endpoint device's lock (its
 * kernel side changes), `lock` (translation).
 */
struct iommu {
	struct virtio_device virtio;
	struct virtio_iommu_config config;
	pthread_rwlock_t lock; /* written: domains, mappings, attachments */
	struct iommu_domain *domains;
	struct iommu_endpoint *endpoints;
	size_t n_mappings;
	uint64_t maps, unmaps, failures;
};

static inline struct iommu *to_iommu(struct virtio_device *dev)
{
	return container_of(dev, struct iommu, virtio);
}

/* Each answers with a status of the specification (VIRTIO_IOMMU_S_...). */
uint8_t iommu_attach(struct iommu *iommu, uint32_t domain, uint32_t endpoint, bool bypass);
uint8_t iommu_detach(struct iommu *iommu, uint32_t domain, uint32_t endpoint);
uint8_t iommu_map_range(struct iommu *iommu, const struct virtio_iommu_req_map *req);
uint8_t iommu_unmap_range(struct iommu *iommu, uint32_t domain, uint64_t first, uint64_t last);
struct iommu_domain *iommu_find_domain(struct iommu *iommu, uint32_t number);
struct iommu_endpoint *iommu_find_endpoint(struct iommu *iommu, uint32_t number);

/* A new device: with bypass on, it reaches everything from the start. */
void iommu_admit(struct iommu_endpoint *endpoint);

/* Detaches an endpoint from its domain. */
int iommu_leave(struct iommu *iommu, struct iommu_endpoint *endpoint);

/* The driver is gone: every endpoint is detached. */
void iommu_detach_all(struct iommu *iommu);

/* Whether endpoints without a domain reach everything. */
void iommu_set_bypass(struct iommu *iommu, bool bypass);

/* Domains, their mappings and who is attached to them, written or read. */
void iommu_state(struct virtio_device *dev, const struct state *s);

/* Passes on what changed, before the guest hears that it did. */
void iommu_end_batches(struct iommu *iommu);

extern const struct dma_ops iommu_dma_ops;
