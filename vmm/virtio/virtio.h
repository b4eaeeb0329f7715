/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A virtio device without its transport (virtio 1.2): what a device offers, and what a transport
 * gives it. */
#pragma once

#include "base/err.h"
#include "dma.h"
#include "event_loop.h"
#include "snapshot/state.h"
#include "virtio/virtqueue.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	VIRTIO_STATUS_ACKNOWLEDGE = 1,
	VIRTIO_STATUS_DRIVER = 2,
	VIRTIO_STATUS_DRIVER_OK = 4,
	VIRTIO_STATUS_FEATURES_OK = 8,
	VIRTIO_STATUS_NEEDS_RESET = 0x40,
	VIRTIO_STATUS_FAILED = 0x80,
	VIRTIO_NO_VECTOR = 0xffff,
	VIRTIO_MAX_QUEUES = 1024,
};

/* Bits that the transport and the VMM's own queues know; the rest is between device and driver. */
#define VIRTIO_FEATURE(bit)      (UINT64_C(1) << (bit))
#define VIRTIO_FEATURE_INDIRECT  VIRTIO_FEATURE(28)
#define VIRTIO_FEATURE_EVENT_IDX VIRTIO_FEATURE(29)
#define VIRTIO_FEATURE_VERSION_1 VIRTIO_FEATURE(32)
#define VIRTIO_FEATURE_PLATFORM  VIRTIO_FEATURE(33) /* ACCESS_PLATFORM */

/* What vm.counters shows of a device. */
struct virtio_counter {
	char name[32];
	uint64_t value;
};

struct virtio_device;

/* One const table per device. All are called with the device's lock held. */
struct virtio_ops {
	/* Reads or writes `len` bytes at `offset`, within config_size. */
	void (*config_read)(struct virtio_device *dev, uint32_t offset, void *buf, uint32_t len);
	void (*config_write)(struct virtio_device *dev, uint32_t offset, const void *buf,
			     uint32_t len);
	/* The driver set FEATURES_OK with dev->acked; an error clears the bit again. Optional. */
	int (*features_ok)(struct virtio_device *dev, struct err *e);
	/* The driver set DRIVER_OK: start work on the enabled queues. An error sets NEEDS_RESET. */
	int (*activate)(struct virtio_device *dev, struct err *e);
	/* The driver wrote status 0, or the machine resets; also before any activation. */
	void (*reset)(struct virtio_device *dev);
	/* A queue was notified; for devices whose queues the VMM itself serves. Main thread. */
	void (*notify)(struct virtio_device *dev, unsigned int queue);
	/* Stop and continue for pause: nothing is in flight between them. */
	int (*pause)(struct virtio_device *dev, struct err *e);
	int (*resume)(struct virtio_device *dev, struct err *e);
	/* Writes or reads what the guest can see beyond the common part; optional. A device that
	 * was read is paused; what it needs to go on is done by `activate`, or by `resume` where
	 * others serve its queues. */
	void (*state)(struct virtio_device *dev, const struct state *s);
	/* A device that lets others serve its queues (vhost-vdpa): the eventfd per queue that a
	 * guest notification writes; NULL where `notify` serves all queues through one eventfd. */
	int (*kick_fd)(struct virtio_device *dev, unsigned int queue);
	/* Fills up to `room` counters and returns how many; optional. */
	size_t (*counters)(struct virtio_device *dev, struct virtio_counter *out, size_t room);
	/* Mappings behind virtio-iommu came or went; for devices whose kernel side must know. */
	int (*iommu_map)(struct virtio_device *dev, uint64_t iova, uint64_t gpa, uint64_t size,
			 enum dma_access access, struct err *e);
	int (*iommu_unmap)(struct virtio_device *dev, uint64_t iova, uint64_t size, struct err *e);
	/* Around many of them. */
	void (*iommu_batch)(struct virtio_device *dev, bool begin);
	/* Finishes what is under way in [p, p + size) (NULL: anywhere): the guest takes this memory
	 * away. For devices that are served here and answer later. */
	void (*finish)(struct virtio_device *dev, const uint8_t *p, uint64_t size);
	/* Frees all; the transport is gone already. */
	void (*destroy)(struct virtio_device *dev);
};

/* What the transport gives to a device; any thread, with the device's lock held. */
struct virtio_transport_ops {
	void (*notify_queue)(struct virtio_device *dev, unsigned int queue);
	void (*notify_config)(struct virtio_device *dev);
	/* An eventfd that interrupts the guest for this queue without the VMM; it stays the
	 * transport's. *fd is -1 when the guest gave the queue no vector. */
	int (*call_fd)(struct virtio_device *dev, unsigned int queue, int *fd, struct err *e);
	/* Calls ops->notify again from the main loop: others get their turn before. */
	void (*serve_again)(struct virtio_device *dev);
	/* Tells who watches the VM: "activated", "reset", "needs-reset". */
	void (*report)(struct virtio_device *dev, const char *event);
};

/* Embedded in every device. */
struct virtio_device {
	const struct virtio_ops *ops;
	const struct virtio_transport_ops *transport_ops; /* set by the transport */
	void *transport;                                  /* borrowed, the transport's own */
	const char *kind; /* "disk", "vdpa", ... for messages, counters and events */
	char *id;         /* owned */
	uint16_t type;    /* virtio device id */
	uint32_t config_size;
	uint64_t offered;        /* features; the transport adds VERSION_1 */
	void *doorbell_pages;    /* of the hardware, before the guest while active; or NULL */
	struct dma_space *dma;   /* borrowed */
	struct event_loop *loop; /* borrowed */
	pthread_mutex_t lock;    /* everything below, and the device's own state */
	unsigned int complaints;
	/* Guest-visible state. */
	uint64_t acked;
	uint8_t status;
	bool activated;
	uint16_t n_queues;
	struct virtqueue *queues; /* owned */
};

/*
 * Sets the common part; queues get `queue_size` as their maximum. dma and loop are the caller's to
 * set before the transport takes the device. 0 or -ENOMEM.
 */
int virtio_device_init(struct virtio_device *dev, const struct virtio_ops *ops, uint16_t type,
		       const char *id, uint16_t n_queues, uint16_t queue_size);
void virtio_device_fini(struct virtio_device *dev);

/* Writes or reads the guest-visible state of a device and its queues; nothing is started. */
void virtio_device_state(struct virtio_device *dev, const struct state *s);

/* Has the driver accepted this feature (a mask)? */
static inline bool virtio_has_feature(const struct virtio_device *dev, uint64_t mask)
{
	return (dev->acked & mask) == mask;
}

/* Maps the rings of all enabled queues, for devices that serve them here; all or none. */
int virtio_device_start_queues(struct virtio_device *dev, struct err *e);

/*
 * Takes the next request off a queue; false when there is none, with notifications on again, or
 * when the driver broke the queue, which fails the device.
 */
bool virtio_device_pop(struct virtio_device *dev, unsigned int queue,
		       struct virtqueue_request *req);

/*
 * The guest takes IOVAs [first, last] away, which lie at `p` in host memory (NULL: at several
 * places): a device that is served here is done with them when this returns. Without its rings it
 * fails.
 */
void virtio_device_withdraw(struct virtio_device *dev, uint64_t first, uint64_t last,
			    const uint8_t *p);

/* Interrupts the driver for what was pushed to `queue`, if it wants that. */
void virtio_device_notify(struct virtio_device *dev, unsigned int queue);

/*
 * Logs what a guest or a device did wrong; after the first few of a device only at debug level, so
 * that no guest fills the disk of the host.
 */
void virtio_device_complain(struct virtio_device *dev, const char *fmt, ...) _printf_(2, 3);

/* The device cannot go on: sets NEEDS_RESET and tells the driver; `why` goes to the log. */
void virtio_device_fail(struct virtio_device *dev, const char *why);
