/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Appends ACPI tables to guest memory; used inside vmm/acpi/ only. */
#pragma once

#include "acpi/acpi.h"

/* What every table begins with (ACPI 6.4, 5.2.6). */
struct acpi_header {
	char signature[4];
	uint32_t length;
	uint8_t revision, checksum;
	char oem_id[6], oem_table_id[8];
	uint32_t oem_revision;
	char creator_id[4];
	uint32_t creator_revision;
} __attribute__((packed));

struct acpi_writer {
	uint8_t *base; /* guest memory */
	uint64_t gpa;
	size_t used, room; /* bytes; `room` is 0 once something did not fit */
};

/* Room for `len` bytes on a 16-byte boundary, cleared; NULL when there is none. */
void *acpi_reserve(struct acpi_writer *w, size_t len, uint64_t *gpa);

/* Fills in a header, its length and the whole table's checksum. */
void acpi_finish(struct acpi_header *h, const char *signature, uint8_t revision, size_t length);

/* Each appends one table and returns its guest-physical address, 0 when there is no room. */
uint64_t acpi_add_dsdt(struct acpi_writer *w);
uint64_t acpi_add_com1(struct acpi_writer *w);
uint64_t acpi_add_pci_segment(struct acpi_writer *w, const struct pci_segment *segment);
uint64_t acpi_add_fadt(struct acpi_writer *w, uint64_t dsdt);
uint64_t acpi_add_madt(struct acpi_writer *w, const struct cpus_config *cpus);
uint64_t acpi_add_mcfg(struct acpi_writer *w, unsigned int n_segments);
uint64_t acpi_add_viot(struct acpi_writer *w, const struct acpi_iommu *iommu);
