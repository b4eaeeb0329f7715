/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Node numbers of many vDPA devices, with one system call a device. */
#pragma once

#include "base/err.h"
#include "base/roots.h"
#include "base/strbuf.h"

#include <stddef.h>

struct vdpa_place {
	const char *name;  /* in the index's `names` */
	size_t offset;     /* there */
	unsigned int node; /* N of /dev/vhost-vdpa-N */
};

struct vdpa_index {
	struct vdpa_place *items; /* owned */
	struct strbuf names;
	size_t n, room, next; /* next: what is probably asked for next */
	bool sorted;
};

#define _vdpa_index_ _cleanup_(vdpa_index_clear)

/*
 * For a list of `expected` devices, where vdpa_sysfs_get would take a dozen calls each: those that
 * vhost_vdpa serves. One that is not found may have another driver or none, or have come just now:
 * vdpa_sysfs_get tells. An empty index without the module.
 */
int vdpa_index_get(const struct host_roots *roots, size_t expected, struct vdpa_index *out,
		   struct err *e);
void vdpa_index_clear(struct vdpa_index *index);

/* Cheapest for names in the order in which their devices were made. */
const struct vdpa_place *vdpa_index_find(struct vdpa_index *index, const char *name);

struct vdpa_sysfs_dev;

/*
 * Devices that are made or deleted one after the other have one node number after the other: where
 * the coming one probably is. Starts zeroed.
 */
struct vdpa_next {
	bool known, open;
	int chars;                 /* /sys/dev/char, if open */
	unsigned int number, node; /* major and minor */
};

/* Is `name` where it is expected? Then fills name, path, driver, node and rdev of `dev`. */
bool vdpa_next_find(struct vdpa_next *next, const struct host_roots *roots, const char *name,
		    struct vdpa_sysfs_dev *dev);

/* The last one was at `node`, /dev/vhost-vdpa-N or "". */
void vdpa_next_learn(struct vdpa_next *next, const char *node);
void vdpa_next_close(struct vdpa_next *next);
