/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Puts kernel, initramfs and command line into guest memory for a direct boot, without firmware. */
#pragma once

#include "base/err.h"
#include "config/vm_config.h"
#include "memory.h"
#include "vcpu.h"

/*
 * Loads an ELF vmlinux with a PVH note or a bzImage, each straight into guest memory. The ACPI
 * tables are expected at LAYOUT_RSDP. Nothing in the files is trusted; errors name the file.
 */
int boot_load(const struct guest_memory *mem, const struct payload_config *payload,
	      struct boot_entry *entry, struct err *e);
