/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the two halves of a virtqueue reach its rings. */
#pragma once

#include "virtio/virtqueue.h"

enum {
	RING_PAGE = 4096, /* the unit in which an IOMMU may cut a ring */
	RING_HEAD = 4,    /* flags and index in front of avail and used entries */
};

/* Host address of a ring's field; fields are aligned, so none crosses a page. */
static inline uint8_t *virtqueue_at(const struct virtqueue_area *area, uint32_t offset)
{
	uint32_t at = area->skew + offset;

	if (area->ptr)
		return area->ptr + offset;
	return area->pages[at / RING_PAGE] + at % RING_PAGE;
}
