/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A device's view of guest memory: guest-physical addresses, or IOVAs behind virtio-iommu. */
#pragma once

#include "memory.h"

#include <stdbool.h>

enum dma_access {
	DMA_READ = 1, /* the device reads */
	DMA_WRITE = 2,
};

struct dma_space;

struct dma_ops {
	/*
	 * Translates the head of [iova, iova + *len): returns the guest-physical address and cuts
	 * *len to what is contiguous there; false when the access is not mapped.
	 */
	bool (*translate)(struct dma_space *space, uint64_t iova, uint64_t *len,
			  enum dma_access access, uint64_t *gpa);
};

/* Without ops the space is guest-physical memory itself. */
struct dma_space {
	const struct guest_memory *memory; /* borrowed */
	const struct dma_ops *ops;
};

/*
 * Host pointer to the head of [iova, iova + *len), *len cut to what is contiguous in host memory
 * and never 0 on success; NULL when the head is not accessible. Any thread.
 */
void *dma_span(struct dma_space *space, uint64_t iova, uint64_t *len, enum dma_access access);
