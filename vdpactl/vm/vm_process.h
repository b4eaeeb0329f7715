/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The VMM's process: in the foreground, or behind a keeper that outlives the shell. */
#pragma once

#include "session.h"
#include "vm/vm_launch.h"

/* Both take over the folder: what the VM needs no more is removed when the VMM has ended. Signals
 * must be held (held_signals.h); -EINTR where one had asked this process to end before the VMM ran,
 * or, detached, before it answered. */

/* Runs the VMM on this terminal until it ends, and passes SIGTERM and SIGHUP on to it; its failure
 * is -EIO. */
int vm_process_foreground(struct session *s, const struct vm_launch *l, char *const *argv,
			  struct err *e);

/*
 * Leaves the VMM running under a keeper process, which cleans up after it: a VM that ends well
 * takes its folder along, one that fails leaves it with the log. Returns when the API answers, or
 * with the VMM's own words when it ended before.
 */
int vm_process_detach(struct session *s, const struct vm_launch *l, char *const *argv,
		      struct err *e);
