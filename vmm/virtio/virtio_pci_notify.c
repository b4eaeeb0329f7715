/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Doorbells: how a guest's notification of a queue reaches whoever serves it. */
#include "layout.h"
#include "pci/host.h"
#include "virtio/virtio_pci_internal.h"

#include <errno.h>
#include <sys/eventfd.h>

/* One eventfd serves all queues of a device; each is looked at, which is cheap when it is empty. */
static void on_kick(void *data)
{
	struct virtio_pci *vpci = data;
	struct virtio_device *dev = vpci->dev;
	eventfd_t count;

	VIRTIO_LOCKED(dev);
	if (eventfd_read(vpci->kick_fd, &count))
		return;
	for (unsigned int i = 0; i < dev->n_queues && dev->activated; i++)
		if (dev->queues[i].enabled)
			dev->ops->notify(dev, i);
}

int virtio_pci_notify_create(struct virtio_pci *vpci, struct err *e)
{
	unsigned int n = vpci->dev->n_queues;

	vpci->doorbells = calloc(n ? n : 1, sizeof(*vpci->doorbells));
	if (!vpci->doorbells)
		return err_nomem(e);
	for (unsigned int i = 0; i < n; i++)
		for (unsigned int home = 0; home < N_HOMES; home++)
			vpci->doorbells[i].kvm[home].fd = -1;
	if (vpci->dev->ops->kick_fd)
		return 0;
	vpci->kick_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (vpci->kick_fd < 0)
		return err_errno(e, -errno, "%s: cannot create an eventfd", vpci->dev->id);
	return loop_add_reader(vpci->dev->loop, vpci->kick_fd, on_kick, vpci, &vpci->kick_source,
			       e);
}

static int queue_fd(struct virtio_pci *vpci, unsigned int queue)
{
	if (vpci->dev->ops->kick_fd)
		return vpci->dev->ops->kick_fd(vpci->dev, queue);
	return vpci->kick_fd;
}

static uint64_t doorbell_address(const struct virtio_pci *vpci, unsigned int queue,
				 enum virtio_pci_home home)
{
	return vpci->homes[home].address + (uint64_t)queue * vpci->notify_stride;
}

static void doorbell_remove(struct virtio_pci *vpci, struct kvm_doorbell *bell)
{
	if (bell->fd >= 0)
		kvm_remove_doorbell(vpci->machine->kvm, bell);
	bell->fd = -1;
}

/* A doorbell that cannot be had costs an exit a notification, and nothing else. */
static void doorbell_add(struct virtio_pci *vpci, unsigned int queue, enum virtio_pci_home home)
{
	struct kvm_doorbell *bell = &vpci->doorbells[queue].kvm[home];
	struct err e = { 0 };

	*bell = (struct kvm_doorbell){
		.address = doorbell_address(vpci, queue, home),
		.is_pio = home == HOME_PORTS,
		.fd = queue_fd(vpci, queue),
	};
	if (bell->fd < 0)
		return;
	if (kvm_add_doorbell(vpci->machine->kvm, bell, &e)) {
		virtio_device_complain(vpci->dev, "queue %u: %s", queue, e.text);
		bell->fd = -1;
	}
}

/* One slot for all queues of a function. */
static int set_pages(struct virtio_pci *vpci, uint64_t at, uint64_t size, struct err *e)
{
	const struct pci_function *fn = &vpci->fn;
	unsigned int slot =
		MEMORY_SLOT_DEVICE + fn->segment->number * VM_SLOTS_PER_SEGMENT + fn->slot;

	return kvm_set_memory(vpci->machine->kvm, slot, at, size, vpci->dev->doorbell_pages, false,
			      e);
}

/* What the guest may still reach is never unmapped. */
static void pages_hide(struct virtio_pci *vpci)
{
	struct err e = { 0 };

	if (!vpci->pages_at)
		return;
	if (set_pages(vpci, vpci->pages_at, 0, &e)) {
		virtio_device_complain(vpci->dev, "doorbell pages stay: %s", e.text);
		vpci->dev->doorbell_pages = NULL;
	}
	vpci->pages_at = 0;
}

/* The device's own pages, before the guest while the device is active: its doorbells then cost no
 * exit. Where they cannot be put there, they are rung as others are. */
static void pages_update(struct virtio_pci *vpci)
{
	uint64_t at = vpci->homes[HOME_MEMORY].address;
	bool want = vpci->dev->activated && vpci->homes[HOME_MEMORY].mapped;
	struct err e = { 0 };

	if (vpci->pages_at && (!want || vpci->pages_at != at))
		pages_hide(vpci);
	if (!want || vpci->pages_at || !vpci->dev->doorbell_pages)
		return;
	if (set_pages(vpci, at, (uint64_t)vpci->dev->n_queues * vpci->notify_stride, &e))
		virtio_device_complain(vpci->dev, "doorbell pages: %s", e.text);
	else
		vpci->pages_at = at;
}

static bool active(const struct virtio_pci *vpci, unsigned int queue)
{
	return vpci->dev->activated && vpci->dev->queues[queue].enabled;
}

static bool wanted(const struct virtio_pci *vpci, unsigned int queue, enum virtio_pci_home home)
{
	if (home == HOME_MEMORY && vpci->pages_at)
		return false;
	return active(vpci, queue) && vpci->homes[home].mapped &&
	       (vpci->doorbells[queue].rung[home] || home == HOME_PORTS ||
		!vpci->homes[HOME_PORTS].mapped);
}

static void update(struct virtio_pci *vpci, unsigned int queue, enum virtio_pci_home home)
{
	struct kvm_doorbell *bell = &vpci->doorbells[queue].kvm[home];
	bool want = wanted(vpci, queue, home);

	if (bell->fd >= 0 && (!want || bell->address != doorbell_address(vpci, queue, home)))
		doorbell_remove(vpci, bell);
	if (want && bell->fd < 0)
		doorbell_add(vpci, queue, home);
}

/*
 * Guests move BARs about while they probe; doorbells are there only while the device is active, so
 * that this costs nothing.
 */
void virtio_pci_notify_update(struct virtio_pci *vpci)
{
	if (!vpci->machine || !vpci->machine->kvm)
		return;
	pages_update(vpci);
	for (unsigned int i = 0; i < vpci->dev->n_queues; i++) {
		for (unsigned int home = 0; home < N_HOMES; home++) {
			vpci->doorbells[i].rung[home] &= active(vpci, i);
			update(vpci, i, home);
		}
	}
}

void virtio_pci_notify_write(struct virtio_pci *vpci, enum virtio_pci_home home, uint64_t offset)
{
	uint64_t n = offset / vpci->notify_stride;
	unsigned int queue = (unsigned int)n;
	int fd;

	if (n >= vpci->dev->n_queues)
		return;
	if (active(vpci, queue) && !vpci->doorbells[queue].rung[home]) {
		vpci->doorbells[queue].rung[home] = true;
		virtio_pci_notify_update(vpci);
	}
	fd = queue_fd(vpci, queue);
	if (fd >= 0)
		eventfd_write(fd, 1);
}

void virtio_pci_notify_destroy(struct virtio_pci *vpci)
{
	pages_hide(vpci);
	if (vpci->machine && vpci->machine->kvm)
		for (unsigned int i = 0; vpci->doorbells && i < vpci->dev->n_queues; i++)
			for (unsigned int home = 0; home < N_HOMES; home++)
				doorbell_remove(vpci, &vpci->doorbells[i].kvm[home]);
	loop_remove(vpci->kick_source);
	if (vpci->kick_fd >= 0)
		close(vpci->kick_fd);
	free(vpci->doorbells);
	vpci->kick_source = NULL;
	vpci->kick_fd = -1;
	vpci->doorbells = NULL;
}
