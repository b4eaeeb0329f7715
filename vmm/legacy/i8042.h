/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Of the keyboard controller, the command that resets the machine. */
#pragma once

#include "base/err.h"
#include "io_bus.h"

struct machine;

struct i8042 {
	struct io_range range;
	struct machine *machine; /* borrowed */
};

/* Puts it on the machine's bus, which borrows it to its end. -EEXIST, -ENOMEM. */
int i8042_add(struct i8042 *port, struct machine *m, struct err *e);
