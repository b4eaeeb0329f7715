/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A machine of which one device does not pause, or does not go on. */
#include "unit.h"

#include "base/cleanup.h"
#include "devices.h"
#include "fake_transport.h"
#include "guest_clock.h"
#include "machine.h"
#include "machine_ops.h"
#include "vcpu.h"

#include <errno.h>

enum {
	DEVICES = 3,
};

static struct device {
	struct virtio_device virtio;
	struct machine_device listed;
	struct fake_transport transport;
	bool paused, no_pause, no_resume;
} devices[DEVICES];
static bool vcpus_run, clock_runs;
static char name[] = "d";

int vcpus_pause(struct vcpus *vcpus _unused_, struct err *e _unused_)
{
	vcpus_run = false;
	return 0;
}

int vcpus_resume(struct vcpus *vcpus _unused_, struct err *e _unused_)
{
	vcpus_run = true;
	return 0;
}

int guest_clock_stop(struct machine *m _unused_, struct err *e _unused_)
{
	clock_runs = false;
	return 0;
}

int guest_clock_go_on(struct machine *m _unused_, struct err *e _unused_)
{
	clock_runs = true;
	return 0;
}

static int device_pause(struct virtio_device *dev, struct err *e)
{
	struct device *d = container_of(dev, struct device, virtio);

	if (d->no_pause)
		return err_set(e, -EIO, "cannot be suspended");
	d->paused = true;
	return 0;
}

static int device_resume(struct virtio_device *dev, struct err *e)
{
	struct device *d = container_of(dev, struct device, virtio);

	if (d->no_resume)
		return err_set(e, -EIO, "cannot go on");
	d->paused = false;
	return 0;
}

static void make(struct machine *m)
{
	static const struct virtio_ops ops = { .pause = device_pause, .resume = device_resume };

	*m = (struct machine){ 0 };
	vcpus_run = clock_runs = true;
	for (size_t i = 0; i < DEVICES; i++) {
		struct device *d = &devices[i];

		*d = (struct device){ .virtio = { .ops = &ops, .id = name, .kind = "vdpa" } };
		pthread_mutex_init(&d->virtio.lock, NULL);
		fake_attach(&d->virtio, &d->transport);
		d->listed = (struct machine_device){ .machine = m, .dev = &d->virtio };
		d->listed.next = m->devices;
		m->devices = &d->listed;
	}
}

static bool failed(const struct device *d)
{
	return d->virtio.status & VIRTIO_STATUS_NEEDS_RESET;
}

static void one_does_not_pause(void **state)
{
	struct machine m;
	struct err e = { 0 };

	(void)state;
	make(&m);
	devices[0].no_pause = true;
	devices[1].no_resume = true;
	assert_int_equal(machine_pause(&m, &e), -EIO);
	assert_string_equal(e.text, "device 'd': cannot be suspended");
	assert_true(vcpus_run && clock_runs);
	assert_false(devices[2].paused);
	/* Its guest is told that it stands still. */
	assert_true(devices[1].paused && failed(&devices[1]));
	assert_false(failed(&devices[0]) || failed(&devices[2]));
}

static void one_does_not_go_on(void **state)
{
	struct machine m;
	struct err e = { 0 };

	(void)state;
	make(&m);
	assert_int_equal(machine_pause(&m, &e), 0);
	assert_false(vcpus_run || clock_runs);
	devices[0].no_resume = true;
	assert_int_equal(machine_resume(&m, &e), -EIO);
	assert_false(vcpus_run || clock_runs);
	for (size_t i = 0; i < DEVICES; i++)
		assert_true(devices[i].paused && !failed(&devices[i]));
	devices[0].no_resume = false;
	assert_int_equal(machine_resume(&m, &e), 0);
	assert_true(vcpus_run && clock_runs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_does_not_pause),
		cmocka_unit_test(one_does_not_go_on),
	};

	return cmocka_run_group_tests_name("machine pause", tests, NULL, NULL);
}
