/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The controlling terminal in raw mode, and back, whatever ends the process. */
#pragma once

#include "base/err.h"

#include <stdbool.h>

/*
 * Makes the terminal on standard input raw when there is one and this process is in its
 * foreground; *raw says so. From then on fatal signals restore it.
 */
int terminal_make_raw(bool *raw, struct err *e);

/* Async-signal-safe, any thread; nothing when it is not raw. */
void terminal_restore(void);
