/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Management devices: where vDPA devices can be created. */
#include "vdpa/mgmtdev.h"

#include "vdpa/nl_handle.h"
#include "vdpa/sysfs.h"

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
		.present = reply->present,
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

bool vdpa_mgmtdev_takes(const struct host_roots *roots, const char *handle, enum vdpa_attr param)
{
	static const struct {
		const char *driver;
		enum vdpa_attr param;
	} rows[] = {
		{ "vdpasim_net", VDPA_ATTR_NET_MACADDR },
		{ "vdpasim_net", VDPA_ATTR_NET_MTU },
		{ "mlx5_core", VDPA_ATTR_NET_MACADDR }, /* functions */
		{ "mlx5_core", VDPA_ATTR_NET_MTU },
		{ "mlx5_core.sf", VDPA_ATTR_NET_MACADDR }, /* subfunctions */
		{ "mlx5_core.sf", VDPA_ATTR_NET_MTU },
		{ "pds_core", VDPA_ATTR_NET_MACADDR },
	};
	struct nl_handle h;
	char driver[NL_HANDLE_PART];

	if (nl_handle_split(&h, handle, NULL))
		return false;
	/* Without a bus the management device is a driver's own. */
	if (!*h.bus)
		memcpy(driver, h.name, sizeof(driver));
	else if (vdpa_sysfs_driver(roots, h.bus, h.name, driver, sizeof(driver)))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].param == param && !strcmp(rows[i].driver, driver))
			return true;
	return false;
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
