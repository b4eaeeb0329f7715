/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The guest's time, which stands still with the guest: its paravirtual clock and its time-stamp
 * counters are stopped and go on together, so that neither seems to run away from the other.
 */
#pragma once

#include "base/err.h"
#include "snapshot/state.h"

#include <stdbool.h>
#include <stdint.h>

struct machine;

struct guest_clock {
	bool stopped;
	/* At one moment: the paravirtual clock in ns, and the counter of the first vCPU. */
	uint64_t ns, tsc;
};

/* No vCPU is running. A KVM that cannot set the counters' offsets lets time go on. */
int guest_clock_stop(struct machine *m, struct err *e);
int guest_clock_go_on(struct machine *m, struct err *e);

/* Writes or reads a clock that stands, behind the state of the vCPUs. */
void guest_clock_state(struct machine *m, const struct state *s);
