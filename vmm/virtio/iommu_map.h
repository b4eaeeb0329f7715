/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An ordered set of mappings that do not overlap (a treap: searches and changes in log n). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct iommu_mapping {
	uint64_t first, last; /* IOVA, inclusive: the last one of all has no end */
	uint64_t gpa;
	uint32_t access; /* enum dma_access */
	uint32_t priority;
	struct iommu_mapping *left, *right;
};

struct iommu_map {
	struct iommu_mapping *root;
	uint64_t seed;
	unsigned int n;
};

/* The mapping with the lowest address that ends at or after `iova`; NULL when there is none. */
struct iommu_mapping *iommu_map_from(const struct iommu_map *map, uint64_t iova);

/* False when memory ran out. The range must be free. */
bool iommu_map_insert(struct iommu_map *map, uint64_t first, uint64_t last, uint64_t gpa,
		      uint32_t access);

/* Frees the mapping, which must be in the set. */
void iommu_map_remove(struct iommu_map *map, struct iommu_mapping *mapping);
void iommu_map_clear(struct iommu_map *map);
