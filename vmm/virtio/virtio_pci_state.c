/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the guest can see of a virtio-pci function, written and read. */
#include "virtio/virtio_pci_internal.h"

#include <errno.h>

/*
 * Puts a device that was active to work again. The guest may not have heard of what was done last,
 * nor the device of what it was asked last: both look once more.
 */
static void go_on(struct virtio_pci *vpci, const struct state *s)
{
	struct virtio_device *dev = vpci->dev;
	struct err e = { 0 };

	/* Others that serve its queues go on when the machine is resumed. */
	if (!dev->ops->kick_fd && dev->ops->activate(dev, &e) < 0) {
		state_fail(s, e.code, "%s", e.text);
		return;
	}
	dev->activated = true;
	for (unsigned int i = 0; i < dev->n_queues; i++)
		if (dev->queues[i].enabled)
			dev->transport_ops->notify_queue(dev, i);
	if (!dev->ops->kick_fd)
		dev->transport_ops->serve_again(dev);
	virtio_pci_notify_update(vpci);
}

/* The driver was about to start: the device has to know what was agreed on. */
static void negotiate(struct virtio_device *dev, const struct state *s)
{
	struct err e = { 0 };

	if (dev->status & VIRTIO_STATUS_FEATURES_OK && dev->ops->features_ok &&
	    dev->ops->features_ok(dev, &e) < 0)
		state_fail(s, e.code, "%s", e.text);
}

static void check_vectors(struct virtio_pci *vpci, const struct state *s)
{
	struct virtio_device *dev = vpci->dev;
	unsigned int n = vpci->fn.msix.n_vectors;
	bool good = vpci->config_vector < n || vpci->config_vector == VIRTIO_NO_VECTOR;

	for (unsigned int i = 0; i < dev->n_queues; i++)
		good &= dev->queues[i].vector < n || dev->queues[i].vector == VIRTIO_NO_VECTOR;
	if (!good)
		state_fail(s, -EINVAL, "an interrupt vector is beyond the %u of the device", n);
}

static void transport_state(struct virtio_pci *vpci, const struct state *s)
{
	STATE_NUMBER(s, "device_feature_select", vpci->device_feature_select);
	STATE_NUMBER(s, "driver_feature_select", vpci->driver_feature_select);
	STATE_NUMBER(s, "queue_select", vpci->queue_select);
	STATE_NUMBER(s, "config_vector", vpci->config_vector);
	STATE_NUMBER(s, "config_generation", vpci->config_generation);
	STATE_NUMBER(s, "isr", vpci->isr);
}

void virtio_pci_state(struct pci_function *fn, const struct state *s)
{
	struct virtio_pci *vpci = to_virtio_pci(fn);
	struct virtio_device *dev = vpci->dev;
	bool active;

	/* Interrupts first: what starts below may want one. */
	pci_function_state(fn, s);
	VIRTIO_LOCKED(dev);
	transport_state(vpci, s);
	virtio_device_state(dev, s);
	if (!s->loading)
		return;
	check_vectors(vpci, s);
	active = dev->activated;
	dev->activated = false;
	if (state_failed(s))
		return;
	if (active)
		go_on(vpci, s);
	else
		negotiate(dev, s);
}
