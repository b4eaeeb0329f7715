/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mgmtdev: where vDPA devices can be created. */
#include "cmd/cmds.h"

#include "output/bit_names.h"
#include "shell/complete.h"
#include "vdpa/mgmtdev.h"
#include "vdpa/virtio_names.h"

#include <stdio.h>

struct show_args {
	struct arg_words handles;
};

static const struct arg show_rows[] = {
	ARG_WORDS_ROW(show_args, handles, "HANDLE",
		      "management device, BUS/NAME or NAME; all where none is given",
		      .complete = complete_mgmtdevs),
};

static void put_classes(struct output *o, uint64_t classes)
{
	const char *names[64];
	char unknown[64][12];
	size_t n = 0;

	for (unsigned id = 0; id < 64; id++) {
		if (!(classes >> id & 1))
			continue;
		names[n] = virtio_class_name(id);
		if (!names[n]) {
			snprintf(unknown[n], sizeof(unknown[n]), "%u", id);
			names[n] = unknown[n];
		}
		n++;
	}
	out_list(o, "supported_classes", "CLASSES", names, n);
}

/* Feature names depend on the class; of several classes only the transport bits mean the same. */
static uint32_t single_class(uint64_t classes)
{
	return classes && !(classes & (classes - 1)) ? (uint32_t)__builtin_ctzll(classes) : 0;
}

static void put_mgmtdev(struct output *o, const struct vdpa_mgmtdev *m)
{
	out_item(o, m->handle);
	put_classes(o, m->classes);
	if (vdpa_has(m->present, VDPA_ATTR_MGMTDEV_MAX_VQS))
		out_uint(o, "max_supported_vqs", "MAX_VQS", m->max_vqs);
	if (vdpa_has(m->present, VDPA_ATTR_MGMTDEV_FEATURES))
		out_features(o, "dev_features", "FEATURES", single_class(m->classes), m->features);
}

static int show(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct show_args *a = args;
	struct vdpa_nl *nl;
	int r = session_nl(s, &nl, e);

	(void)n;
	if (r)
		return r;
	out_begin(&s->out, "mgmtdev", OUT_TABLE, OUT_MAP, "MGMTDEV");
	for (size_t i = 0; i < a->handles.n; i++) {
		_vdpa_mgmtdev_ struct vdpa_mgmtdev m = { 0 };

		r = vdpa_mgmtdev_get(nl, a->handles.list[i], &m, e);
		if (r)
			return r;
		put_mgmtdev(&s->out, &m);
	}
	if (!a->handles.n) {
		_vdpa_mgmtdev_list_ struct vdpa_mgmtdev_list list = { 0 };

		r = vdpa_mgmtdev_list(nl, &list, e);
		for (size_t i = 0; !r && i < list.n; i++)
			put_mgmtdev(&s->out, &list.items[i]);
	}
	out_end(&s->out);
	return r;
}

const struct command command_mgmtdev_show = {
	.path = "mgmtdev show",
	.alias = "mgmtdev list",
	.summary = "Show the management devices on which vDPA devices can be created",
	.example = "vdpactl mgmtdev show vdpasim_blk",
	COMMAND_ARGS(show_rows, show_args),
	.run = show,
};
