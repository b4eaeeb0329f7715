/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kinds of virtio devices that a configuration can ask for. */
#pragma once

#include "devices.h"
#include "virtio/devices.h"

/* One row per kind of device; `i` counts the kind's records in the configuration. */
struct device_kind {
	const char *what; /* for messages */
	size_t (*count)(const struct vm_config *config);
	const struct pci_config *(*place)(const struct vm_config *config, size_t i);
	int (*create)(struct machine_device *d, const struct vm_config *config, size_t i,
		      const struct virtio_host *host, struct err *e);
	bool narrow_bar; /* on segment 0, where 32-bit firmware may look for it */
	bool removable;
};

/* In the order of slots on segment 0. */
enum device_kind_index {
	KIND_CONSOLE,
	KIND_DISK,
	KIND_RNG,
	KIND_VDPA,
	KINDS,
};

extern const struct device_kind device_kinds[KINDS];
