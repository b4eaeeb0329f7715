/* SPDX-License-Identifier: GPL-3.0-or-later */
/* System control port B, where a guest looks for the cause of an NMI. */
#pragma once

#include "base/err.h"
#include "io_bus.h"

struct port_b {
	struct io_range range;
};

/* Puts it on the bus, which borrows it to its end. -EEXIST, -ENOMEM. */
int port_b_add(struct port_b *port, struct io_bus *pio, struct err *e);
