/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kinds of virtio devices that a configuration can ask for. */
#include "device_kinds.h"

static size_t count_console(const struct vm_config *config)
{
	return config->console.mode != CONSOLE_OFF;
}

static const struct pci_config *place_console(const struct vm_config *config, size_t i _unused_)
{
	return &config->console.pci;
}

static int create_console(struct machine_device *d, const struct vm_config *config,
			  size_t i _unused_, const struct virtio_host *host, struct err *e)
{
	struct console_backend **backend = &d->machine->consoles->console;
	int ret = 0;

	if (!*backend)
		ret = console_backend_open(&config->console, "console", host->loop, backend, e);
	return ret < 0 ? ret : virtio_console_create(&config->console, *backend, host, &d->dev, e);
}

static size_t count_disks(const struct vm_config *config)
{
	return config->n_disks;
}

static const struct pci_config *place_disk(const struct vm_config *config, size_t i)
{
	return &config->disks[i].pci;
}

static int create_disk(struct machine_device *d, const struct vm_config *config, size_t i,
		       const struct virtio_host *host, struct err *e)
{
	return virtio_blk_create(&config->disks[i], host, &d->dev, e);
}

static size_t count_rng(const struct vm_config *config)
{
	return config->rng.src != NULL;
}

static const struct pci_config *place_rng(const struct vm_config *config, size_t i _unused_)
{
	return &config->rng.pci;
}

static int create_rng(struct machine_device *d, const struct vm_config *config, size_t i _unused_,
		      const struct virtio_host *host, struct err *e)
{
	return virtio_rng_create(&config->rng, host, &d->dev, e);
}

static size_t count_vdpas(const struct vm_config *config)
{
	return config->n_vdpas;
}

static const struct pci_config *place_vdpa(const struct vm_config *config, size_t i)
{
	return &config->vdpas[i].pci;
}

static int create_vdpa(struct machine_device *d, const struct vm_config *config, size_t i,
		       const struct virtio_host *host, struct err *e)
{
	return virtio_vdpa_create(&config->vdpas[i], host, &d->dev, e);
}

const struct device_kind device_kinds[KINDS] = {
	[KIND_CONSOLE] = {
		.what = "console",
		.count = count_console,
		.place = place_console,
		.create = create_console,
	},
	[KIND_DISK] = {
		.what = "disk",
		.count = count_disks,
		.place = place_disk,
		.create = create_disk,
		.narrow_bar = true,
		.removable = true,
	},
	[KIND_RNG] = {
		.what = "rng",
		.count = count_rng,
		.place = place_rng,
		.create = create_rng,
	},
	[KIND_VDPA] = {
		.what = "vdpa",
		.count = count_vdpas,
		.place = place_vdpa,
		.create = create_vdpa,
		.removable = true,
	},
};
