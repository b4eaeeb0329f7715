/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of vm_config_check. */
#pragma once

#include "config/option.h"
#include "config/vm_config.h"
#include "config/vm_options.h"

/* Puts the place of a value in front of the error just set; returns its code. */
int check_refuse(const struct vm_config *config, const struct option_section *section, size_t index,
		 const char *key, struct err *e);

/* Identifiers, segments, slots. */
int check_pci_devices(struct vm_config *config, struct err *e);

/* Disks, vDPA devices, consoles. */
int check_device_options(struct vm_config *config, struct err *e);
