/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pause and resume of a vDPA device whose kernel side fails half-way, which no real one does when
 * asked to. */
#include "unit.h"

#include "vdpa/vhost_iotlb.h"
#include "virtio/vdpa_internal.h"

#include <errno.h>

/* What the kernel was asked, and what it refuses. */
static struct {
	uint8_t status;
	bool suspended, no_base, no_resume;
	unsigned int resets, complaints;
} kernel;

#define GRANTED(name, ...)                                                                         \
	int name(const struct vhost_vdpa *v _unused_, __VA_ARGS__, struct err *e _unused_)         \
	{                                                                                          \
		return 0;                                                                          \
	}
GRANTED(vhost_vdpa_set_features, uint64_t features _unused_)
GRANTED(vhost_vdpa_set_config_call, int fd _unused_)
GRANTED(vhost_vdpa_set_vring_addr, const struct vhost_vring_addr *addr _unused_)
GRANTED(vhost_vdpa_set_vring_base, uint32_t index _unused_, uint32_t base _unused_)
GRANTED(vhost_vdpa_set_vring_call, uint32_t index _unused_, int fd _unused_)
GRANTED(vhost_vdpa_set_vring_kick, uint32_t index _unused_, int fd _unused_)
GRANTED(vhost_vdpa_set_vring_enable, uint32_t index _unused_, bool enable _unused_)
GRANTED(vhost_vdpa_set_vring_num, uint32_t index _unused_, uint32_t num _unused_)

int vhost_vdpa_set_status(const struct vhost_vdpa *v _unused_, uint8_t status,
			  struct err *e _unused_)
{
	kernel.resets += status == 0;
	kernel.status = status;
	return 0;
}

int vhost_vdpa_get_status(const struct vhost_vdpa *v _unused_, uint8_t *status,
			  struct err *e _unused_)
{
	*status = kernel.status;
	return 0;
}

int vhost_vdpa_get_vring_base(const struct vhost_vdpa *v _unused_, uint32_t index _unused_,
			      uint32_t *base, struct err *e)
{
	*base = 7;
	return kernel.no_base ? err_set(e, -EIO, "no base") : 0;
}

int vhost_vdpa_suspend(const struct vhost_vdpa *v _unused_, struct err *e _unused_)
{
	kernel.suspended = true;
	return 0;
}

int vhost_vdpa_resume(const struct vhost_vdpa *v _unused_, struct err *e)
{
	if (kernel.no_resume)
		return err_set(e, -EIO, "no way on");
	kernel.suspended = false;
	return 0;
}

int vhost_vdpa_renew_maps(struct vhost_vdpa *v _unused_, struct err *e _unused_)
{
	return 0;
}

int vdpa_close_passthrough(struct vdpa *v _unused_, struct err *e _unused_)
{
	return 0;
}

int virtqueue_check(const struct virtqueue *vq _unused_, struct dma_space *dma _unused_,
		    struct err *e _unused_)
{
	return 0;
}

void virtio_device_complain(struct virtio_device *dev _unused_, const char *fmt _unused_, ...)
{
	kernel.complaints++;
}

void virtio_device_fail(struct virtio_device *dev, const char *why _unused_)
{
	dev->status |= VIRTIO_STATUS_NEEDS_RESET;
}

static int call_fd(struct virtio_device *dev _unused_, unsigned int queue _unused_, int *fd,
		   struct err *e _unused_)
{
	*fd = -1;
	return 0;
}

static void report(struct virtio_device *dev _unused_, const char *event _unused_)
{
}

static const struct virtio_transport_ops transport = { .call_fd = call_fd, .report = report };

struct world {
	struct vdpa v;
	struct virtqueue ring;
	struct vdpa_queue queue;
	struct dma_space dma;
};

/* A running device of one queue. */
static struct vdpa *device(struct world *w, uint64_t backend)
{
	static char id[] = "v";

	memset(&kernel, 0, sizeof(kernel));
	*w = (struct world){ 0 };
	w->ring.enabled = true;
	w->queue.kick = -1;
	w->v = (struct vdpa){
		.virtio = { .id = id,
			    .queues = &w->ring,
			    .n_queues = 1,
			    .dma = &w->dma,
			    .transport_ops = &transport,
			    .activated = true },
		.vhost = { .fd = -1, .backend_features = backend },
		.queues = &w->queue,
		.touched = true,
	};
	return &w->v;
}

#define SUSPEND (UINT64_C(1) << VHOST_BACKEND_F_SUSPEND)
#define RESUME  (UINT64_C(1) << VHOST_BACKEND_F_RESUME)

static void pause_and_resume(void **state)
{
	struct world w;
	struct vdpa *v = device(&w, SUSPEND | RESUME);

	(void)state;
	assert_int_equal(vdpa_pause(&v->virtio, NULL), 0);
	assert_true(kernel.suspended);
	assert_int_equal(kernel.resets, 0);
	assert_int_equal(vdpa_resume(&v->virtio, NULL), 0);
	assert_false(kernel.suspended);
	/* Without resume it goes through a reset, and on from where its queue stood. */
	v = device(&w, SUSPEND);
	assert_int_equal(vdpa_pause(&v->virtio, NULL), 0);
	assert_int_equal(kernel.resets, 1);
	assert_int_equal(vdpa_resume(&v->virtio, NULL), 0);
	assert_int_equal(kernel.status, 15);
	assert_int_equal(v->queues[0].base, 7);
}

/* The guest is let on after a pause that failed: its device goes on too, or says that it does not.
 */
static void a_pause_that_fails(void **state)
{
	struct world w;
	struct vdpa *v = device(&w, SUSPEND | RESUME);
	struct err e = { 0 };

	(void)state;
	kernel.no_base = true;
	assert_int_equal(vdpa_pause(&v->virtio, &e), -EIO);
	assert_string_equal(e.text, "no base");
	assert_false(kernel.suspended);
	assert_int_equal(v->virtio.status & VIRTIO_STATUS_NEEDS_RESET, 0);
	assert_int_equal(v->errors, 1);
	v = device(&w, SUSPEND | RESUME);
	kernel.no_base = kernel.no_resume = true;
	assert_int_equal(vdpa_pause(&v->virtio, &e), -EIO);
	assert_int_not_equal(v->virtio.status & VIRTIO_STATUS_NEEDS_RESET, 0);
	v = device(&w, SUSPEND);
	kernel.no_base = true;
	assert_int_equal(vdpa_pause(&v->virtio, &e), -EIO);
	assert_int_not_equal(v->virtio.status & VIRTIO_STATUS_NEEDS_RESET, 0);
}

static void a_device_that_cannot_pause(void **state)
{
	struct world w;
	struct vdpa *v = device(&w, 0);
	struct err e = { 0 };

	(void)state;
	assert_int_equal(vdpa_pause(&v->virtio, &e), -EOPNOTSUPP);
	assert_false(kernel.suspended);
	/* Nothing runs on it: nothing to hold. */
	v->virtio.activated = false;
	assert_int_equal(vdpa_pause(&v->virtio, &e), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(pause_and_resume),
		cmocka_unit_test(a_pause_that_fails),
		cmocka_unit_test(a_device_that_cannot_pause),
	};

	return cmocka_run_group_tests_name("vdpa_status", tests, NULL, NULL);
}
