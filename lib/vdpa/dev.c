/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vDPA devices over generic netlink: list, get, set. */
#include "vdpa/dev.h"

#include "base/parse.h"
#include "vdpa/nl_handle.h"
#include "vdpa/virtio_names.h"

#include <errno.h>
#include <string.h>

/* The texts of many devices in a few allocations: a host may have a thousand. */
struct vdpa_dev_names {
	struct vdpa_dev_names *next;
	size_t used, size;
	char text[];
};

enum {
	NAMES_SIZE = 8 << 10,
};

static char *room_in_list(struct vdpa_dev_list *list, size_t size)
{
	struct vdpa_dev_names *names = list->names;

	if (!names || size > names->size - names->used) {
		size_t room = size > NAMES_SIZE ? size : NAMES_SIZE;

		names = malloc(sizeof(*names) + room);
		if (!names)
			return NULL;
		*names = (struct vdpa_dev_names){ .next = list->names, .size = room };
		list->names = names;
	}
	names->used += size;
	return names->text + names->used - size;
}

/* Both in one piece, the list's where the device is in one. */
static int set_names(struct vdpa_dev *dev, struct vdpa_dev_list *list, const char *name,
		     const char *bus, const char *mgmtdev, struct err *e)
{
	size_t size = strlen(name) + 1;
	size_t bus_size = mgmtdev && bus && *bus ? strlen(bus) + 1 : 0;
	size_t mgmtdev_size = mgmtdev ? strlen(mgmtdev) + 1 : 0;
	size_t all = size + bus_size + mgmtdev_size;
	char *at = list ? room_in_list(list, all) : malloc(all);

	if (!at)
		return err_nomem(e);
	dev->name = at;
	at = mempcpy(at, name, size);
	if (!mgmtdev)
		return 0;
	dev->mgmtdev = at;
	if (bus_size) {
		at = mempcpy(at, bus, bus_size);
		at[-1] = '/';
	}
	memcpy(at, mgmtdev, mgmtdev_size);
	return 0;
}

static int decode(const struct vdpa_nl_reply *reply, struct vdpa_dev_list *list,
		  struct vdpa_dev *dev, struct err *e)
{
	const char *name = vdpa_nl_str(reply, VDPA_ATTR_DEV_NAME);

	if (!name)
		return err_set(e, -EPROTO, "a vDPA device without a name");
	*dev = (struct vdpa_dev){
		.present = reply->present,
		.id = vdpa_nl_u32(reply, VDPA_ATTR_DEV_ID),
		.vendor_id = vdpa_nl_u32(reply, VDPA_ATTR_DEV_VENDOR_ID),
		.max_vqs = vdpa_nl_u32(reply, VDPA_ATTR_DEV_MAX_VQS),
		.max_vq_size = vdpa_nl_u16(reply, VDPA_ATTR_DEV_MAX_VQ_SIZE),
		.min_vq_size = vdpa_nl_u16(reply, VDPA_ATTR_DEV_MIN_VQ_SIZE),
	};
	return set_names(dev, list, name, vdpa_nl_str(reply, VDPA_ATTR_MGMTDEV_BUS_NAME),
			 vdpa_nl_str(reply, VDPA_ATTR_MGMTDEV_DEV_NAME), e);
}

/* Room is doubled: hosts with a thousand devices exist. */
struct collect {
	struct vdpa_dev_list *list;
	size_t room;
};

static int append(void *ctx, const struct vdpa_nl_reply *reply, struct err *e)
{
	struct collect *c = ctx;
	struct vdpa_dev *items;
	int r;

	if (c->list->n == c->room) {
		size_t room = c->room ? 2 * c->room : 16;

		items = reallocarray(c->list->items, room, sizeof(*items));
		if (!items)
			return err_nomem(e);
		c->list->items = items;
		c->room = room;
	}
	r = decode(reply, c->list, &c->list->items[c->list->n], e);
	if (!r)
		c->list->n++;
	return r;
}

int vdpa_dev_list(struct vdpa_nl *nl, struct vdpa_dev_list *out, struct err *e)
{
	struct collect c = { .list = out };
	const struct vdpa_nl_request req = {
		.cmd = VDPA_CMD_DEV_GET,
		.dump = true,
		.reply = append,
		.ctx = &c,
	};
	int r, tries = NL_DUMP_TRIES;

	do {
		*out = (struct vdpa_dev_list){ 0 };
		c.room = 0;
		r = vdpa_nl_request(nl, &req, e);
		if (r)
			vdpa_dev_list_clear(out);
	} while (r == -EINTR && --tries);
	return r;
}

static int take(void *ctx, const struct vdpa_nl_reply *reply, struct err *e)
{
	return decode(reply, NULL, ctx, e);
}

static int take_from_list(struct vdpa_nl *nl, const char *name, struct vdpa_dev *out, struct err *e)
{
	_vdpa_dev_list_ struct vdpa_dev_list list = { 0 };
	int r = vdpa_dev_list(nl, &list, e);

	for (size_t i = 0; !r && i < list.n; i++) {
		if (strcmp(list.items[i].name, name) != 0)
			continue;
		*out = list.items[i];
		out->name = out->mgmtdev = NULL;
		return set_names(out, NULL, name, NULL, list.items[i].mgmtdev, e);
	}
	return r ? r : err_set(e, -ENODEV, "no vDPA device '%s'", name);
}

int vdpa_dev_get(struct vdpa_nl *nl, const char *name, struct vdpa_dev *out, struct err *e)
{
	const struct vdpa_nl_attr attr = nl_string(VDPA_ATTR_DEV_NAME, name);
	const struct vdpa_nl_request req = {
		.cmd = VDPA_CMD_DEV_GET,
		.what = name,
		.attrs = &attr,
		.n_attrs = 1,
		.reply = take,
		.ctx = out,
	};
	struct err why = { 0 };
	int r = vdpa_nl_request(nl, &req, &why);

	/* The kernel's answer about one device has less room for its name than the list has. */
	if (r == -EMSGSIZE)
		return take_from_list(nl, name, out, e);
	return r ? err_pass(e, &why) : 0;
}

void vdpa_dev_clear(struct vdpa_dev *dev)
{
	free(dev->name);
	*dev = (struct vdpa_dev){ 0 };
}

void vdpa_dev_list_clear(struct vdpa_dev_list *list)
{
	for (struct vdpa_dev_names *names = list->names, *next; names; names = next) {
		next = names->next;
		free(names);
	}
	free(list->items);
	*list = (struct vdpa_dev_list){ 0 };
}

int vdpa_dev_check_name(const char *name, struct err *e)
{
	static const char first[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	size_t len = strlen(name);
	size_t ok = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				 "_.-");

	if (len >= 1 && len <= VDPA_NAME_MAX && ok == len && strchr(first, name[0]))
		return 0;
	return err_set(
		e, -EINVAL,
		"'%.80s' is no device name (1 to %d letters, digits, '_', '.', '-', the first "
		"a letter or digit)",
		name, VDPA_NAME_MAX);
}

int vdpa_dev_check_mac(const uint8_t mac[6], struct err *e)
{
	static const uint8_t zero[6];
	char text[18];

	if (!(mac[0] & 1) && memcmp(mac, zero, sizeof(zero)) != 0)
		return 0;
	format_mac(mac, text, sizeof(text));
	return err_set(e, -EINVAL, "'%s' is no unicast MAC address", text);
}

int vdpa_dev_set_mac(struct vdpa_nl *nl, const char *name, const uint8_t mac[6], struct err *e)
{
	_vdpa_dev_ struct vdpa_dev dev = { 0 };
	const struct vdpa_nl_attr attrs[] = {
		nl_string(VDPA_ATTR_DEV_NAME, name),
		{ .type = VDPA_ATTR_NET_MACADDR, .len = 6, .data = mac },
	};
	const struct vdpa_nl_request req = {
		.cmd = VDPA_CMD_DEV_ATTR_SET,
		.what = name,
		.attrs = attrs,
		.n_attrs = ARRAY_SIZE(attrs),
	};
	int r = vdpa_dev_check_mac(mac, e);

	/* The kernel reports success for other classes and does nothing. */
	if (!r)
		r = vdpa_dev_get(nl, name, &dev, e);
	if (r)
		return r;
	if (dev.id != VIRTIO_ID_NET)
		return err_set(e, -EOPNOTSUPP, "%s: only a network device has a MAC address", name);
	return vdpa_nl_request(nl, &req, e);
}
