/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ACPI tables (6.4) that describe the machine to the guest. */
#pragma once

#include "base/err.h"
#include "config/vm_config.h"
#include "memory.h"

#include <stddef.h>
#include <stdint.h>

struct pci_segment;

/* Endpoints behind the virtio-iommu: functions of one segment, first to last. */
struct acpi_iommu_range {
	uint16_t segment, first, last; /* bus << 8 | slot << 3 */
};

struct acpi_iommu {
	uint16_t segment, bdf;                 /* of the virtio-iommu function */
	const struct acpi_iommu_range *ranges; /* borrowed */
	size_t n_ranges;
};

struct acpi_input {
	const struct vm_config *config;
	const struct pci_segment *segments;
	unsigned int n_segments;
	const struct acpi_iommu *iommu; /* NULL: none */
};

/* Writes the tables into guest memory, the RSDP at LAYOUT_RSDP. -ENOSPC when they do not fit. */
int acpi_build(const struct guest_memory *mem, const struct acpi_input *input, struct err *e);
