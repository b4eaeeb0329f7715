/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ACPI hot-plug controller of all PCI segments. */
#pragma once

#include "base/err.h"
#include "config/vm_config.h"
#include "io_bus.h"
#include "pci/pci.h"

#include <pthread.h>

struct machine;

/* The guest gave a function back; it reads as absent already. On the vCPU's thread. */
typedef void (*pci_ejected_fn)(struct machine *m, struct pci_function *fn);

struct pci_hotplug {
	struct io_range range;
	struct machine *machine; /* borrowed */
	pci_ejected_fn ejected;
	pthread_mutex_t lock; /* all below */
	uint32_t selector;
	/* Slots that came and that shall go, since the guest's last look. */
	uint32_t up[VM_MAX_SEGMENTS], down[VM_MAX_SEGMENTS];
};

/* Puts the controller on the machine's bus, which borrows it until pci_hotplug_remove; that is to
 * be called after a failure (-EEXIST, -ENOMEM) too. */
int pci_hotplug_add(struct pci_hotplug *hotplug, struct machine *m, pci_ejected_fn ejected,
		    struct err *e);
/* Does nothing to one that is all zero. */
void pci_hotplug_remove(struct pci_hotplug *hotplug);

/* Writes or reads what the guest can see, while no vCPU runs. */
void pci_hotplug_state(struct pci_hotplug *hotplug, const struct state *s);

/* A function was put on its segment: tells the guest. */
void pci_hotplug_came(struct pci_hotplug *hotplug, const struct pci_function *fn);

/* Asks the guest to give a function back. */
void pci_hotplug_request_removal(struct pci_hotplug *hotplug, const struct pci_function *fn);
