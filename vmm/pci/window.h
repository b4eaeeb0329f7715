/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How segments share the machine's PCI address space, and where in it a function's BARs go. */
#pragma once

#include "pci/host.h"

/* Gives each segment its part of the 32-bit and 64-bit space, by the configured weights. */
void pci_windows_share(struct pci_segment *segments, unsigned int n, const struct vm_config *config,
		       unsigned int phys_bits);

/* Finds and sets an address for every BAR; `assigned` gets them. -ENOSPC when a window is full. */
int pci_window_place(struct pci_segment *segment, struct pci_function *fn,
		     uint64_t assigned[PCI_BARS], struct err *e);
