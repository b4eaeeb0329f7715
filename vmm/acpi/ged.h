/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The generic event device: tells the guest's ACPI what happened. */
#pragma once

#include "base/err.h"
#include "io_bus.h"
#include "snapshot/state.h"

#include <stdatomic.h>

struct machine;

enum {
	GED_PCI_HOTPLUG = 4,
	GED_POWER_BUTTON = 8,
};

struct ged {
	struct io_range range;
	struct machine *machine; /* borrowed */
	atomic_uint flags;       /* since the guest's last read */
};

/* Puts it on the machine's bus, which borrows it to its end. -EEXIST, -ENOMEM. */
int ged_add(struct ged *ged, struct machine *m, struct err *e);

/* Writes or reads what the guest can see, while no vCPU runs. */
void ged_state(struct ged *ged, const struct state *s);

/* Sets a flag and interrupts the guest. Any thread. */
void ged_raise(struct ged *ged, unsigned int flag);
