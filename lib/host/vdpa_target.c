/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vDPA devices that a check looks at. */
#include "host/vdpa_target.h"

#include <errno.h>

static int each_of_host(const struct check_options *o, struct report *r, vdpa_target_fn fn,
			void *ctx, struct err *e)
{
	_vdpa_sysfs_list_ struct vdpa_sysfs_list list = { 0 };
	int code = vdpa_sysfs_list(o->roots, &list, e);

	for (size_t i = 0; !code && i < list.n; i++) {
		struct vdpa_target t = { .subject = list.items[i].name, .dev = list.items[i] };

		code = fn(&t, o, r, ctx);
	}
	return code;
}

int vdpa_target_each(const struct check_options *o, struct report *r, vdpa_target_fn fn, void *ctx,
		     struct err *e)
{
	int code = 0;

	if (!o->config)
		return each_of_host(o, r, fn, ctx, e);
	for (size_t i = 0; !code && i < o->config->n_vdpas; i++) {
		const struct vdpa_config *row = &o->config->vdpas[i];
		struct vdpa_target t = { .row = row };

		if (row->device) {
			t.subject = row->device;
			t.code = vdpa_sysfs_get(o->roots, row->device, &t.dev, &t.why);
		} else if (row->path) {
			t.subject = row->path;
			t.code = vdpa_sysfs_by_node(o->roots, row->path, &t.dev, &t.why);
		} else {
			continue;
		}
		code = fn(&t, o, r, ctx);
	}
	return code;
}
