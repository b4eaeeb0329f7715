/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A look at a ring in guest memory from outside: is the guest stuck, or the device? */
#pragma once

#include "virtio/virtio.h"

struct ring_view {
	uint16_t size; /* descriptors; as the driver set it */
	bool enabled, packed;
	bool readable; /* the fields below are filled: a split ring in memory that is there */
	uint16_t avail_index, used_index;
	uint16_t in_flight;    /* handed to the device and not given back */
	bool wants_interrupts; /* by the guest: avail.flags */
	bool wants_kicks;      /* by the device: used.flags */
};

/* With the device's lock held; touches nothing. What it shows is foreign and may be nonsense. */
void ring_view_read(struct virtio_device *dev, unsigned int queue, struct ring_view *view);
