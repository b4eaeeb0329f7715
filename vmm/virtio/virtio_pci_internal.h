/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of the virtio-pci transport among themselves. */
#pragma once

#include "event_loop.h"
#include "kvm.h"
#include "machine.h"
#include "virtio/virtio_pci.h"

/* BAR 0. Guests that run, and snapshots, rely on where its parts are. */
enum {
	BAR_SIZE = 0x80000,
	BAR_COMMON = 0x0,
	BAR_COMMON_SIZE = 56,
	BAR_ISR = 0x2000,
	BAR_ISR_SIZE = 4,
	BAR_DEVICE = 0x4000,
	BAR_DEVICE_SIZE = 0x1000,
	BAR_NOTIFY = 0x6000,
	BAR_NOTIFY_STRIDE = 4,
	BAR_MSIX_TABLE = 0x8000,
	BAR_MSIX_PBA = 0x48000,
	/* Doorbells a page apart follow the rest. */
	BAR_NOTIFY_PAGES = 0x80000,
	BAR_NOTIFY_PAGE_STRIDE = 0x1000,
};

/* Where doorbells are: a write to a port is a cheaper exit than one to memory, which KVM has to
 * decode on most processors. Drivers take the first that they can use. */
enum virtio_pci_home {
	HOME_PORTS,
	HOME_MEMORY,
	N_HOMES,
};

enum {
	PORTS_BAR = 2, /* behind a BAR 0 of 64 bits; with nothing but doorbells */
	PORTS_MAX = 256,
};

/* One queue's doorbell. KVM knows it in the first home that there is, and in the other one as well
 * as soon as it is rung there. */
struct virtio_pci_doorbell {
	struct kvm_doorbell kvm[N_HOMES]; /* fd -1 while not registered */
	bool rung[N_HOMES];               /* by an exit, since the device became active */
};

struct virtio_pci {
	struct pci_function fn;
	struct virtio_device *dev; /* owned */
	struct machine *machine;   /* borrowed; NULL in tests */
	/* Guest-visible state, under the device's lock. */
	uint32_t device_feature_select, driver_feature_select;
	uint16_t queue_select, config_vector;
	uint8_t config_generation, isr;
	/* Host side, under the device's lock. */
	uint32_t notify_offset, notify_stride;
	struct {
		uint64_t address; /* of the first doorbell */
		bool mapped;
	} homes[N_HOMES];
	struct virtio_pci_doorbell *doorbells; /* owned, one per queue */
	uint64_t pages_at; /* the guest's address of dev->doorbell_pages; 0: not there */
	int kick_fd;       /* of the queues that the VMM serves; -1 when the device has its own */
	struct loop_source *kick_source;
	uint8_t cfg_cap; /* offset of the PCI configuration access capability */
};

/* Locks a device for the rest of the scope. */
static inline pthread_mutex_t *virtio_lock(struct virtio_device *dev)
{
	pthread_mutex_lock(&dev->lock);
	return &dev->lock;
}

static inline void virtio_unlock(pthread_mutex_t **lock)
{
	pthread_mutex_unlock(*lock);
}

#define VIRTIO_LOCKED(dev)                                                                         \
	_cleanup_(virtio_unlock) pthread_mutex_t *locked_ _unused_ = virtio_lock(dev)

/* Common configuration, with the device locked; accesses of the wrong width give 0 or are dropped.
 */
uint64_t virtio_pci_common_read(struct virtio_pci *vpci, uint64_t offset, unsigned int size);
void virtio_pci_common_write(struct virtio_pci *vpci, uint64_t offset, unsigned int size,
			     uint64_t value);

/* The driver wrote the device status; locked. */
void virtio_pci_write_status(struct virtio_pci *vpci, uint8_t status);

/* Back to the state after power-on; locked. */
void virtio_pci_reset_device(struct virtio_pci *vpci);

/* Adds the vendor capabilities. */
void virtio_pci_add_capabilities(struct virtio_pci *vpci);

/* The data window of the PCI configuration access capability. */
bool virtio_pci_config_read(struct pci_function *fn, unsigned int offset, unsigned int size,
			    uint32_t *value);
bool virtio_pci_config_write(struct pci_function *fn, unsigned int offset, unsigned int size,
			     uint32_t value);

/* BARs by offset; take the lock themselves. */
uint64_t virtio_pci_bar_read(struct pci_function *fn, unsigned int bar, uint64_t offset,
			     unsigned int size);
void virtio_pci_bar_write(struct pci_function *fn, unsigned int bar, uint64_t offset,
			  unsigned int size, uint64_t value);

/* Doorbells. Creation makes the eventfd and its reader; the others are called locked. */
int virtio_pci_notify_create(struct virtio_pci *vpci, struct err *e);
void virtio_pci_notify_destroy(struct virtio_pci *vpci);
/* Registers what is wanted now (BAR mapped, device active) and takes away what is not. */
void virtio_pci_notify_update(struct virtio_pci *vpci);
/* A notification that came as an exit, `offset` bytes behind the first doorbell. */
void virtio_pci_notify_write(struct virtio_pci *vpci, enum virtio_pci_home home, uint64_t offset);

static inline struct virtio_pci *to_virtio_pci(struct pci_function *fn)
{
	return container_of(fn, struct virtio_pci, fn);
}
