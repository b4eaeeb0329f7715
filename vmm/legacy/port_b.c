/* SPDX-License-Identifier: GPL-3.0-or-later */
/* System control port B, where a guest looks for the cause of an NMI. */
#include "legacy/port_b.h"

#include "layout.h"

enum {
	/* Output of the timer that is not there. A guest that measures its TSC against it waits
	 * for this bit; bits 6 and 7 stay clear, for they would blame an NMI on the hardware. */
	TIMER2_OUT = 1 << 5,
};

static uint64_t port_read(struct io_range *range _unused_, uint64_t offset _unused_,
			  unsigned int size _unused_)
{
	return TIMER2_OUT;
}

static void port_write(struct io_range *range _unused_, uint64_t offset _unused_,
		       unsigned int size _unused_, uint64_t value _unused_)
{
}

static const struct io_ops port_io = { .read = port_read, .write = port_write };

int port_b_add(struct port_b *port, struct io_bus *pio, struct err *e)
{
	port->range = (struct io_range){ .base = LAYOUT_PORT_B, .size = 1, .ops = &port_io };
	return io_bus_add(pio, &port->range, e);
}
