/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the ACPI tables say about the devices: who is behind the virtio-iommu. */
#include "acpi/acpi.h"
#include "config/vm_config_check.h"
#include "devices.h"
#include "pci/host.h"

#include <stdlib.h>

enum {
	LAST_FUNCTION = 0xff,            /* slot 31, function 7 */
	LAST_BEFORE_IOMMU = 30 << 3 | 7, /* which has slot 31 of the segment in reserve */
};

/* IOMMU segments whole, for what is hot-plugged there; else each function by itself. */
static size_t fill_ranges(const struct machine *m, struct acpi_iommu_range *ranges)
{
	const struct platform_config *p = &m->config.platform;
	size_t n = 0;

	for (size_t i = 0; i < p->n_iommu_segments; i++)
		ranges[n++] = (struct acpi_iommu_range){
			.segment = p->iommu_segments[i],
			.last = p->iommu_in_reserve ? LAST_BEFORE_IOMMU : LAST_FUNCTION,
		};
	for (const struct machine_device *d = m->devices; d; d = d->next) {
		if (!d->endpoint || vm_config_is_iommu_segment(&m->config, d->fn->segment->number))
			continue;
		ranges[n++] = (struct acpi_iommu_range){
			.segment = d->fn->segment->number,
			.first = (uint16_t)(d->fn->slot << 3),
			.last = (uint16_t)(d->fn->slot << 3),
		};
	}
	return n;
}

int devices_describe(struct machine *m, struct err *e)
{
	size_t room = devices_count(m) + m->config.platform.n_iommu_segments + 1;
	_free_ struct acpi_iommu_range *ranges = calloc(room, sizeof(*ranges));
	struct acpi_iommu iommu = { .ranges = ranges };
	const struct acpi_input input = {
		.config = &m->config,
		.segments = pci_host_segment(m->pci, 0),
		.n_segments = pci_host_segments(m->pci),
		.iommu = m->iommu ? &iommu : NULL,
	};

	if (!ranges)
		return err_nomem(e);
	iommu.n_ranges = fill_ranges(m, ranges);
	for (const struct machine_device *d = m->devices; d; d = d->next)
		if (d->dev == m->iommu) {
			iommu.segment = d->fn->segment->number;
			iommu.bdf = (uint16_t)(d->fn->slot << 3);
		}
	return acpi_build(m->memory, &input, e);
}
