/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ctrl-C, and what else ends this process, held back while a command must not stay half done. */
#pragma once

#include "base/err.h"

#include <signal.h>

/* From here on they wait, unless they are ignored, and SIGCHLD for who waits for it (sigwaitinfo);
 * *before takes the mask that signals_release sets again. */
int signals_hold(sigset_t *before, struct err *e);

/* What waited does what it does. */
void signals_release(const sigset_t *before);

/* Shall this process end? Failing so, a command takes back what it has done so far. */
bool signals_ask_to_end(void);

/* -EINTR if signals_ask_to_end. */
int signals_check(struct err *e);
