/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ACPI port behind reset, sleep control and sleep status (ACPI 6.4, 4.8.3.6 and 4.8.3.7). */
#include "legacy/power.h"

#include "layout.h"
#include "machine.h"

enum {
	RESET = 1,
	SLEEP_ENABLE = 1 << 5,
	SLEEP_TYPE_S5 = 5,
};

static uint64_t power_read(struct io_range *range _unused_, uint64_t offset _unused_,
			   unsigned int size _unused_)
{
	return 0;
}

static void power_write(struct io_range *range, uint64_t offset _unused_,
			unsigned int size _unused_, uint64_t value)
{
	struct machine *m = container_of(range, struct power_port, range)->machine;

	if (value & RESET)
		machine_request(m, MACHINE_EVENT_RESET);
	else if ((value & SLEEP_ENABLE) && (value >> 2 & 7) == SLEEP_TYPE_S5)
		machine_request(m, MACHINE_EVENT_POWER_OFF);
}

static const struct io_ops power_io = { .read = power_read, .write = power_write };

int power_port_add(struct power_port *port, struct machine *m, struct err *e)
{
	*port = (struct power_port){
		.range = { .base = LAYOUT_PORT_RESET, .size = 1, .ops = &power_io },
		.machine = m,
	};
	return io_bus_add(&m->pio, &port->range, e);
}
