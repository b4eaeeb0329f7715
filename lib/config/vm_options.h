/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sections of a VM's configuration, in the order in which they are printed. */
#pragma once

#include "config/option.h"

extern const struct option_section vm_section_vm, vm_section_cpus, vm_section_memory,
	vm_section_payload, vm_section_disk, vm_section_vdpa, vm_section_console, vm_section_serial,
	vm_section_rng, vm_section_platform, vm_section_pci_segment, vm_section_landlock_rules;

/* All of them; NULL at the end. */
extern const struct option_section *const vm_sections[];

/* By its name, NULL when there is none. */
const struct option_section *vm_section_find(const char *name);
