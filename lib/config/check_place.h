/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of vm_config_check, and the devices that they walk over. */
#pragma once

#include "config/option.h"
#include "config/vm_config.h"
#include "config/vm_options.h"

/* A PCI device of the configuration. */
struct config_device {
	const struct option_section *section;
	size_t index;
	struct pci_config *pci; /* borrowed */
	const char *prefix; /* of its automatic identifier; NULL: `fixed_id` is its identifier */
	const char *fixed_id;
};

/* The `i`th device in the order in which slots are given out; false past the last. */
bool config_device_at(struct vm_config *config, size_t i, struct config_device *out);

/* Puts the place of a value in front of the error just set; returns its code. */
int check_refuse(const struct vm_config *config, const struct option_section *section, size_t index,
		 const char *key, struct err *e);

/* Identifiers, segments, slots. */
int check_pci_devices(struct vm_config *config, struct err *e);

/* Disks, vDPA devices, consoles. */
int check_device_options(struct vm_config *config, struct err *e);
