/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ACPI tables that are plain structures (ACPI 6.4, 5.2). */
#include "acpi/acpi_table.h"

#include "base/checked.h"
#include "config/cpu_topology.h"
#include "layout.h"

#include <string.h>

enum {
	FADT_WBINVD = 1 << 0,
	FADT_RESET_REG = 1 << 10,
	FADT_HARDWARE_REDUCED = 1 << 20,
	BOOT_NO_VGA = 1 << 2,
	BOOT_NO_RTC = 1 << 5,
	ADDRESS_SPACE_IO = 1,
	MADT_LAPIC = 0,
	MADT_IOAPIC = 1,
	MADT_LAPIC_NMI = 4,
	VIOT_PCI_RANGE = 1,
	VIOT_VIRTIO_PCI = 3,
};

void *acpi_reserve(struct acpi_writer *w, size_t len, uint64_t *gpa)
{
	size_t at = round_up(w->used, 16);

	if (!range_within(at, len, w->room)) {
		w->room = 0;
		*gpa = 0;
		return NULL;
	}
	w->used = at + len;
	*gpa = w->gpa + at;
	return memset(w->base + at, 0, len);
}

void acpi_finish(struct acpi_header *h, const char *signature, uint8_t revision, size_t length)
{
	const uint8_t *bytes = (const uint8_t *)h;
	uint8_t sum = 0;

	memcpy(h->signature, signature, 4);
	h->length = (uint32_t)length;
	h->revision = revision;
	memcpy(h->oem_id, "VDPA\0\0", 6);
	memcpy(h->oem_table_id, "VDPAVMM\0", 8);
	h->oem_revision = 1;
	memcpy(h->creator_id, "VDPA", 4);
	h->creator_revision = 1;
	h->checksum = 0;
	for (size_t i = 0; i < length; i++)
		sum = (uint8_t)(sum + bytes[i]);
	h->checksum = (uint8_t)-sum;
}

struct generic_address {
	uint8_t space, width, offset, access;
	uint64_t address;
} __attribute__((packed));

struct fadt {
	struct acpi_header header;
	uint8_t before_boot_flags[109 - 36];
	uint16_t boot_flags;
	uint8_t reserved;
	uint32_t flags;
	struct generic_address reset;
	uint8_t reset_value;
	uint16_t arm_flags;
	uint8_t minor;
	uint64_t x_firmware_ctrl, x_dsdt;
	struct generic_address blocks[8];
	struct generic_address sleep_control, sleep_status;
	uint64_t hypervisor;
} __attribute__((packed));
_Static_assert(sizeof(struct fadt) == 276, "FADT of revision 6");

uint64_t acpi_add_fadt(struct acpi_writer *w, uint64_t dsdt)
{
	const struct generic_address port = {
		.space = ADDRESS_SPACE_IO,
		.width = 8,
		.access = 1,
		.address = LAYOUT_PORT_RESET,
	};
	uint64_t gpa;
	struct fadt *t = acpi_reserve(w, sizeof(*t), &gpa);

	if (!t)
		return 0;
	t->boot_flags = BOOT_NO_VGA | BOOT_NO_RTC;
	t->flags = FADT_WBINVD | FADT_RESET_REG | FADT_HARDWARE_REDUCED;
	t->reset = t->sleep_control = t->sleep_status = port;
	t->reset_value = 1;
	t->minor = 3;
	t->x_dsdt = dsdt;
	acpi_finish(&t->header, "FACP", 6, sizeof(*t));
	return gpa;
}

struct madt_lapic {
	uint8_t type, length, uid, apic_id;
	uint32_t flags;
} __attribute__((packed));

struct madt {
	struct acpi_header header;
	uint32_t lapic, flags;
	struct {
		uint8_t type, length, id, reserved;
		uint32_t address, gsi_base;
	} __attribute__((packed)) ioapic;
	struct {
		uint8_t type, length, uid;
		uint16_t flags;
		uint8_t lint;
	} __attribute__((packed)) nmi;
	struct madt_lapic cpus[];
} __attribute__((packed));

uint64_t acpi_add_madt(struct acpi_writer *w, const struct cpus_config *cpus)
{
	size_t size = sizeof(struct madt) + cpus->boot * sizeof(struct madt_lapic);
	uint64_t gpa;
	struct madt *t = acpi_reserve(w, size, &gpa);

	if (!t)
		return 0;
	t->lapic = (uint32_t)LAYOUT_LAPIC;
	t->ioapic.type = MADT_IOAPIC;
	t->ioapic.length = sizeof(t->ioapic);
	t->ioapic.address = (uint32_t)LAYOUT_IOAPIC;
	t->nmi.type = MADT_LAPIC_NMI;
	t->nmi.length = sizeof(t->nmi);
	t->nmi.uid = 0xff; /* all processors */
	t->nmi.lint = 1;
	for (uint32_t i = 0; i < cpus->boot; i++)
		t->cpus[i] = (struct madt_lapic){
			.type = MADT_LAPIC,
			.length = sizeof(t->cpus[i]),
			.uid = (uint8_t)i,
			.apic_id = (uint8_t)cpu_apic_id(cpus, i),
			.flags = 1,
		};
	acpi_finish(&t->header, "APIC", 5, size);
	return gpa;
}

struct mcfg {
	struct acpi_header header;
	uint64_t reserved;
	struct {
		uint64_t base;
		uint16_t segment;
		uint8_t first_bus, last_bus;
		uint32_t reserved;
	} __attribute__((packed)) entries[];
} __attribute__((packed));

uint64_t acpi_add_mcfg(struct acpi_writer *w, unsigned int n_segments)
{
	size_t size = sizeof(struct mcfg) + n_segments * sizeof(((struct mcfg *)0)->entries[0]);
	uint64_t gpa;
	struct mcfg *t = acpi_reserve(w, size, &gpa);

	if (!t)
		return 0;
	for (unsigned int i = 0; i < n_segments; i++) {
		t->entries[i].base = LAYOUT_ECAM_START + i * LAYOUT_ECAM_BUS;
		t->entries[i].segment = (uint16_t)i;
	}
	acpi_finish(&t->header, "MCFG", 1, size);
	return gpa;
}

struct viot_range {
	uint8_t type, reserved;
	uint16_t length;
	uint32_t endpoint;
	uint16_t first_segment, last_segment, first_bdf, last_bdf, output_node;
	uint8_t reserved2[6];
} __attribute__((packed));

struct viot {
	struct acpi_header header;
	uint16_t node_count, node_offset;
	uint64_t reserved;
	struct {
		uint8_t type, reserved;
		uint16_t length, segment, bdf;
		uint64_t reserved2;
	} __attribute__((packed)) iommu;
	struct viot_range ranges[];
} __attribute__((packed));

uint64_t acpi_add_viot(struct acpi_writer *w, const struct acpi_iommu *iommu)
{
	size_t size = sizeof(struct viot) + iommu->n_ranges * sizeof(struct viot_range);
	uint64_t gpa;
	struct viot *t = acpi_reserve(w, size, &gpa);

	if (!t)
		return 0;
	t->node_count = (uint16_t)(iommu->n_ranges + 1);
	t->node_offset = offsetof(struct viot, iommu);
	t->iommu.type = VIOT_VIRTIO_PCI;
	t->iommu.length = sizeof(t->iommu);
	t->iommu.segment = iommu->segment;
	t->iommu.bdf = iommu->bdf;
	for (size_t i = 0; i < iommu->n_ranges; i++) {
		const struct acpi_iommu_range *r = &iommu->ranges[i];

		t->ranges[i] = (struct viot_range){
			.type = VIOT_PCI_RANGE,
			.length = sizeof(t->ranges[i]),
			/* Endpoint ids as virtio-iommu requests carry them. */
			.endpoint = (uint32_t)r->segment << 16 | r->first,
			.first_segment = r->segment,
			.last_segment = r->segment,
			.first_bdf = r->first,
			.last_bdf = r->last,
			.output_node = offsetof(struct viot, iommu),
		};
	}
	acpi_finish(&t->header, "VIOT", 0, size);
	return gpa;
}
