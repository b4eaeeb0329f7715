/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A machine of two virtio functions and nothing else, for one program: irq.c is replaced. */
#pragma once

#include "fake_guest.h"
#include "fake_irq.h"

#include "fuzz_input.h"
#include "layout.h"
#include "machine.h"
#include "pci/host.h"
#include "virtio/devices.h"
#include "virtio/iommu.h"
#include "virtio/virtio_pci.h"

#include <stdlib.h>

enum {
	FUNCTIONS = 2,
	MAX_STEPS = 400,
};

struct fixture {
	struct machine machine;
	struct fake_guest guest;
	struct virtio_device *devices[FUNCTIONS];
	struct pci_function *functions[FUNCTIONS];
};

static inline void plug(struct fixture *f, unsigned int i)
{
	const struct pci_config anywhere = { .device_id = PCI_DEVICE_AUTO };
	struct virtio_pci *vpci;

	if (virtio_pci_create(&f->machine, f->devices[i], i, !i, &vpci, NULL))
		abort();
	f->functions[i] = virtio_pci_function(vpci);
	f->functions[i]->ejectable = true;
	if (pci_host_add(f->machine.pci, f->functions[i], &anywhere, NULL))
		abort();
}

static inline void set_up(struct fixture *f)
{
	static char zero[] = "/dev/zero", id[] = "_rng";
	const struct rng_config rng = { .src = zero, .pci.id = id };
	struct machine *m = &f->machine;
	struct virtio_host host = { .dma = &f->guest.dma, .loop = m->loop };

	m->config.platform.num_pci_segments = 1;
	m->config.memory.size = 1 << 30;
	if (!m->loop) {
		fake_guest_init(&f->guest);
		if (event_loop_create(&m->loop, NULL))
			abort();
		host.loop = m->loop;
	}
	if (io_bus_init(&m->pio, NULL) || io_bus_init(&m->mmio, NULL) ||
	    pci_host_create(m, 40, &m->pci, NULL) ||
	    virtio_rng_create(&rng, &host, &f->devices[0], NULL) ||
	    virtio_iommu_create("__iommu", 48, &host, &f->devices[1], NULL))
		abort();
	for (unsigned int i = 0; i < FUNCTIONS; i++)
		plug(f, i);
}

static inline void tear_down(struct fixture *f)
{
	pci_host_destroy(f->machine.pci);
	if (f->machine.mmio.n || f->machine.pio.n)
		abort();
	io_bus_destroy(&f->machine.pio);
	io_bus_destroy(&f->machine.mmio);
}

static inline void access_bus(struct io_bus *bus, uint64_t address, struct fuzz_input *in)
{
	unsigned int size = fuzz_width(in);
	uint64_t value = 0;

	if (fuzz_u8(in) & 1) {
		io_bus_read(bus, address, size, &value);
	} else {
		fuzz_bytes(in, &value, size);
		io_bus_write(bus, address, size, value);
	}
}

/* What the main loop does after a kick. */
static inline void serve(struct virtio_device *dev)
{
	pthread_mutex_lock(&dev->lock);
	for (unsigned int i = 0; i < dev->n_queues && dev->activated; i++)
		if (dev->queues[i].enabled)
			dev->ops->notify(dev, i);
	pthread_mutex_unlock(&dev->lock);
}

static inline void step(struct fixture *f, struct fuzz_input *in)
{
	struct io_bus *mmio = &f->machine.mmio;
	uint8_t what = fuzz_u8(in);
	uint16_t at = fuzz_u16(in);
	unsigned int i = what >> 7;

	switch (what % 8) {
	case 0:
		access_bus(mmio, LAYOUT_ECAM_START + ((i + 1u) << 15) + at % 4096, in);
		break;
	case 1:
		access_bus(mmio, LAYOUT_ECAM_START + fuzz_u32(in) % (2 * LAYOUT_ECAM_BUS), in);
		break;
	case 2:
		/* Wherever its BAR is now. */
		access_bus(mmio, f->functions[i]->bars[0].range.base + at % 64, in);
		break;
	case 3:
		access_bus(mmio, f->functions[i]->bars[0].range.base + 8u * at, in);
		break;
	case 4:
		serve(f->devices[i]);
		break;
	case 5:
		fuzz_bytes(in, fake_at(&f->guest, at), 16);
		break;
	case 6:
		access_bus(mmio, fuzz_u64(in), in);
		break;
	default:
		f->functions[i]->ops->reset(f->functions[i]);
		break;
	}
}
