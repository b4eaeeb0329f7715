/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ACPI port behind reset, sleep control and sleep status. */
#pragma once

#include "base/err.h"
#include "io_bus.h"

struct machine;

struct power_port {
	struct io_range range;
	struct machine *machine; /* borrowed */
};

/* Puts it on the machine's bus, which borrows it to its end. -EEXIST, -ENOMEM. */
int power_port_add(struct power_port *port, struct machine *m, struct err *e);
