/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A function's configuration space as guest memory that only reads: reading it costs no exit. */
#pragma once

#include "pci/pci.h"

/*
 * Shows `fn`, which is on its segment, at its ECAM address; writes still come as MMIO. Where KVM
 * cannot do that, reads come as MMIO, too: no error. All of these are called with the host
 * bridge's lock held.
 */
void config_page_show(struct pci_function *fn);

/* After every change of the configuration space. */
void config_page_update(struct pci_function *fn);

/* Back to exits: the function is gone, or reads of it have side effects now. */
void config_page_hide(struct pci_function *fn);
