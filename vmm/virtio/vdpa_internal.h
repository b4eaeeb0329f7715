/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of the vhost-vdpa device among themselves. All functions want the device locked, except
 * while it is being created. */
#pragma once

#include "vdpa/vhost_vdpa.h"
#include "virtio/devices.h"

struct vdpa_queue {
	int kick;       /* eventfd: KVM writes it, the device's driver in the kernel reads it */
	uint64_t kicks; /* counted so far; the eventfd holds those since */
	uint16_t base;  /* where to go on after a pause that ended in a reset */
	int irqfd; /* interrupts the guest; the transport's, -1 where the guest has no vector */
	/* Where interrupts are counted, else -1: the eventfd that the device writes, not irqfd. */
	int call;
	uint64_t interrupts;
	struct loop_source *call_source;
	struct virtio_device *dev; /* whose lock this is under */
};

struct vdpa {
	struct virtio_device virtio;
	struct vhost_vdpa vhost;
	struct vdpa_queue *queues; /* owned, virtio.n_queues of them */
	int config_call;           /* eventfd */
	struct loop_source *config_source;
	bool shared;    /* others hold its open file too: closing ours leaves it as it is */
	bool touched;   /* the status was written since the last reset */
	bool suspended; /* by pause */
	bool parked;    /* and reset by it: resume starts it from queues[].base */
	bool limit_mq;  /* fewer queues than the device has: its configuration is edited */
	uint64_t activations, resets, errors, config_changes;
};

static inline struct vdpa *to_vdpa(struct virtio_device *dev)
{
	return container_of(dev, struct vdpa, virtio);
}

static inline bool vdpa_behind_iommu(const struct vdpa *v)
{
	return v->virtio.dma->ops;
}

/* Creation: what the guest is offered. Sets features, queues and configuration size. */
int vdpa_choose_queues(const struct vdpa_config *config, uint32_t device_id, uint32_t has,
		       uint64_t features, uint16_t *n, struct err *e);
uint64_t vdpa_choose_features(uint32_t device_id, uint64_t features, uint32_t has, uint16_t n);
uint32_t vdpa_class_config_size(uint32_t device_id, uint32_t reported);

/* Maps guest RAM, all regions in one batch. */
int vdpa_map_memory(struct vdpa *v, struct err *e);
/* Whatever is mapped; what the device still keeps then goes when it is closed. */
void vdpa_unmap_all(struct vdpa *v);
/* Behind the IOMMU, before the guest maps anything: nothing is reachable. */
int vdpa_close_passthrough(struct vdpa *v, struct err *e);
int vdpa_iommu_map(struct virtio_device *dev, uint64_t iova, uint64_t gpa, uint64_t size,
		   enum dma_access access, struct err *e);
int vdpa_iommu_unmap(struct virtio_device *dev, uint64_t iova, uint64_t size, struct err *e);
void vdpa_iommu_batch(struct virtio_device *dev, bool begin);

/* The status, step by step as the guest drives it. */
int vdpa_features_ok(struct virtio_device *dev, struct err *e);
int vdpa_activate(struct virtio_device *dev, struct err *e);
void vdpa_reset(struct virtio_device *dev);

int vdpa_pause(struct virtio_device *dev, struct err *e);
int vdpa_resume(struct virtio_device *dev, struct err *e);

/* Where the queues of a paused device stand; what was read is as after a pause through a reset. */
void vdpa_state(struct virtio_device *dev, const struct state *s);

/* Counts what the device has signalled to queues[].call and hands it on to the guest. */
void vdpa_hand_on_interrupts(struct vdpa_queue *q);
