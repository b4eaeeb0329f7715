/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The device status: negotiation, activation and reset (virtio 1.2, 2.1 and 3.1). */
#include "virtio/virtio_pci_internal.h"

#include <string.h>

/* Whether the features stand is what the driver reads back from FEATURES_OK. */
static bool features_accepted(struct virtio_device *dev)
{
	struct err e = { 0 };

	if (dev->acked & ~dev->offered) {
		virtio_device_complain(dev, "the guest took features 0x%llx that were not offered",
				       (unsigned long long)(dev->acked & ~dev->offered));
		return false;
	}
	if (!virtio_has_feature(dev, VIRTIO_FEATURE_VERSION_1)) {
		virtio_device_complain(dev, "the guest's driver is older than virtio 1.0");
		return false;
	}
	/* Behind an IOMMU addresses are IOVAs; a driver that does not know would write anywhere. */
	if (dev->dma && dev->dma->ops && !virtio_has_feature(dev, VIRTIO_FEATURE_PLATFORM)) {
		virtio_device_complain(dev, "the guest's driver does not translate addresses");
		return false;
	}
	if (dev->ops->features_ok && dev->ops->features_ok(dev, &e)) {
		virtio_device_complain(dev, "features 0x%llx refused: %s",
				       (unsigned long long)dev->acked, e.text);
		return false;
	}
	return true;
}

static void activate(struct virtio_pci *vpci)
{
	struct virtio_device *dev = vpci->dev;
	struct err e = { 0 };

	dev->status |= VIRTIO_STATUS_DRIVER_OK;
	if (dev->ops->activate(dev, &e)) {
		err_prefix(&e, "activation failed");
		virtio_device_fail(dev, e.text);
		return;
	}
	dev->activated = true;
	virtio_pci_notify_update(vpci);
	dev->transport_ops->report(dev, "activated");
}

void virtio_pci_reset_device(struct virtio_pci *vpci)
{
	struct virtio_device *dev = vpci->dev;

	if (dev->activated)
		dev->transport_ops->report(dev, "reset");
	dev->activated = false;
	virtio_pci_notify_update(vpci);
	/* With the rings still there: what is in flight ends first. */
	dev->ops->reset(dev);
	for (unsigned int i = 0; i < dev->n_queues; i++)
		virtqueue_reset(&dev->queues[i]);
	dev->acked = 0;
	dev->status = 0;
	vpci->device_feature_select = vpci->driver_feature_select = 0;
	vpci->queue_select = 0;
	vpci->config_vector = VIRTIO_NO_VECTOR;
	vpci->isr = 0;
}

void virtio_pci_write_status(struct virtio_pci *vpci, uint8_t status)
{
	struct virtio_device *dev = vpci->dev;
	uint8_t fresh = status & ~dev->status;

	if (status == 0) {
		virtio_pci_reset_device(vpci);
		return;
	}
	/* Bits go back to 0 only by a reset, and NEEDS_RESET is the device's own. */
	dev->status |=
		fresh & (VIRTIO_STATUS_ACKNOWLEDGE | VIRTIO_STATUS_DRIVER | VIRTIO_STATUS_FAILED);
	if (dev->status & (VIRTIO_STATUS_FAILED | VIRTIO_STATUS_NEEDS_RESET))
		return;
	if (fresh & VIRTIO_STATUS_FEATURES_OK) {
		if (!features_accepted(dev))
			return;
		dev->status |= VIRTIO_STATUS_FEATURES_OK;
	}
	if (!(fresh & VIRTIO_STATUS_DRIVER_OK))
		return;
	if (dev->status & VIRTIO_STATUS_FEATURES_OK)
		activate(vpci);
	else
		virtio_device_fail(dev, "the guest set DRIVER_OK before FEATURES_OK");
}
