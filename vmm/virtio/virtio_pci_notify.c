/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Doorbells: how a guest's notification of a queue reaches whoever serves it. */
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
		vpci->doorbells[i] = (struct virtio_pci_doorbell){ .kvm.fd = -1, .slot = -1 };
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

static uint64_t doorbell_address(const struct virtio_pci *vpci, unsigned int queue)
{
	return vpci->bar_address + vpci->notify_offset + (uint64_t)queue * vpci->notify_stride;
}

static void doorbell_remove(struct virtio_pci *vpci, unsigned int queue)
{
	struct virtio_pci_doorbell *bell = &vpci->doorbells[queue];

	if (bell->kvm.fd >= 0)
		kvm_remove_doorbell(vpci->machine->kvm, &bell->kvm);
	bell->kvm.fd = -1;
}

/* A doorbell that cannot be had costs an exit a notification, and nothing else. */
static void doorbell_add(struct virtio_pci *vpci, unsigned int queue)
{
	struct virtio_pci_doorbell *bell = &vpci->doorbells[queue];
	struct err e = { 0 };

	bell->kvm = (struct kvm_doorbell){
		.address = doorbell_address(vpci, queue),
		.fd = queue_fd(vpci, queue),
	};
	if (bell->kvm.fd < 0)
		return;
	if (kvm_add_doorbell(vpci->machine->kvm, &bell->kvm, &e)) {
		virtio_device_complain(vpci->dev, "queue %u: %s", queue, e.text);
		bell->kvm.fd = -1;
	}
}

/*
 * Guests move BARs about while they probe; doorbells are there only while the device is active, so
 * that this costs nothing.
 */
void virtio_pci_notify_update(struct virtio_pci *vpci)
{
	struct virtio_device *dev = vpci->dev;

	if (!vpci->machine || !vpci->machine->kvm)
		return;
	for (unsigned int i = 0; i < dev->n_queues; i++) {
		struct virtio_pci_doorbell *bell = &vpci->doorbells[i];
		bool wanted = vpci->bar_mapped && dev->activated && dev->queues[i].enabled;
		bool there = bell->kvm.fd >= 0;

		if (there && (!wanted || bell->kvm.address != doorbell_address(vpci, i))) {
			doorbell_remove(vpci, i);
			there = false;
		}
		if (wanted && !there)
			doorbell_add(vpci, i);
	}
}

void virtio_pci_notify_write(struct virtio_pci *vpci, uint64_t offset)
{
	uint64_t queue = offset / vpci->notify_stride;
	int fd;

	if (queue >= vpci->dev->n_queues)
		return;
	fd = queue_fd(vpci, (unsigned int)queue);
	if (fd >= 0)
		eventfd_write(fd, 1);
}

void virtio_pci_notify_destroy(struct virtio_pci *vpci)
{
	if (vpci->machine && vpci->machine->kvm)
		for (unsigned int i = 0; vpci->doorbells && i < vpci->dev->n_queues; i++)
			doorbell_remove(vpci, i);
	loop_remove(vpci->kick_source);
	if (vpci->kick_fd >= 0)
		close(vpci->kick_fd);
	free(vpci->doorbells);
	vpci->kick_source = NULL;
	vpci->kick_fd = -1;
	vpci->doorbells = NULL;
}
