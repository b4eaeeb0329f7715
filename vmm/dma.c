/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A device's view of guest memory: guest-physical addresses, or IOVAs behind virtio-iommu. */
#include "dma.h"

/* Cuts [gpa, gpa + *len) to the region in which it starts; NULL when it starts in none. */
static void *head_in_region(const struct guest_memory *mem, uint64_t gpa, uint64_t *len)
{
	for (size_t i = 0; i < mem->n_regions; i++) {
		const struct memory_region *r = &mem->regions[i];

		if (gpa < r->gpa || gpa - r->gpa >= r->size)
			continue;
		if (*len > r->size - (gpa - r->gpa))
			*len = r->size - (gpa - r->gpa);
		return r->hva + (gpa - r->gpa);
	}
	return NULL;
}

void *dma_span(struct dma_space *space, uint64_t iova, uint64_t *len, enum dma_access access)
{
	uint64_t gpa = iova;

	if (*len == 0)
		return NULL;
	if (space->ops && (!space->ops->translate(space, iova, len, access, &gpa) || *len == 0))
		return NULL;
	return head_in_region(space->memory, gpa, len);
}
