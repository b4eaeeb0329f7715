/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The virtio-pci transport as drivers use it, and with every access that none should make. */
#include "fake_guest.h"
#include "fake_irq.h"

#include "layout.h"
#include "machine.h"
#include "pci/host.h"
#include "virtio/virtio_pci.h"

#include <errno.h>
#include <event2/event.h>
#include <linux/pci_regs.h>
#include <linux/virtio_pci.h>
#include <stdlib.h>

enum {
	COMMON = 0,
	ISR = 0x2000,
	CONFIG = 0x4000,
	NOTIFY = 0x6000,
	PORTS = 2, /* a BAR */
	QUEUES = 3,
	RING = 128,
	VECTORS = QUEUES + 1,
};

/* A device that counts its calls and refuses when told to. */
struct counted {
	struct virtio_device virtio;
	unsigned int activations, resets, notified[QUEUES];
	bool refuse_features, refuse_activation;
	uint8_t config[12];
};

static struct counted *counted(struct virtio_device *dev)
{
	return container_of(dev, struct counted, virtio);
}

static void counted_config_read(struct virtio_device *dev, uint32_t offset, void *buf, uint32_t len)
{
	assert_true(offset + len <= sizeof(counted(dev)->config));
	memcpy(buf, counted(dev)->config + offset, len);
}

static void counted_config_write(struct virtio_device *dev, uint32_t offset, const void *buf,
				 uint32_t len)
{
	assert_true(offset + len <= sizeof(counted(dev)->config));
	memcpy(counted(dev)->config + offset, buf, len);
}

static int counted_features_ok(struct virtio_device *dev, struct err *e)
{
	return counted(dev)->refuse_features ? err_set(e, -EINVAL, "no") : 0;
}

static int counted_activate(struct virtio_device *dev, struct err *e)
{
	counted(dev)->activations++;
	return counted(dev)->refuse_activation ? err_set(e, -EIO, "no") : 0;
}

static void counted_reset(struct virtio_device *dev)
{
	counted(dev)->resets++;
}

static void counted_notify(struct virtio_device *dev, unsigned int queue)
{
	counted(dev)->notified[queue]++;
}

static void counted_destroy(struct virtio_device *dev)
{
	virtio_device_fini(dev);
	free(counted(dev));
}

static const struct virtio_ops counted_ops = {
	.config_read = counted_config_read,
	.config_write = counted_config_write,
	.features_ok = counted_features_ok,
	.activate = counted_activate,
	.reset = counted_reset,
	.notify = counted_notify,
	.destroy = counted_destroy,
};

struct fixture {
	struct machine machine;
	struct fake_guest guest;
	struct counted *dev;
	struct virtio_pci *vpci;
	struct pci_function *fn;
};

static int setup(void **state)
{
	const struct pci_config anywhere = { .device_id = PCI_DEVICE_AUTO };
	struct fixture *f = calloc(1, sizeof(*f));
	struct machine *m = &f->machine;

	fake_guest_init(&f->guest);
	m->config.platform.num_pci_segments = 1;
	m->config.memory.size = 1 << 30;
	io_bus_init(&m->pio, NULL);
	io_bus_init(&m->mmio, NULL);
	assert_int_equal(event_loop_create(&m->loop, NULL), 0);
	assert_int_equal(pci_host_create(m, 40, &m->pci, NULL), 0);
	f->dev = calloc(1, sizeof(*f->dev));
	assert_int_equal(
		virtio_device_init(&f->dev->virtio, &counted_ops, 2, "_disk0", QUEUES, RING), 0);
	f->dev->virtio.kind = "disk";
	f->dev->virtio.dma = &f->guest.dma;
	f->dev->virtio.loop = m->loop;
	f->dev->virtio.config_size = sizeof(f->dev->config);
	f->dev->virtio.offered = 0x35;
	assert_int_equal(virtio_pci_create(m, &f->dev->virtio, true, true, &f->vpci, NULL), 0);
	f->fn = virtio_pci_function(f->vpci);
	assert_int_equal(pci_host_add(m->pci, f->fn, &anywhere, NULL), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	pci_host_destroy(f->machine.pci);
	event_loop_destroy(f->machine.loop);
	io_bus_destroy(&f->machine.pio);
	io_bus_destroy(&f->machine.mmio);
	fake_guest_fini(&f->guest);
	free(f);
	return 0;
}

static uint64_t get(struct fixture *f, uint64_t offset, unsigned int size)
{
	return f->fn->ops->bar_read(f->fn, 0, offset, size);
}

static void set(struct fixture *f, uint64_t offset, unsigned int size, uint64_t value)
{
	f->fn->ops->bar_write(f->fn, 0, offset, size, value);
}

static void set_features(struct fixture *f, uint64_t features)
{
	for (uint32_t half = 0; half < 2; half++) {
		set(f, VIRTIO_PCI_COMMON_GFSELECT, 4, half);
		set(f, VIRTIO_PCI_COMMON_GF, 4, (uint32_t)(features >> 32 * half));
	}
}

static uint8_t status(struct fixture *f)
{
	return (uint8_t)get(f, VIRTIO_PCI_COMMON_STATUS, 1);
}

static void set_status(struct fixture *f, uint8_t value)
{
	set(f, VIRTIO_PCI_COMMON_STATUS, 1, value);
}

static void negotiate(struct fixture *f, uint64_t features)
{
	set_status(f, 1);
	set_status(f, 3);
	set_features(f, features);
	set_status(f, 11);
}

static void capabilities(void **state)
{
	struct fixture *f = *state;
	unsigned int found = 0, doorbells = 0;

	for (uint8_t at = f->fn->config[PCI_CAPABILITY_LIST]; at; at = f->fn->config[at + 1]) {
		struct virtio_pci_cap cap;

		memcpy(&cap, f->fn->config + at, sizeof(cap));
		if (cap.cap_vndr != PCI_CAP_ID_VNDR)
			continue;
		found |= 1U << cap.cfg_type;
		switch (cap.cfg_type) {
		case VIRTIO_PCI_CAP_COMMON_CFG:
			assert_int_equal(cap.offset, COMMON);
			assert_int_equal(cap.length, 56);
			break;
		case VIRTIO_PCI_CAP_ISR_CFG:
			assert_int_equal(cap.offset, ISR);
			break;
		case VIRTIO_PCI_CAP_DEVICE_CFG:
			assert_int_equal(cap.offset, CONFIG);
			break;
		case VIRTIO_PCI_CAP_NOTIFY_CFG:
			/* Ports first: drivers take what they find first. */
			assert_int_equal(cap.bar, doorbells ? 0 : PORTS);
			assert_int_equal(cap.offset, doorbells ? NOTIFY : 0);
			assert_int_equal(cap.length, 4 * QUEUES);
			assert_int_equal(f->fn->config[at + VIRTIO_PCI_NOTIFY_CAP_MULT], 4);
			doorbells++;
			break;
		default:
			break;
		}
	}
	assert_int_equal(found, 0x3e);
	assert_int_equal(doorbells, 2);
	assert_int_equal(f->fn->bars[PORTS].size, 16);
	assert_true(f->fn->bars[PORTS].is_io);
	assert_int_equal(f->fn->msix.n_vectors, VECTORS);
	assert_int_equal(f->fn->bars[0].size, 512 << 10);
	assert_int_equal(f->fn->config[0] | f->fn->config[1] << 8, 0x1af4);
	assert_int_equal(f->fn->config[2] | f->fn->config[3] << 8, 0x1042);
}

static void life_of_a_driver(void **state)
{
	struct fixture *f = *state;

	set_status(f, 0);
	assert_int_equal(get(f, VIRTIO_PCI_COMMON_NUMQ, 2), QUEUES);
	set(f, VIRTIO_PCI_COMMON_DFSELECT, 4, 0);
	assert_int_equal(get(f, VIRTIO_PCI_COMMON_DF, 4), 0x35);
	set(f, VIRTIO_PCI_COMMON_DFSELECT, 4, 1);
	assert_int_equal(get(f, VIRTIO_PCI_COMMON_DF, 4), 1); /* VERSION_1 */
	set(f, VIRTIO_PCI_COMMON_DFSELECT, 4, 2);
	assert_int_equal(get(f, VIRTIO_PCI_COMMON_DF, 4), 0);
	negotiate(f, 0x100000005);
	assert_int_equal(status(f), 11);
	/* Too late. */
	set_features(f, 0x100000001);
	assert_int_equal(f->dev->virtio.acked, 0x100000005);
	set(f, VIRTIO_PCI_COMMON_Q_SELECT, 2, 1);
	assert_int_equal(get(f, VIRTIO_PCI_COMMON_Q_SIZE, 2), RING);
	assert_int_equal(get(f, VIRTIO_PCI_COMMON_Q_NOFF, 2), 1);
	set(f, VIRTIO_PCI_COMMON_Q_SIZE, 2, 64);
	set(f, VIRTIO_PCI_COMMON_Q_DESCLO, 4, 0x1000);
	set(f, VIRTIO_PCI_COMMON_Q_DESCHI, 4, 1);
	set(f, VIRTIO_PCI_COMMON_Q_AVAILLO, 4, 0x2000);
	set(f, VIRTIO_PCI_COMMON_Q_USEDLO, 4, 0x3000);
	set(f, VIRTIO_PCI_COMMON_Q_MSIX, 2, 2);
	set(f, VIRTIO_PCI_COMMON_Q_ENABLE, 2, 1);
	assert_int_equal(get(f, VIRTIO_PCI_COMMON_Q_ENABLE, 2), 1);
	assert_int_equal(get(f, VIRTIO_PCI_COMMON_Q_DESCHI, 4), 1);
	/* Not any more once it is enabled. */
	set(f, VIRTIO_PCI_COMMON_Q_SIZE, 2, 32);
	set(f, VIRTIO_PCI_COMMON_Q_DESCLO, 4, 0x9000);
	set(f, VIRTIO_PCI_COMMON_Q_ENABLE, 2, 0);
	set_status(f, 15);
	assert_int_equal(status(f), 15);
	assert_int_equal(f->dev->activations, 1);
	assert_true(f->dev->virtio.queues[1].desc == 0x100001000);
	assert_int_equal(f->dev->virtio.queues[1].size, 64);
	assert_int_equal(f->dev->virtio.queues[1].vector, 2);
	assert_false(f->dev->virtio.queues[0].enabled);
	set_status(f, 15);
	assert_int_equal(f->dev->activations, 1);
	set_status(f, 0);
	assert_int_equal(status(f), 0);
	assert_int_equal(f->dev->resets, 2);
	assert_false(f->dev->virtio.queues[1].enabled);
	assert_int_equal(f->dev->virtio.queues[1].size, RING);
	assert_int_equal(f->dev->virtio.acked, 0);
}

static void features_are_refused(void **state)
{
	struct fixture *f = *state;

	negotiate(f, 0x100000002); /* not offered */
	assert_int_equal(status(f), 3);
	set_status(f, 0);
	negotiate(f, 0x5); /* no VERSION_1 */
	assert_int_equal(status(f), 3);
	set_status(f, 0);
	f->dev->refuse_features = true;
	negotiate(f, 0x100000005);
	assert_int_equal(status(f), 3);
	/* Going on all the same does not start the device. */
	set_status(f, 15);
	assert_int_equal(f->dev->activations, 0);
	assert_int_equal(status(f) & 4, 0);
}

static void failures_ask_for_a_reset(void **state)
{
	struct fixture *f = *state;

	set_status(f, 7);
	assert_true(status(f) & 0x40);
	assert_int_equal(f->dev->activations, 0);
	set_status(f, 0);
	f->dev->refuse_activation = true;
	negotiate(f, 0x100000005);
	set_status(f, 15);
	assert_true(status(f) & 0x40);
	assert_false(f->dev->virtio.activated);
	/* NEEDS_RESET is the device's: a driver neither sets nor clears it. */
	set_status(f, 0);
	set_status(f, 0x40);
	assert_int_equal(status(f), 0);
	set_status(f, 0x80 | 1);
	set_status(f, 11);
	assert_int_equal(status(f) & 8, 0);
}

static void odd_accesses(void **state)
{
	struct fixture *f = *state;
	static const unsigned int sizes[] = { 1, 2, 4, 8 };

	/* Everything everywhere, twice: nothing may assert, crash or leave its field. */
	for (unsigned int round = 0; round < 2; round++)
		for (uint64_t at = 0; at < 0x8000; at++)
			for (size_t s = 0; s < ARRAY_SIZE(sizes); s++) {
				if (at % sizes[s] || at == VIRTIO_PCI_COMMON_STATUS)
					continue;
				set(f, at, sizes[s], UINT64_MAX - at * round);
				get(f, at, sizes[s]);
			}
	set_status(f, 0);
	/* The wrong width reads as nothing. */
	assert_int_equal(get(f, VIRTIO_PCI_COMMON_NUMQ, 1), 0);
	assert_int_equal(get(f, VIRTIO_PCI_COMMON_NUMQ, 4), 0);
	set(f, VIRTIO_PCI_COMMON_Q_SELECT, 2, QUEUES);
	assert_int_equal(get(f, VIRTIO_PCI_COMMON_Q_SIZE, 2), 0);
	set(f, VIRTIO_PCI_COMMON_Q_SIZE, 2, 8);
	set(f, VIRTIO_PCI_COMMON_Q_ENABLE, 2, 1);
	set(f, VIRTIO_PCI_COMMON_Q_SELECT, 2, 0);
	set(f, VIRTIO_PCI_COMMON_Q_SIZE, 2, 3);
	assert_int_equal(get(f, VIRTIO_PCI_COMMON_Q_SIZE, 2), RING);
	set(f, VIRTIO_PCI_COMMON_Q_SIZE, 2, 2 * RING);
	assert_int_equal(get(f, VIRTIO_PCI_COMMON_Q_SIZE, 2), RING);
	set(f, VIRTIO_PCI_COMMON_Q_MSIX, 2, VECTORS);
	assert_int_equal(get(f, VIRTIO_PCI_COMMON_Q_MSIX, 2), 0xffff);
	set(f, VIRTIO_PCI_COMMON_MSIX, 2, VECTORS - 1);
	assert_int_equal(get(f, VIRTIO_PCI_COMMON_MSIX, 2), VECTORS - 1);
	/* A queue can not be enabled before features stand. */
	set(f, VIRTIO_PCI_COMMON_Q_ENABLE, 2, 1);
	assert_int_equal(get(f, VIRTIO_PCI_COMMON_Q_ENABLE, 2), 0);
}

static void device_config(void **state)
{
	struct fixture *f = *state;

	set(f, CONFIG + 8, 4, 0x11223344);
	assert_int_equal(get(f, CONFIG + 8, 4), 0x11223344);
	assert_int_equal(get(f, CONFIG + 10, 2), 0x1122);
	/* 8 bytes of which 4 exist. */
	assert_int_equal(get(f, CONFIG + 8, 8), 0x11223344);
	assert_int_equal(get(f, CONFIG + 12, 4), 0);
	assert_int_equal(get(f, CONFIG + 0xffc, 4), 0);
}

static void config_changes_are_seen(void **state)
{
	struct fixture *f = *state;
	struct virtio_device *dev = &f->dev->virtio;
	uint64_t generation = get(f, VIRTIO_PCI_COMMON_CFGGENERATION, 1);

	dev->transport_ops->notify_config(dev);
	assert_int_equal(get(f, VIRTIO_PCI_COMMON_CFGGENERATION, 1), generation + 1);
	dev->transport_ops->notify_queue(dev, 0);
	assert_int_equal(get(f, ISR, 1), 3);
	assert_int_equal(get(f, ISR, 1), 0);
}

/* The window in configuration space, for firmware that maps no BAR. */
static void pci_cfg_window(void **state)
{
	struct fixture *f = *state;
	uint8_t at = f->fn->config[PCI_CAPABILITY_LIST];
	uint32_t value = 0, length = 2, offset = VIRTIO_PCI_COMMON_NUMQ;

	while (f->fn->config[at] != PCI_CAP_ID_VNDR ||
	       f->fn->config[at + 3] != VIRTIO_PCI_CAP_PCI_CFG)
		at = f->fn->config[at + 1];
	memcpy(f->fn->config + at + VIRTIO_PCI_CAP_LENGTH, &length, 4);
	memcpy(f->fn->config + at + VIRTIO_PCI_CAP_OFFSET, &offset, 4);
	assert_true(f->fn->ops->config_read(f->fn, at + 16U, 2, &value));
	assert_int_equal(value, QUEUES);
	/* Not the width that was set. */
	assert_true(f->fn->ops->config_read(f->fn, at + 16U, 4, &value));
	assert_int_equal(value, 0);
	offset = VIRTIO_PCI_COMMON_Q_SELECT;
	memcpy(f->fn->config + at + VIRTIO_PCI_CAP_OFFSET, &offset, 4);
	assert_true(f->fn->ops->config_write(f->fn, at + 16U, 2, 2));
	assert_int_equal(get(f, VIRTIO_PCI_COMMON_Q_SELECT, 2), 2);
	offset = 0xfffffffe;
	memcpy(f->fn->config + at + VIRTIO_PCI_CAP_OFFSET, &offset, 4);
	assert_true(f->fn->ops->config_read(f->fn, at + 16U, 2, &value));
	f->fn->config[at + VIRTIO_PCI_CAP_BAR] = 5;
	offset = 0;
	memcpy(f->fn->config + at + VIRTIO_PCI_CAP_OFFSET, &offset, 4);
	assert_true(f->fn->ops->config_read(f->fn, at + 16U, 2, &value));
	assert_int_equal(value, 0);
	assert_false(f->fn->ops->config_read(f->fn, at, 4, &value));
}

static void stop_loop(evutil_socket_t fd _unused_, short what _unused_, void *data)
{
	event_loop_stop(data);
}

static void run_for_a_moment(struct fixture *f)
{
	const struct timeval moment = { .tv_usec = 20000 };
	struct event_loop *loop = f->machine.loop;

	assert_int_equal(
		event_base_once(event_loop_base(loop), -1, EV_TIMEOUT, stop_loop, loop, &moment),
		0);
	event_loop_run(loop, NULL);
}

static void notifications_reach_enabled_queues(void **state)
{
	struct fixture *f = *state;

	negotiate(f, 0x100000005);
	set(f, VIRTIO_PCI_COMMON_Q_SELECT, 2, 1);
	set(f, VIRTIO_PCI_COMMON_Q_ENABLE, 2, 1);
	set_status(f, 15);
	set(f, NOTIFY + 4, 2, 1);
	set(f, NOTIFY + 4 * QUEUES, 2, 3); /* no such queue */
	run_for_a_moment(f);
	assert_int_equal(f->dev->notified[1], 1);
	assert_int_equal(f->dev->notified[0] + f->dev->notified[2], 0);
	f->fn->ops->bar_write(f->fn, PORTS, 4, 2, 1);
	f->fn->ops->bar_write(f->fn, PORTS, 4 * QUEUES, 2, 3);
	run_for_a_moment(f);
	assert_int_equal(f->dev->notified[1], 2);
	assert_int_equal(f->dev->notified[0] + f->dev->notified[2], 0);
}

int main(void)
{
#define ROW(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	static const struct CMUnitTest tests[] = {
		ROW(capabilities),
		ROW(life_of_a_driver),
		ROW(features_are_refused),
		ROW(failures_ask_for_a_reset),
		ROW(odd_accesses),
		ROW(device_config),
		ROW(config_changes_are_seen),
		ROW(pci_cfg_window),
		ROW(notifications_reach_enabled_queues),
	};

	return cmocka_run_group_tests_name("virtio_pci", tests, NULL, NULL);
}
