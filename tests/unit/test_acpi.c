/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ACPI tables: found from the RSDP, sums right, marks replaced, and room for every segment. */
#include "unit.h"

#include "acpi/acpi.h"
#include "acpi/acpi_table.h"
#include "base/cleanup.h"
#include "layout.h"
#include "pci/host.h"
#include "pci/window.h"

struct machine_parts {
	struct guest_memory *mem;
	struct vm_config config;
	struct pci_segment segments[VM_MAX_SEGMENTS];
};

static int set_up(void **state)
{
	static struct machine_parts parts;
	const struct memory_config memory = { .size = 4 << 20 };

	parts = (struct machine_parts){ .config.cpus = { .boot = 4, .max = 4 } };
	*state = &parts;
	return guest_memory_create(&memory, &parts.mem, NULL);
}

static int tear_down(void **state)
{
	guest_memory_destroy(((struct machine_parts *)*state)->mem);
	return 0;
}

static void build(struct machine_parts *p, unsigned int n, const struct acpi_iommu *iommu)
{
	const struct acpi_input input = {
		.config = &p->config,
		.segments = p->segments,
		.n_segments = n,
		.iommu = iommu,
	};
	struct err e = { 0 };

	for (unsigned int i = 0; i < n; i++)
		p->segments[i].number = (uint16_t)i;
	pci_windows_share(p->segments, n, &p->config, 46);
	assert_int_equal(acpi_build(p->mem, &input, &e), 0);
}

static uint8_t sum(const uint8_t *bytes, size_t len)
{
	uint8_t s = 0;

	while (len--)
		s = (uint8_t)(s + *bytes++);
	return s;
}

static const uint8_t *rsdp(const struct machine_parts *p)
{
	return memory_span(p->mem, LAYOUT_RSDP, 36);
}

static uint64_t word64(const void *at)
{
	uint64_t v;

	memcpy(&v, at, sizeof(v));
	return v;
}

/* The n-th table of a signature, with its sum checked; NULL when there is none. */
static const struct acpi_header *table(const struct machine_parts *p, const char *signature,
				       unsigned int n)
{
	const struct acpi_header *xsdt = memory_span(p->mem, word64(rsdp(p) + 24), sizeof(*xsdt));

	for (size_t i = 0; i < (xsdt->length - sizeof(*xsdt)) / 8; i++) {
		const uint8_t *entries = (const uint8_t *)(xsdt + 1);
		const struct acpi_header *h =
			memory_span(p->mem, word64(entries + 8 * i), sizeof(*h));

		assert_non_null(h);
		assert_int_equal(sum((const uint8_t *)h, h->length), 0);
		if (memcmp(h->signature, signature, 4) == 0 && n-- == 0)
			return h;
	}
	return NULL;
}

static bool contains(const struct acpi_header *h, const void *what, size_t len)
{
	return memmem(h, h->length, what, len) != NULL;
}

static void sums_and_pointers_are_right(void **state)
{
	struct machine_parts *p = *state;

	build(p, 1, NULL);
	assert_memory_equal(rsdp(p), "RSD PTR ", 8);
	assert_int_equal(sum(rsdp(p), 20), 0);
	assert_int_equal(sum(rsdp(p), 36), 0);
	/* Found by the search that a BIOS has us make, too. */
	assert_memory_equal(memory_span(p->mem, 0x40e, 2), "\x00\xa0", 2);
	const struct acpi_header *fadt = table(p, "FACP", 0);

	assert_non_null(fadt);
	assert_int_equal(fadt->length, 276);
	const struct acpi_header *dsdt =
		memory_span(p->mem, word64((const uint8_t *)fadt + 140), sizeof(*dsdt));

	assert_memory_equal(dsdt->signature, "DSDT", 4);
	assert_int_equal(sum((const uint8_t *)dsdt, dsdt->length), 0);
	/* The mainboard has the whole configuration space: Memory32Fixed, writable. */
	assert_true(contains(dsdt, "\x86\x09\x00\x01\x00\x00\x00\xe8\x00\x00\x00\x10", 12));
	assert_non_null(table(p, "APIC", 0));
	assert_non_null(table(p, "MCFG", 0));
	assert_null(table(p, "VIOT", 0));
}

static void every_segment_has_its_own_names(void **state)
{
	struct machine_parts *p = *state;
	uint8_t number[] = { 0x0b, 95, 0 };

	build(p, 96, NULL);
	const struct acpi_header *last = table(p, "SSDT", 95);

	assert_non_null(last);
	assert_true(contains(last, "PC5F", 4));
	assert_true(contains(last, "PN5F", 4));
	assert_true(contains(last, "PN60", 4));
	assert_true(contains(last, number, sizeof(number)));
	assert_true(contains(last, &p->segments[95].mmio64.start, 8));
	assert_true(contains(last, &p->segments[95].mmio32.start, 4));
	assert_false(contains(last, "PCSG", 4));
	assert_false(contains(last, "PNNX", 4));
	/* The mark of a number or a window would be left as it was. */
	assert_false(contains(last, "\x0b\xef\xbe", 3));
	assert_false(contains(last, "\x00\x00\xce\xfa", 4));
	assert_true(contains(table(p, "SSDT", 0), "PC00", 4));
}

static void windows_follow_the_weights(void **state)
{
	struct machine_parts *p = *state;
	struct pci_segment_config weights[] = {
		{ .segment = 1, .mmio32_weight = 3, .mmio64_weight = 3 },
	};

	p->config.pci_segments = weights;
	p->config.n_pci_segments = 1;
	build(p, 2, NULL);
	assert_int_equal(p->segments[0].mmio32.start, LAYOUT_PCI32_START);
	assert_int_equal(p->segments[0].mmio32.size, LAYOUT_PCI32_SIZE / 4);
	assert_int_equal(p->segments[1].mmio32.size, LAYOUT_PCI32_SIZE / 4 * 3);
	assert_int_equal(p->segments[1].mmio64.start % (4ull << 30), 0);
	assert_true(p->segments[1].mmio64.size / p->segments[0].mmio64.size >= 3);
	assert_true(p->segments[1].mmio64.start + p->segments[1].mmio64.size <= 1ull << 46);
	/* Too narrow for 4 GiB each: smaller parts, but parts. */
	p->config.n_pci_segments = 0;
	pci_windows_share(p->segments, 96, &p->config, 36);
	for (unsigned int i = 0; i < 96; i++)
		assert_true(p->segments[i].mmio64.size > 0);
}

static void viot_names_iommu_and_ranges(void **state)
{
	struct machine_parts *p = *state;
	const struct acpi_iommu_range range = { .segment = 1, .first = 0, .last = 0xff };
	const struct acpi_iommu iommu = { .bdf = 5 << 3, .ranges = &range, .n_ranges = 1 };

	build(p, 2, &iommu);
	const struct acpi_header *viot = table(p, "VIOT", 0);

	assert_non_null(viot);
	assert_int_equal(viot->length, 36 + 12 + 16 + 24);
	assert_int_equal(((const uint8_t *)viot)[48], 3);
	assert_int_equal(((const uint8_t *)viot)[64], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sums_and_pointers_are_right, set_up, tear_down),
		cmocka_unit_test_setup_teardown(every_segment_has_its_own_names, set_up, tear_down),
		cmocka_unit_test_setup_teardown(windows_follow_the_weights, set_up, tear_down),
		cmocka_unit_test_setup_teardown(viot_names_iommu_and_ranges, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("acpi", tests, NULL, NULL);
}
