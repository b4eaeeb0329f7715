/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An ordered set of mappings that do not overlap (a treap: searches and changes in log n). */
#include "virtio/iommu_map.h"

#include <stdlib.h>

struct iommu_mapping *iommu_map_from(const struct iommu_map *map, uint64_t iova)
{
	struct iommu_mapping *at = map->root, *best = NULL;

	while (at) {
		if (at->last < iova) {
			at = at->right;
		} else {
			best = at;
			at = at->left;
		}
	}
	return best;
}

/* xorshift: the guest cannot see it, so it cannot make the tree a list. */
static uint32_t next_priority(struct iommu_map *map)
{
	if (!map->seed)
		map->seed = (uintptr_t)map ^ UINT64_C(0x9e3779b97f4a7c15);
	map->seed ^= map->seed << 13;
	map->seed ^= map->seed >> 7;
	map->seed ^= map->seed << 17;
	return (uint32_t)(map->seed >> 32);
}

/* Cuts `tree` into what lies below `first` and what lies above. */
static void split(struct iommu_mapping *tree, uint64_t first, struct iommu_mapping **low,
		  struct iommu_mapping **high)
{
	while (tree) {
		if (tree->first < first) {
			*low = tree;
			low = &tree->right;
			tree = tree->right;
		} else {
			*high = tree;
			high = &tree->left;
			tree = tree->left;
		}
	}
	*low = *high = NULL;
}

static struct iommu_mapping *join(struct iommu_mapping *low, struct iommu_mapping *high)
{
	struct iommu_mapping *root, **at = &root;

	while (low && high) {
		if (low->priority > high->priority) {
			*at = low;
			at = &low->right;
			low = low->right;
		} else {
			*at = high;
			at = &high->left;
			high = high->left;
		}
	}
	*at = low ? low : high;
	return root;
}

bool iommu_map_insert(struct iommu_map *map, uint64_t first, uint64_t last, uint64_t gpa,
		      uint32_t access)
{
	struct iommu_mapping *m = malloc(sizeof(*m));
	struct iommu_mapping **at = &map->root;

	if (!m)
		return false;
	*m = (struct iommu_mapping){
		.first = first,
		.last = last,
		.gpa = gpa,
		.access = access,
		.priority = next_priority(map),
	};
	while (*at && (*at)->priority >= m->priority)
		at = first < (*at)->first ? &(*at)->left : &(*at)->right;
	split(*at, first, &m->left, &m->right);
	*at = m;
	map->n++;
	return true;
}

void iommu_map_remove(struct iommu_map *map, struct iommu_mapping *mapping)
{
	struct iommu_mapping **at = &map->root;

	while (*at != mapping)
		at = mapping->first < (*at)->first ? &(*at)->left : &(*at)->right;
	*at = join(mapping->left, mapping->right);
	map->n--;
	free(mapping);
}

void iommu_map_clear(struct iommu_map *map)
{
	while (map->root)
		iommu_map_remove(map, map->root);
}
