/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sections of a VM's configuration, in the order in which they are printed. */
#include "config/vm_options.h"

#include <string.h>

const struct option_section *const vm_sections[] = {
	&vm_section_vm,
	&vm_section_cpus,
	&vm_section_memory,
	&vm_section_payload,
	&vm_section_disk,
	&vm_section_vdpa,
	&vm_section_console,
	&vm_section_serial,
	&vm_section_rng,
	&vm_section_platform,
	&vm_section_pci_segment,
	&vm_section_landlock_rules,
	NULL,
};

const struct option_section *vm_section_find(const char *name)
{
	for (const struct option_section *const *s = vm_sections; *s; s++)
		if (strcmp((*s)->name, name) == 0)
			return *s;
	return NULL;
}
