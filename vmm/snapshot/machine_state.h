/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All of a machine's state, in one walk over its parts. */
#pragma once

#include "machine.h"
#include "snapshot/snapshot.h"

/* Reads memory and state into a machine that was just built; no vCPU has run. */
int machine_load(struct machine *m, const struct snapshot *from, struct err *e);

/* Where a device was: its slot goes into *place, the width of its BARs into *bar_64. */
int machine_saved_place(const struct snapshot *from, const char *id, struct pci_config *place,
			bool *bar_64, struct err *e);
