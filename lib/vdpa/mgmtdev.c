/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Management devices: where vDPA devices can be created. */
#include "vdpa/mgmtdev.h"

#include "vdpa/nl_handle.h"

#include <errno.h>
#include <string.h>

static int decode(const struct vdpa_nl_reply *reply, struct vdpa_mgmtdev *m, struct err *e)
{
	const char *bus = vdpa_nl_str(reply, VDPA_ATTR_MGMTDEV_BUS_NAME);
	const char *name = vdpa_nl_str(reply, VDPA_ATTR_MGMTDEV_DEV_NAME);

	if (!name)
		return err_set(e, -EPROTO, "a management device without a name");
	*m = (struct vdpa_mgmtdev){
		.bus = bus ? strdup(bus) : NULL,
		.name = strdup(name),
		.handle = nl_handle_join(bus, name),
		.present = vdpa_nl_present(reply),
		.classes = vdpa_nl_u64(reply, VDPA_ATTR_MGMTDEV_SUPPORTED_CLASSES),
		.features = vdpa_nl_u64(reply, VDPA_ATTR_MGMTDEV_FEATURES),
		.max_vqs = vdpa_nl_u32(reply, VDPA_ATTR_MGMTDEV_MAX_VQS),
	};
	if ((!bus || m->bus) && m->name && m->handle)
		return 0;
	vdpa_mgmtdev_clear(m);
	return err_nomem(e);
}

static int append(void *ctx, const struct vdpa_nl_reply *reply, struct err *e)
{
	struct vdpa_mgmtdev_list *list = ctx;
	struct vdpa_mgmtdev *items = reallocarray(list->items, list->n + 1, sizeof(*items));
	int r;

	if (!items)
		return err_nomem(e);
	list->items = items;
	r = decode(reply, &items[list->n], e);
	if (!r)
		list->n++;
	return r;
}

int vdpa_mgmtdev_list(struct vdpa_nl *nl, struct vdpa_mgmtdev_list *out, struct err *e)
{
	const struct vdpa_nl_request req = {
		.cmd = VDPA_CMD_MGMTDEV_GET,
		.dump = true,
		.reply = append,
		.ctx = out,
	};
	int r, tries = NL_DUMP_TRIES;

	/* What is read while the list changes is read again. */
	do {
		*out = (struct vdpa_mgmtdev_list){ 0 };
		r = vdpa_nl_request(nl, &req, e);
		if (r)
			vdpa_mgmtdev_list_clear(out);
	} while (r == -EINTR && --tries);
	return r;
}

static int take(void *ctx, const struct vdpa_nl_reply *reply, struct err *e)
{
	return decode(reply, ctx, e);
}

int vdpa_mgmtdev_get(struct vdpa_nl *nl, const char *handle, struct vdpa_mgmtdev *out,
		     struct err *e)
{
	struct vdpa_nl_attr attrs[2];
	struct nl_handle h;
	int r = nl_handle_split(&h, handle, e);
	const struct vdpa_nl_request req = {
		.cmd = VDPA_CMD_MGMTDEV_GET,
		.what = handle,
		.attrs = attrs,
		.n_attrs = r ? 0 : nl_handle_attrs(&h, attrs),
		.reply = take,
		.ctx = out,
	};

	return r ? r : vdpa_nl_request(nl, &req, e);
}

void vdpa_mgmtdev_clear(struct vdpa_mgmtdev *m)
{
	free(m->bus);
	free(m->name);
	free(m->handle);
	*m = (struct vdpa_mgmtdev){ 0 };
}

void vdpa_mgmtdev_list_clear(struct vdpa_mgmtdev_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		vdpa_mgmtdev_clear(&list->items[i]);
	free(list->items);
	*list = (struct vdpa_mgmtdev_list){ 0 };
}
