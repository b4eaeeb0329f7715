/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The PCI core's side of MSI-X (PCI 3.0, 6.8.2); used inside vmm/pci/ only. */
#pragma once

#include "pci/pci.h"

/* Accesses to table and PBA; false when the offset is neither. */
bool msix_read(struct msix *msix, unsigned int bar, uint64_t offset, unsigned int size,
	       uint64_t *value);
bool msix_write(struct msix *msix, unsigned int bar, uint64_t offset, unsigned int size,
		uint64_t value);

/* The message control register may have changed; called with the function's lock held. */
void msix_control_changed(struct msix *msix);

/* Table and pending bits, written or read; the control register is there already. Locked, too. */
void msix_state(struct msix *msix, const struct state *s);

void msix_fini(struct msix *msix);
