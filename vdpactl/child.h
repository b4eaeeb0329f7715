/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Other programs, run in the foreground. */
#pragma once

#include "base/err.h"

#include <sys/types.h>

/* Waits for a child; its exit status, or 128 + the signal that ended it. */
int child_wait(pid_t pid);

/* Runs a line with the user's shell on this program's terminal and waits: its exit status, or
 * negative errno when it could not be started. */
int child_shell(const char *line, struct err *e);
