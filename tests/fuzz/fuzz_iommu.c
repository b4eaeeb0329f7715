/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests to virtio-iommu, with two devices whose kernel sides must agree with its books. */
#include "fake_transport.h"

#include "fuzz_input.h"
#include "virtio/iommu_internal.h"

#include <errno.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	DEVICES = 2,
	MAX_RANGES = 256,
	MAX_STEPS = 200,
	TAIL_AT = FAKE_DATA + 0x1000,
};

struct device {
	struct virtio_device virtio;
	struct iommu_mapping ranges[MAX_RANGES];
	unsigned int n;
	bool in_batch;
};

static int on_map(struct virtio_device *dev, uint64_t iova, uint64_t gpa, uint64_t size,
		  enum dma_access access, struct err *e)
{
	struct device *d = container_of(dev, struct device, virtio);

	if (!d->in_batch || !size || d->n == MAX_RANGES)
		abort();
	for (unsigned int i = 0; i < d->n; i++)
		if (d->ranges[i].first <= iova + (size - 1) && iova <= d->ranges[i].last)
			abort();
	/* As a device would that does not reach so far. */
	if (gpa >> 60)
		return err_set(e, -EFAULT, "no RAM there");
	d->ranges[d->n++] = (struct iommu_mapping){
		.first = iova, .last = iova + (size - 1), .gpa = gpa, .access = access
	};
	return 0;
}

static int on_unmap(struct virtio_device *dev, uint64_t iova, uint64_t size, struct err *e _unused_)
{
	struct device *d = container_of(dev, struct device, virtio);

	for (unsigned int i = 0; i < d->n; i++)
		if (d->ranges[i].first == iova && d->ranges[i].last == iova + (size - 1)) {
			d->ranges[i] = d->ranges[--d->n];
			return 0;
		}
	abort();
}

static void on_batch(struct virtio_device *dev, bool begin)
{
	struct device *d = container_of(dev, struct device, virtio);

	if (d->in_batch == begin)
		abort();
	d->in_batch = begin;
}

static const struct virtio_ops device_ops = {
	.iommu_map = on_map,
	.iommu_unmap = on_unmap,
	.iommu_batch = on_batch,
};

struct fixture {
	struct fake_guest guest;
	struct fake_transport transport;
	struct virtio_device *iommu;
	struct iommu_endpoint *endpoints[DEVICES];
	struct device devices[DEVICES];
};

static void check_spaces(struct fixture *f)
{
	for (unsigned int i = 0; i < DEVICES; i++) {
		uint64_t len = 4096;
		uint8_t *p = f->endpoints[i] ? dma_span(iommu_endpoint_space(f->endpoints[i]),
							0x1000, &len, DMA_WRITE)
					     : NULL;
		const struct memory_region *low = f->guest.memory.regions;

		if (f->devices[i].in_batch)
			abort();
		if (p && (p < low->hva || p + len > low->hva + FAKE_LOW + FAKE_HIGH))
			abort();
	}
}

static void request(struct fixture *f, struct fuzz_input *in)
{
	uint8_t len = fuzz_u8(in) % 80, room = fuzz_u8(in);
	uint16_t *avail = fake_at(&f->guest, FAKE_AVAIL);

	fuzz_bytes(in, fake_at(&f->guest, FAKE_DATA), len);
	fake_desc(&f->guest, FAKE_RING, 0, FAKE_DATA, len, VRING_DESC_F_NEXT, 1);
	fake_desc(&f->guest, FAKE_RING, 1, TAIL_AT, room < 128 ? 4 : room * 4u, VRING_DESC_F_WRITE,
		  0);
	avail[2 + avail[1] % 16] = 0;
	avail[1]++;
	f->iommu->ops->notify(f->iommu, IOMMU_REQUESTS);
	if (f->iommu->queues[0].broken) {
		f->iommu->ops->reset(f->iommu);
		f->iommu->status = 0;
		memset(fake_at(&f->guest, FAKE_RING), 0, 0x8000);
		virtqueue_reset(&f->iommu->queues[0]);
		fake_activate(f->iommu, 16, f->iommu->offered);
	}
}

static void step(struct fixture *f, struct fuzz_input *in)
{
	uint8_t what = fuzz_u8(in), value = what >> 7;
	unsigned int i = (what >> 4) % DEVICES;

	switch (what % 16) {
	case 0:
		f->iommu->ops->config_write(f->iommu, offsetof(struct virtio_iommu_config, bypass),
					    &value, 1);
		break;
	case 1:
		f->iommu->ops->reset(f->iommu);
		break;
	case 2:
		virtio_iommu_remove_endpoint(f->endpoints[i]);
		f->endpoints[i] = NULL;
		f->devices[i].n = 0;
		f->devices[i].in_batch = false;
		break;
	case 3:
		if (f->endpoints[i] || virtio_iommu_add_endpoint(f->iommu, &f->endpoints[i], NULL))
			break;
		iommu_endpoint_bind(f->endpoints[i], 8 * (i + 1), &f->devices[i].virtio);
		break;
	default:
		request(f, in);
		break;
	}
	check_spaces(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fixture f;
	static char name[] = "_dev";
	struct fuzz_input in = { .at = data, .end = data + size };
	struct virtio_host host = { .dma = &f.guest.dma };

	if (!f.guest.memory.size)
		fake_guest_init(&f.guest);
	memset(fake_at(&f.guest, FAKE_RING), 0, 0x8000);
	if (virtio_iommu_create("__iommu", fuzz_u8(&in) & 1 ? 48 : 64, &host, &f.iommu, NULL))
		return 0;
	fake_attach(f.iommu, &f.transport);
	fake_activate(f.iommu, 16, f.iommu->offered);
	for (unsigned int i = 0; i < DEVICES; i++) {
		f.devices[i] = (struct device){ .virtio.ops = &device_ops };
		f.devices[i].virtio.id = name;
		pthread_mutex_init(&f.devices[i].virtio.lock, NULL);
		if (virtio_iommu_add_endpoint(f.iommu, &f.endpoints[i], NULL))
			abort();
		iommu_endpoint_bind(f.endpoints[i], 8 * (i + 1), &f.devices[i].virtio);
	}
	for (unsigned int n = 0; n < MAX_STEPS && fuzz_more(&in); n++)
		step(&f, &in);
	virtio_device_destroy(f.iommu);
	return 0;
}
