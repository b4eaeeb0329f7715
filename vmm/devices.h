/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The virtio devices of a machine: made in the order of the table in device_kinds.c. */
#pragma once

#include "base/err.h"
#include "machine.h"

struct virtio_device;

struct machine_device {
	struct machine_device *next;     /* the one made before */
	struct machine *machine;         /* borrowed */
	struct pci_function *fn;         /* owned, with its virtio device; NULL: not made yet */
	struct virtio_device *dev;       /* owned while fn is NULL */
	struct iommu_endpoint *endpoint; /* the virtio-iommu's; NULL: not behind it */
	bool removable, leaving;
};

/* Makes every device of the configuration; on failure all that were made are gone again. */
int devices_create(struct machine *m, struct err *e);

/* How many there are, those on their way out too. */
size_t devices_count(const struct machine *m);

/* Writes the ACPI tables, which speak of the devices. */
int devices_describe(struct machine *m, struct err *e);

/* In reverse order. */
void devices_destroy(struct machine *m);

/* Called on the vCPU's thread for a function that the guest ejected. */
void devices_ejected(struct machine *m, struct pci_function *fn);
