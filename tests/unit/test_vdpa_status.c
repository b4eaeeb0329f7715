/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel is asked when a vDPA device is started, reset and paused, in which order, and
 * what becomes of one whose kernel side fails half-way, which no real one does when asked to. */
#include "unit.h"

#include "vdpa/vhost_iotlb.h"
#include "virtio/vdpa_internal.h"

#include <errno.h>
#include <sys/eventfd.h>

/* What the kernel was asked, and what it refuses. */
static struct {
	uint8_t status, refused, added; /* bits of the status that it drops, and sets by itself */
	bool suspended, no_base, no_resume, bad_ring;
	unsigned int resets, complaints;
	uint64_t features;
	int call;
	char asked[256];
} kernel;

static void note(const char *word)
{
	size_t len = strlen(kernel.asked);

	snprintf(kernel.asked + len, sizeof(kernel.asked) - len, "%s%s", len ? " " : "", word);
}

#define GRANTED(name, word, ...)                                                                   \
	int name(const struct vhost_vdpa *v _unused_, __VA_ARGS__, struct err *e _unused_)         \
	{                                                                                          \
		note(word);                                                                        \
		return 0;                                                                          \
	}
GRANTED(vhost_vdpa_set_config_call, "config", int fd _unused_)
GRANTED(vhost_vdpa_set_vring_addr, "addr", const struct vhost_vring_addr *addr _unused_)
GRANTED(vhost_vdpa_set_vring_base, "base", uint32_t index _unused_, uint32_t base _unused_)
GRANTED(vhost_vdpa_set_vring_kick, "kick", uint32_t index _unused_, int fd _unused_)
GRANTED(vhost_vdpa_set_vring_enable, "enable", uint32_t index _unused_, bool enable _unused_)
GRANTED(vhost_vdpa_set_vring_num, "num", uint32_t index _unused_, uint32_t num _unused_)

int vhost_vdpa_set_vring_call(const struct vhost_vdpa *v _unused_, uint32_t index _unused_, int fd,
			      struct err *e _unused_)
{
	note("call");
	kernel.call = fd;
	return 0;
}

int vhost_vdpa_set_features(const struct vhost_vdpa *v _unused_, uint64_t features,
			    struct err *e _unused_)
{
	note("features");
	kernel.features = features;
	return 0;
}

int vhost_vdpa_set_status(const struct vhost_vdpa *v _unused_, uint8_t status,
			  struct err *e _unused_)
{
	char word[16];

	snprintf(word, sizeof(word), "status=%d", status);
	note(word);
	kernel.resets += status == 0;
	kernel.status = status;
	return 0;
}

int vhost_vdpa_get_status(const struct vhost_vdpa *v _unused_, uint8_t *status,
			  struct err *e _unused_)
{
	*status = (uint8_t)((kernel.status & ~kernel.refused) | kernel.added);
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
	note("maps");
	return 0;
}

int vdpa_close_passthrough(struct vdpa *v _unused_, struct err *e _unused_)
{
	note("close");
	return 0;
}

int virtqueue_check(const struct virtqueue *vq _unused_, struct dma_space *dma _unused_,
		    struct err *e)
{
	return kernel.bad_ring ? err_set(e, -EFAULT, "no memory there") : 0;
}

void virtio_device_complain(struct virtio_device *dev _unused_, const char *fmt _unused_, ...)
{
	kernel.complaints++;
}

void virtio_device_fail(struct virtio_device *dev, const char *why _unused_)
{
	dev->status |= VIRTIO_STATUS_NEEDS_RESET;
}

/* Where the guest's interrupts go in; -1 where it has no vector. */
static int irqfd = -1;

static int call_fd(struct virtio_device *dev _unused_, unsigned int queue _unused_, int *fd,
		   struct err *e _unused_)
{
	*fd = irqfd;
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
	w->queue.kick = w->queue.call = -1;
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

static void start_and_reset(void **state)
{
	static const struct dma_ops iommu = { 0 };
	struct world w;
	struct vdpa *v = device(&w, 0);
	eventfd_t kicks = 0;

	(void)state;
	w.queue.kick = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	v->virtio.config_size = 1;
	v->virtio.acked = 5;
	/* Parents look at the features when FEATURES_OK comes, refuse a ring before it, overlook
	 * one that is enabled after DRIVER_OK, and lose the kicks from before. */
	assert_int_equal(vdpa_features_ok(&v->virtio, NULL), 0);
	assert_int_equal(kernel.features, 5 | VIRTIO_FEATURE_PLATFORM);
	assert_int_equal(eventfd_read(w.queue.kick, &kicks), -1);
	assert_int_equal(vdpa_activate(&v->virtio, NULL), 0);
	assert_string_equal(kernel.asked, "status=3 features status=11 num addr base call kick "
					  "config enable status=15");
	assert_int_equal(eventfd_read(w.queue.kick, &kicks), 0);
	assert_int_equal(kicks, 1);
	kernel.asked[0] = '\0';
	vdpa_reset(&v->virtio);
	vdpa_reset(&v->virtio);
	assert_string_equal(kernel.asked, "status=0 maps");
	/* Behind an IOMMU where nothing is mapped. */
	v->touched = true;
	w.dma.ops = &iommu;
	kernel.asked[0] = '\0';
	vdpa_reset(&v->virtio);
	assert_string_equal(kernel.asked, "status=0 maps close");
	assert_int_equal(v->errors + kernel.complaints, 0);
	close(w.queue.kick);
}

static void interrupts(void **state)
{
	struct world w;
	struct vdpa *v = device(&w, SUSPEND | RESUME);
	eventfd_t count;

	(void)state;
	/* A guest that gave no vector wants none, counted or not. */
	w.queue.call = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	assert_int_equal(vdpa_activate(&v->virtio, NULL), 0);
	assert_int_equal(kernel.call, -1);
	irqfd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	assert_int_equal(vdpa_activate(&v->virtio, NULL), 0);
	assert_int_equal(kernel.call, w.queue.call);
	vdpa_hand_on_interrupts(&w.queue);
	assert_int_equal(eventfd_read(irqfd, &count), -1);
	eventfd_write(w.queue.call, 3);
	vdpa_hand_on_interrupts(&w.queue);
	assert_int_equal(eventfd_read(irqfd, &count), 0);
	/* The last one before a pause reaches the guest's registers before they are read. */
	eventfd_write(w.queue.call, 1);
	assert_int_equal(vdpa_pause(&v->virtio, NULL), 0);
	assert_int_equal(eventfd_read(irqfd, &count), 0);
	assert_int_equal(w.queue.interrupts, 4);
	close(w.queue.call);
	/* Without counting, the device interrupts the guest itself. */
	v = device(&w, 0);
	assert_int_equal(vdpa_activate(&v->virtio, NULL), 0);
	assert_int_equal(kernel.call, irqfd);
	close(irqfd);
	irqfd = -1;
}

static void a_start_that_is_refused(void **state)
{
	static const struct {
		uint8_t refused, added;
	} features[] = { { 8, 0 }, { 0, 64 }, { 0, 128 } },
	  running[] = { { 4, 0 }, { 0, 64 }, { 0, 128 } };
	struct err e = { 0 };
	eventfd_t kicks;
	struct world w;
	struct vdpa *v;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(features); i++) {
		v = device(&w, 0);
		kernel.refused = features[i].refused;
		kernel.added = features[i].added;
		assert_int_equal(vdpa_features_ok(&v->virtio, &e), -EINVAL);
		assert_non_null(strstr(e.text, "does not take features"));
		assert_int_equal(v->errors, 1);
	}
	for (size_t i = 0; i < ARRAY_SIZE(running); i++) {
		v = device(&w, 0);
		w.queue.kick = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		kernel.refused = running[i].refused;
		kernel.added = running[i].added;
		assert_int_equal(vdpa_activate(&v->virtio, &e), -EIO);
		assert_non_null(strstr(e.text, "did not start"));
		assert_int_equal(eventfd_read(w.queue.kick, &kicks), -1);
		assert_int_equal(v->errors, 1);
		close(w.queue.kick);
	}
	/* The kernel is not told of a ring that is not in the guest's memory. */
	v = device(&w, 0);
	kernel.bad_ring = true;
	assert_int_equal(vdpa_activate(&v->virtio, &e), -EFAULT);
	assert_string_equal(kernel.asked, "");
	v = device(&w, 0);
	kernel.added = 64;
	vdpa_reset(&v->virtio);
	assert_int_equal(kernel.complaints, 1);
	assert_true(v->touched);
}

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
	/* A start that fails on the way leaves a device that can be started. */
	v = device(&w, SUSPEND);
	assert_int_equal(vdpa_pause(&v->virtio, NULL), 0);
	kernel.added = 64;
	assert_int_not_equal(vdpa_resume(&v->virtio, NULL), 0);
	assert_int_equal(kernel.status, 0);
	kernel.added = 0;
	assert_int_equal(vdpa_resume(&v->virtio, NULL), 0);
	assert_int_equal(kernel.status, 15);
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
		cmocka_unit_test(start_and_reset),
		cmocka_unit_test(interrupts),
		cmocka_unit_test(a_start_that_is_refused),
		cmocka_unit_test(pause_and_resume),
		cmocka_unit_test(a_pause_that_fails),
		cmocka_unit_test(a_device_that_cannot_pause),
	};

	return cmocka_run_group_tests_name("vdpa_status", tests, NULL, NULL);
}
