/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The modern virtio-pci transport (virtio 1.2, 4.1). */
#pragma once

#include "config/vm_config.h"
#include "pci/pci.h"
#include "virtio/virtio.h"

struct virtio_pci;

/*
 * Wraps `dev` (taken over; destroyed with the function) into a PCI function that is not on a bus
 * yet. `ports`: the bus that it goes to has I/O ports, where doorbells are cheapest. On failure
 * `dev` stays the caller's.
 */
int virtio_pci_create(struct machine *machine, struct virtio_device *dev, bool bar_64, bool ports,
		      struct virtio_pci **out, struct err *e);

/* Writes or reads the guest-visible state of the function and its device, while no vCPU runs. A
 * device that was active when it was written is active again, and paused. Main thread. */
void virtio_pci_state(struct pci_function *fn, const struct state *s);

struct pci_function *virtio_pci_function(struct virtio_pci *vpci);
