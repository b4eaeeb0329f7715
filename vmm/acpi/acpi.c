/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which ACPI tables the machine has, and where: RSDP, XSDT and what they point to. */
#include "acpi/acpi.h"

#include "acpi/acpi_table.h"
#include "layout.h"
#include "pci/host.h"

#include <errno.h>
#include <string.h>

enum {
	MAX_TABLES = VM_MAX_SEGMENTS + 8,
};

struct rsdp {
	char signature[8];
	uint8_t checksum;
	char oem_id[6];
	uint8_t revision;
	uint32_t rsdt;
	uint32_t length;
	uint64_t xsdt;
	uint8_t extended_checksum;
	uint8_t reserved[3];
} __attribute__((packed));
_Static_assert(sizeof(struct rsdp) == 36, "RSDP of ACPI 2.0");

struct table_list {
	uint64_t gpa[MAX_TABLES];
	size_t n;
};

static void list(struct table_list *tables, uint64_t gpa)
{
	tables->gpa[tables->n++] = gpa;
}

static uint64_t add_xsdt(struct acpi_writer *w, const struct table_list *tables)
{
	size_t size = sizeof(struct acpi_header) + tables->n * sizeof(uint64_t);
	uint64_t gpa;
	struct acpi_header *h = acpi_reserve(w, size, &gpa);

	if (!h)
		return 0;
	memcpy(h + 1, tables->gpa, tables->n * sizeof(uint64_t));
	acpi_finish(h, "XSDT", 1, size);
	return gpa;
}

static uint8_t negative_sum(const void *data, size_t len)
{
	const uint8_t *bytes = data;
	uint8_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum = (uint8_t)(sum + bytes[i]);
	return (uint8_t)-sum;
}

static void fill_rsdp(struct rsdp *r, uint64_t xsdt)
{
	memcpy(r->signature, "RSD PTR ", 8);
	memcpy(r->oem_id, "VDPA\0\0", 6);
	r->revision = 2;
	r->length = sizeof(*r);
	r->xsdt = xsdt;
	r->checksum = negative_sum(r, 20);
	r->extended_checksum = negative_sum(r, sizeof(*r));
}

/*
 * A kernel that was started by kexec out of a PVH boot is not told where the RSDP is, and searches
 * for it as with a BIOS: first in the segment that is named here.
 */
static void point_from_bios_area(const struct guest_memory *mem)
{
	const uint16_t segment = LAYOUT_RSDP >> 4;

	_Static_assert(LAYOUT_RSDP % 16 == 0 && LAYOUT_RSDP >> 4 <= UINT16_MAX,
		       "the RSDP begins a segment");
	memcpy(memory_span(mem, LAYOUT_BIOS_EBDA, sizeof(segment)), &segment, sizeof(segment));
}

int acpi_build(const struct guest_memory *mem, const struct acpi_input *input, struct err *e)
{
	struct acpi_writer w = {
		.gpa = LAYOUT_RSDP,
		.room = LAYOUT_ACPI_END - LAYOUT_RSDP,
	};
	struct table_list tables = { .n = 0 };
	uint64_t gpa;

	w.base = memory_span(mem, w.gpa, w.room);
	if (!w.base)
		return err_set(e, -EINVAL, "guest memory is too small: it ends below 1 MiB");
	struct rsdp *rsdp = acpi_reserve(&w, sizeof(*rsdp), &gpa);
	uint64_t dsdt = acpi_add_dsdt(&w);

	list(&tables, acpi_add_fadt(&w, dsdt));
	list(&tables, acpi_add_madt(&w, &input->config->cpus));
	list(&tables, acpi_add_mcfg(&w, input->n_segments));
	for (unsigned int i = 0; i < input->n_segments; i++)
		list(&tables, acpi_add_pci_segment(&w, &input->segments[i]));
	if (input->config->serial.mode != CONSOLE_OFF)
		list(&tables, acpi_add_com1(&w));
	if (input->iommu)
		list(&tables, acpi_add_viot(&w, input->iommu));
	uint64_t xsdt = add_xsdt(&w, &tables);

	if (w.room == 0)
		return err_set(e, -ENOSPC, "the ACPI tables of %u PCI segments do not fit",
			       input->n_segments);
	fill_rsdp(rsdp, xsdt);
	point_from_bios_area(mem);
	return 0;
}
