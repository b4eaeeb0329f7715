/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Of the keyboard controller, the command that resets the machine: `reboot=k` of Linux. */
#include "legacy/i8042.h"

#include "layout.h"
#include "machine.h"

enum {
	COMMAND_RESET = 0xfe,
};

/* Neither busy nor with anything to read: nobody waits before a command. */
static uint64_t status_read(struct io_range *range _unused_, uint64_t offset _unused_,
			    unsigned int size _unused_)
{
	return 0;
}

static void command_write(struct io_range *range, uint64_t offset _unused_,
			  unsigned int size _unused_, uint64_t value)
{
	if (value == COMMAND_RESET)
		machine_request(container_of(range, struct i8042, range)->machine,
				MACHINE_EVENT_RESET);
}

static const struct io_ops port_io = { .read = status_read, .write = command_write };

int i8042_add(struct i8042 *port, struct machine *m, struct err *e)
{
	*port = (struct i8042){
		.range = { .base = LAYOUT_PORT_I8042, .size = 1, .ops = &port_io },
		.machine = m,
	};
	return io_bus_add(&m->pio, &port->range, e);
}
