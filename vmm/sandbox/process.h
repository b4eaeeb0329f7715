/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the process takes off before it meets anything foreign. */
#pragma once

#include "base/err.h"

#include <stddef.h>

/*
 * Closes every descriptor that the parent left open, except standard input, output and error and
 * the `n` given ones (those of fd=N options, which are open); opens /dev/null where one of the
 * first three is missing, so that no device gets its number.
 */
int process_close_inherited(const int *keep, size_t n, struct err *e);

/* umask 077, SIGCHLD and SIGPIPE ignored, no_new_privs, and a descriptor table that grows once,
 * now. Before any thread starts. */
int process_confine(struct err *e);
