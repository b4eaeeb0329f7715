/* SPDX-License-Identifier: GPL-3.0-or-later */
/* BAR registers and the decoding that follows from them; used inside vmm/pci/ only. */
#pragma once

#include "pci/pci.h"

/* Configuration space accesses of the guest; any size of 1, 2 and 4. Callers serialise writes. */
uint32_t pci_config_read(struct pci_function *fn, unsigned int offset, unsigned int size);
void pci_config_write(struct pci_function *fn, unsigned int offset, unsigned int size,
		      uint32_t value);

/* Sets a BAR to the address that the host bridge gave it; nothing is decoded yet. */
void pci_bar_assign(struct pci_function *fn, unsigned int bar, uint64_t address);

/* Makes decoding agree with the command register and the BARs. */
void pci_bars_update(struct pci_function *fn);

/* Takes every BAR off the buses, whatever the guest enabled. */
void pci_bars_unmap(struct pci_function *fn);
