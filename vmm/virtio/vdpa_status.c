/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The life of a vDPA device as the guest drives it: features, activation, reset, and pause. */
#include "vdpa/vhost_iotlb.h"
#include "virtio/vdpa_internal.h"

#include <errno.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_net.h>
#include <sys/eventfd.h>

enum {
	STATUS_DRIVER = VIRTIO_STATUS_ACKNOWLEDGE | VIRTIO_STATUS_DRIVER,
	STATUS_FEATURES = STATUS_DRIVER | VIRTIO_STATUS_FEATURES_OK,
	STATUS_RUNNING = STATUS_FEATURES | VIRTIO_STATUS_DRIVER_OK,
	STATUS_BROKEN = VIRTIO_STATUS_NEEDS_RESET | VIRTIO_STATUS_FAILED,
};

/*
 * Steps the status up to FEATURES_OK. Some parents look at features or rings only at these steps
 * (virtio-pci behind vDPA refuses a ring index before FEATURES_OK), so none is skipped; DRIVER
 * alone means nothing to any, and goes with ACKNOWLEDGE.
 */
static int negotiate(struct vdpa *v, struct err *e)
{
	/* Without an IOMMU an IOVA is a guest-physical address: what a driver that does not
	 * translate uses. The parents insist on the bit. */
	uint64_t features = v->virtio.acked | VIRTIO_FEATURE_PLATFORM;
	uint8_t status = 0;
	int r;

	v->touched = true;
	r = vhost_vdpa_set_status(&v->vhost, STATUS_DRIVER, e);
	if (!r)
		r = vhost_vdpa_set_features(&v->vhost, features, e);
	if (!r)
		r = vhost_vdpa_set_status(&v->vhost, STATUS_FEATURES, e);
	if (!r)
		r = vhost_vdpa_get_status(&v->vhost, &status, e);
	if (r)
		return r;
	if ((status & STATUS_FEATURES) != STATUS_FEATURES || status & STATUS_BROKEN)
		return err_set(e, -EINVAL,
			       "the device does not take features 0x%llx (status 0x%02x)",
			       (unsigned long long)features, status);
	return 0;
}

int vdpa_features_ok(struct virtio_device *dev, struct err *e)
{
	struct vdpa *v = to_vdpa(dev);
	int r = negotiate(v, e);

	if (r) {
		v->errors++;
		dev->transport_ops->report(dev, "failed");
	}
	return r;
}

static int start_queue(struct vdpa *v, unsigned int i, struct err *e)
{
	const struct virtqueue *vq = &v->virtio.queues[i];
	const struct vhost_vring_addr addr = {
		.index = i,
		.desc_user_addr = vq->desc,
		.avail_user_addr = vq->avail,
		.used_user_addr = vq->used,
	};
	struct vdpa_queue *q = &v->queues[i];
	/* The kernel takes these addresses as they are: they must be the guest's own memory. */
	int r = virtqueue_check(vq, v->virtio.dma, e);

	if (!r)
		r = v->virtio.transport_ops->call_fd(&v->virtio, i, &q->irqfd, e);
	if (!r)
		r = vhost_vdpa_set_vring_num(&v->vhost, i, vq->size, e);
	if (!r)
		r = vhost_vdpa_set_vring_addr(&v->vhost, &addr, e);
	if (!r)
		r = vhost_vdpa_set_vring_base(&v->vhost, i, q->base, e);
	if (!r)
		r = vhost_vdpa_set_vring_call(
			&v->vhost, i, q->irqfd >= 0 && q->call >= 0 ? q->call : q->irqfd, e);
	if (!r)
		r = vhost_vdpa_set_vring_kick(&v->vhost, i, q->kick, e);
	return r;
}

/* Rings, then enable (before DRIVER_OK: some parents never look again), then DRIVER_OK. */
static int run(struct vdpa *v, struct err *e)
{
	struct virtio_device *dev = &v->virtio;
	uint8_t status = 0;
	int r = 0;

	for (unsigned int i = 0; !r && i < dev->n_queues; i++)
		if (dev->queues[i].enabled)
			r = start_queue(v, i, e);
	if (!r && dev->config_size) {
		r = vhost_vdpa_set_config_call(&v->vhost, v->config_call, e);
		if (r == -EOPNOTSUPP)
			r = 0;
	}
	for (unsigned int i = 0; !r && i < dev->n_queues; i++)
		if (dev->queues[i].enabled)
			r = vhost_vdpa_set_vring_enable(&v->vhost, i, true, e);
	if (!r)
		r = vhost_vdpa_set_status(&v->vhost, STATUS_RUNNING, e);
	if (!r)
		r = vhost_vdpa_get_status(&v->vhost, &status, e);
	if (r)
		return r;
	if (!(status & VIRTIO_STATUS_DRIVER_OK) || status & STATUS_BROKEN)
		return err_set(e, -EIO, "the device did not start (status 0x%02x)", status);
	/* What the guest kicked before is lost on some parents. */
	for (unsigned int i = 0; i < dev->n_queues; i++)
		if (dev->queues[i].enabled)
			eventfd_write(v->queues[i].kick, 1);
	return 0;
}

int vdpa_activate(struct virtio_device *dev, struct err *e)
{
	struct vdpa *v = to_vdpa(dev);
	int r;

	for (unsigned int i = 0; i < dev->n_queues; i++)
		v->queues[i].base = 0;
	r = run(v, e);
	if (r)
		v->errors++;
	else
		v->activations++;
	return r;
}

/* From ACKNOWLEDGE to DRIVER_OK at once, with queues going on at `queues[].base`. */
static int start(struct vdpa *v, struct err *e)
{
	int r = negotiate(v, e);

	return r ? r : run(v, e);
}

/* Status 0, and mappings again where the device forgets them by that. */
static int reset_device(struct vdpa *v, struct err *e)
{
	uint8_t status = 0;
	int r = vhost_vdpa_set_status(&v->vhost, 0, e);

	if (!r)
		r = vhost_vdpa_get_status(&v->vhost, &status, e);
	if (!r && status)
		r = err_set(e, -EIO, "the device does not reset (status 0x%02x)", status);
	if (!r)
		r = vhost_vdpa_renew_maps(&v->vhost, e);
	if (!r && vdpa_behind_iommu(v) && !v->vhost.n_maps)
		r = vdpa_close_passthrough(v, e);
	if (!r)
		v->touched = false;
	return r;
}

void vdpa_reset(struct virtio_device *dev)
{
	struct vdpa *v = to_vdpa(dev);
	struct err e = { 0 };

	v->suspended = v->parked = false;
	/* Drivers reset a device first of all: one that is fresh needs nothing. */
	if (!v->touched)
		return;
	v->resets++;
	if (reset_device(v, &e)) {
		/* The next negotiation finds out whether the device recovered. */
		v->errors++;
		virtio_device_complain(dev, "reset failed: %s", e.text);
		dev->transport_ops->report(dev, "failed");
	}
}

static int read_bases(struct vdpa *v, struct err *e)
{
	for (unsigned int i = 0; i < v->virtio.n_queues; i++) {
		uint32_t base;
		int r;

		if (!v->virtio.queues[i].enabled)
			continue;
		r = vhost_vdpa_get_vring_base(&v->vhost, i, &base, e);
		if (r)
			return r;
		v->queues[i].base = (uint16_t)base;
	}
	return 0;
}

void vdpa_hand_on_interrupts(struct vdpa_queue *q)
{
	eventfd_t fresh;

	if (eventfd_read(q->call, &fresh))
		return;
	q->interrupts += fresh;
	eventfd_write(q->irqfd, 1);
}

/* What the guest set through it is in the device, and is told to nobody. */
static bool has_control_queue(const struct virtio_device *dev)
{
	return dev->type == VIRTIO_ID_NET &&
	       virtio_has_feature(dev, VIRTIO_FEATURE(VIRTIO_NET_F_CTRL_VQ));
}

int vdpa_pause(struct virtio_device *dev, struct err *e)
{
	struct vdpa *v = to_vdpa(dev);
	int r;

	if (!dev->activated)
		return 0;
	if (!vhost_vdpa_has_backend(&v->vhost, VHOST_BACKEND_F_SUSPEND)) {
		err_set(e, -EOPNOTSUPP, "%s: this vDPA device cannot be suspended", dev->id);
		err_hint(e, "it would go on writing into the memory of a paused guest; remove it "
			    "first");
		return -EOPNOTSUPP;
	}
	bool resumes = vhost_vdpa_has_backend(&v->vhost, VHOST_BACKEND_F_RESUME);

	/* Instead it would be reset. */
	if (!resumes && has_control_queue(dev))
		return err_set(e, -EOPNOTSUPP,
			       "%s: this vDPA device cannot be resumed without losing what the "
			       "guest set through its control queue",
			       dev->id);
	r = vhost_vdpa_suspend(&v->vhost, e);
	if (r)
		return r;
	/* No interrupt is under way to a guest that is looked at next. */
	for (unsigned int i = 0; i < dev->n_queues && v->queues[i].call >= 0; i++)
		vdpa_hand_on_interrupts(&v->queues[i]);
	r = read_bases(v, e);
	if (!r && !resumes)
		r = reset_device(v, e);
	if (!r) {
		v->suspended = true;
		v->parked = !resumes;
		return 0;
	}
	/* The guest will go on, and so must the device. */
	v->errors++;
	if (!resumes || vhost_vdpa_resume(&v->vhost, NULL))
		virtio_device_fail(dev, "it failed to pause and cannot go on");
	return r;
}

int vdpa_resume(struct virtio_device *dev, struct err *e)
{
	struct vdpa *v = to_vdpa(dev);
	int r;

	if (!v->suspended)
		return 0;
	r = v->parked ? start(v, e) : vhost_vdpa_resume(&v->vhost, e);
	if (r) {
		v->errors++;
		/* Half started, it could not be started again, and might serve a guest that stands.
		 */
		if (v->parked)
			reset_device(v, NULL);
		return r;
	}
	v->suspended = v->parked = false;
	return 0;
}

void vdpa_state(struct virtio_device *dev, const struct state *s)
{
	struct vdpa *v = to_vdpa(dev);
	char key[16];

	if (dev->activated && has_control_queue(dev))
		state_fail(s, -EOPNOTSUPP,
			   "the device has a control queue, and cannot tell what the guest set "
			   "through it");
	for (unsigned int i = 0; i < dev->n_queues; i++) {
		snprintf(key, sizeof(key), "base%u", i);
		STATE_NUMBER(s, key, v->queues[i].base);
	}
	if (s->loading)
		v->suspended = v->parked = dev->activated;
}
