/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vDPA devices that a check looks at: those of the configuration, or all of the host. */
#pragma once

#include "host/checks.h"
#include "vdpa/sysfs.h"

struct vdpa_target {
	const char *subject;           /* as the operator named it; borrowed */
	const struct vdpa_config *row; /* NULL when looking at the host; borrowed */
	int code; /* 0, or why `dev` is not filled: negative errno, with `why` */
	struct err why;
	struct vdpa_sysfs_dev dev;
};

/* Called for each with the walk's `ctx`; a non-zero return ends the walk with it. */
typedef int (*vdpa_target_fn)(const struct vdpa_target *t, const struct check_options *o,
			      struct report *r, void *ctx);

/* Walks the devices named by path or name; those handed in as descriptors have passed all this. */
int vdpa_target_each(const struct check_options *o, struct report *r, vdpa_target_fn fn, void *ctx,
		     struct err *e);
