/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Other programs, run in the foreground. */
#pragma once

#include "base/err.h"

#include <sys/types.h>

/* Waits for a child; its exit status, or 128 + the signal that ended it. */
int child_wait(pid_t pid);

/* Runs `argv` (found on the PATH) with this program's terminal and waits: its exit status, or
 * negative errno when it could not be started. */
int child_run(char *const *argv, struct err *e);

/* Runs a line with the user's shell, as child_run. */
int child_shell(const char *line, struct err *e);
