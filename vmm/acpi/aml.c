/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables compiled from ASL, with the machine's own numbers put in place of marks. */
#include "acpi/acpi_table.h"
#include "acpi/com1.aml.h"
#include "acpi/dsdt.aml.h"
#include "acpi/pci_segment.aml.h"
#include "pci/host.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum {
	MARK_NUMBER = 0xbeef,
	MARK_IO = 0xc0de,
};

static const uint32_t mark_mmio32 = 0xface0000;
static const uint64_t mark_mmio64 = 0x0badc0de00000000;

static void *append(struct acpi_writer *w, const uint8_t *aml, size_t len, uint64_t *gpa)
{
	void *table = acpi_reserve(w, len, gpa);

	if (table)
		memcpy(table, aml, len);
	return table;
}

/* Recomputes the checksum after changes to a table that is complete otherwise. */
static void seal(void *table, size_t len)
{
	uint8_t *bytes = table, sum = 0;
	struct acpi_header *h = table;

	h->checksum = 0;
	for (size_t i = 0; i < len; i++)
		sum = (uint8_t)(sum + bytes[i]);
	h->checksum = (uint8_t)-sum;
}

uint64_t acpi_add_dsdt(struct acpi_writer *w)
{
	uint64_t gpa = 0;

	append(w, dsdt_aml_code, sizeof(dsdt_aml_code), &gpa);
	return gpa;
}

uint64_t acpi_add_com1(struct acpi_writer *w)
{
	uint64_t gpa = 0;

	append(w, com1_aml_code, sizeof(com1_aml_code), &gpa);
	return gpa;
}

/* Replaces every occurrence of `mark`; both have `len` bytes. */
static void replace(uint8_t *aml, size_t size, const void *mark, const void *by, size_t len)
{
	for (size_t i = sizeof(struct acpi_header); i + len <= size; i++)
		if (memcmp(aml + i, mark, len) == 0)
			memcpy(aml + i, by, len);
}

static void replace_name(uint8_t *aml, size_t size, const char *mark, const char *prefix,
			 unsigned int number)
{
	char name[8];

	snprintf(name, sizeof(name), "%s%02X", prefix, number & 0xff);
	replace(aml, size, mark, name, 4);
}

/* An address space descriptor of `width` bytes a field: min, max, translation, length. */
static void set_window(uint8_t *aml, size_t size, const void *mark, size_t width,
		       const struct pci_window *window)
{
	uint64_t fields[4] = {
		window->start,
		window->size ? window->start + window->size - 1 : window->start,
		0,
		window->size,
	};

	for (size_t i = sizeof(struct acpi_header); i + 4 * width <= size; i++) {
		if (memcmp(aml + i, mark, width) != 0)
			continue;
		for (size_t f = 0; f < 4; f++)
			memcpy(aml + i + f * width, &fields[f], width);
		return;
	}
	assert(!"a window's mark is missing in the table");
}

uint64_t acpi_add_pci_segment(struct acpi_writer *w, const struct pci_segment *segment)
{
	const uint16_t number = MARK_NUMBER, io = MARK_IO;
	size_t size = sizeof(pci_segment_aml_code);
	uint64_t gpa = 0;
	uint8_t *aml = append(w, pci_segment_aml_code, size, &gpa);

	if (!aml)
		return 0;
	set_window(aml, size, &mark_mmio64, sizeof(mark_mmio64), &segment->mmio64);
	set_window(aml, size, &mark_mmio32, sizeof(mark_mmio32), &segment->mmio32);
	set_window(aml, size, &io, sizeof(io), &segment->io);
	replace(aml, size, &number, &segment->number, sizeof(number));
	replace_name(aml, size, "PCSG", "PC", segment->number);
	replace_name(aml, size, "PNSG", "PN", segment->number);
	replace_name(aml, size, "PNNX", "PN", segment->number + 1u);
	seal(aml, size);
	return gpa;
}
