/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A 16550A serial port at COM1. */
#pragma once

#include "base/err.h"
#include "console_backend.h"
#include "snapshot/state.h"

struct irq;
struct io_bus;
struct serial;

/* Puts the port on the bus; all but the two are borrowed and outlive it. */
int serial_create(struct io_bus *pio, struct irq *irq, struct console_backend *backend,
		  struct serial **out, struct err *e);

/* Writes or reads what the guest can see, while no vCPU runs. */
void serial_state(struct serial *s, const struct state *state);
void serial_destroy(struct serial *serial);
