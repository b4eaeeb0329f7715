/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Waiting for what the kernel does in its own time; -EINTR where signals are held (held_signals.h)
 * and one asks this process to end. */
#pragma once

#include "base/err.h"

enum {
	WAIT_TIMEOUT_MS = 10000,
	WAIT_STEP_MS = 20
};

/* Until the character device of device `name` is there; -ETIMEDOUT with the reason. */
int wait_for_node(const char *name, struct err *e);

/* Until device `name` is gone from sysfs; -ETIMEDOUT. */
int wait_until_gone(const char *name, struct err *e);
