/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests to virtio-blk on a small file: any head, any buffers, any split between them. */
#include "fake_transport.h"

#include "fuzz_input.h"
#include "virtio/blk_internal.h"

#include <stdlib.h>
#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	SECTORS = 64,
	HEAD_AT = 0x30000,
	MAX_REQUESTS = 32,
	MAX_PARTS = 8,
};

struct fixture {
	struct fake_guest guest;
	struct fake_transport transport;
	struct event_loop *loop;
	struct virtio_device *dev;
};

/* One device for all inputs: each starts with a reset. */
static void set_up(struct fixture *f)
{
	static char id[] = "_disk0", path[32];
	const struct disk_config config = {
		.pci.id = id, .path = path, .queue_size = 128, .num_queues = 1
	};
	int fd = memfd_create("disk", MFD_CLOEXEC);
	struct err e = { 0 };

	fake_guest_init(&f->guest);
	if (fd < 0 || ftruncate(fd, SECTORS * 512) < 0 || event_loop_create(&f->loop, NULL))
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	const struct virtio_host host = { .dma = &f->guest.dma, .loop = f->loop };

	if (virtio_blk_create(&config, &host, &f->dev, &e))
		abort();
	fake_attach(f->dev, &f->transport);
}

static uint64_t address(struct fuzz_input *in)
{
	uint8_t where = fuzz_u8(in);

	switch (where % 4) {
	case 0:
		return FAKE_LOW - where;
	case 1:
		return fuzz_u64(in);
	case 2:
		return FAKE_HIGH_GPA + where * 16u;
	default:
		return FAKE_DATA + where * 512u;
	}
}

static void request(struct fixture *f, struct fuzz_input *in)
{
	uint8_t parts = (uint8_t)(1 + fuzz_u8(in) % MAX_PARTS), how = fuzz_u8(in);
	uint8_t head_len = how & 1 ? fuzz_u8(in) % 40 : 16;

	fuzz_bytes(in, fake_at(&f->guest, HEAD_AT), how & 2 ? 32 : 9);
	fake_desc(&f->guest, FAKE_RING, 0, HEAD_AT, head_len, VRING_DESC_F_NEXT, 1);
	for (uint16_t i = 1; i <= parts; i++)
		fake_desc(&f->guest, FAKE_RING, i, address(in),
			  how & 4 ? fuzz_u32(in) : fuzz_u8(in) * 64u,
			  (uint16_t)(VRING_DESC_F_NEXT | (how & 8 ? VRING_DESC_F_WRITE : 0)),
			  (uint16_t)(i + 1));
	fake_desc(&f->guest, FAKE_RING, (uint16_t)(parts + 1), HEAD_AT + 0x100,
		  how & 16 ? fuzz_u8(in) : 1, VRING_DESC_F_WRITE, 0);
	fake_offer(&f->guest, 16, 0);
	f->dev->ops->notify(f->dev, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fixture f;
	struct fuzz_input in = { .at = data, .end = data + size };

	if (!f.dev)
		set_up(&f);
	memset(fake_at(&f.guest, FAKE_RING), 0, 0x8000);
	fake_activate(f.dev, 16, f.dev->offered);
	for (unsigned int n = 0; n < MAX_REQUESTS && fuzz_more(&in); n++)
		request(&f, &in);
	f.dev->ops->reset(f.dev);
	if (to_blk(f.dev)->in_flight)
		abort();
	virtqueue_reset(&f.dev->queues[0]);
	f.dev->queues[0].max_size = 128;
	f.dev->status = 0;
	f.dev->complaints = 0;
	f.dev->activated = false;
	return 0;
}
