/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pause and resume: vCPUs first out, devices last out; the other way round to go on. */
#include "devices.h"
#include "machine.h"
#include "vcpu.h"
#include "virtio/virtio.h"

#include <errno.h>

static int pause_device(struct machine_device *d, struct err *e)
{
	if (!d->dev->ops->pause)
		return 0;
	pthread_mutex_lock(&d->dev->lock);
	int ret = d->dev->ops->pause(d->dev, e);

	pthread_mutex_unlock(&d->dev->lock);
	return ret < 0 ? err_prefix(e, "device '%s'", d->dev->id) : 0;
}

static int resume_device(struct machine_device *d, struct err *e)
{
	if (!d->dev->ops->resume)
		return 0;
	pthread_mutex_lock(&d->dev->lock);
	int ret = d->dev->ops->resume(d->dev, e);

	pthread_mutex_unlock(&d->dev->lock);
	return ret < 0 ? err_prefix(e, "device '%s'", d->dev->id) : 0;
}

/* Back to where they were, those before `end`; what does not get there has failed for its guest. */
static void undo(struct machine *m, struct machine_device *end,
		 int (*step)(struct machine_device *d, struct err *e))
{
	for (struct machine_device *d = m->devices; d != end; d = d->next) {
		struct err e = { 0 };

		if (step(d, &e) == 0)
			continue;
		pthread_mutex_lock(&d->dev->lock);
		virtio_device_fail(d->dev, e.text);
		pthread_mutex_unlock(&d->dev->lock);
	}
}

int machine_pause(struct machine *m, struct err *e)
{
	struct machine_device *d;
	int ret = vcpus_pause(m->vcpus, e);

	if (ret < 0)
		return ret;
	ret = guest_clock_stop(m, e);
	for (d = m->devices; d && ret == 0; d = ret == 0 ? d->next : d)
		ret = pause_device(d, e);
	if (ret == 0)
		return 0;
	undo(m, d, resume_device);
	guest_clock_go_on(m, NULL);
	vcpus_resume(m->vcpus, NULL);
	return ret;
}

int machine_resume(struct machine *m, struct err *e)
{
	struct machine_device *d;
	int ret = 0;

	for (d = m->devices; d && ret == 0; d = ret == 0 ? d->next : d)
		ret = resume_device(d, e);
	if (ret == 0)
		ret = guest_clock_go_on(m, e);
	if (ret == 0)
		ret = vcpus_resume(m->vcpus, e);
	/* It stays paused: no device serves a guest that may be written into a snapshot. */
	if (ret < 0)
		undo(m, d, pause_device);
	return ret;
}
