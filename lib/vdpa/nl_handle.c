/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The handle of a management device, "BUS/NAME" or "NAME", and its two netlink attributes. */
#include "vdpa/nl_handle.h"

#include <errno.h>
#include <string.h>

int nl_handle_split(struct nl_handle *h, const char *handle, struct err *e)
{
	const char *slash = strchr(handle, '/');
	const char *name = slash ? slash + 1 : handle;
	size_t bus_len = slash ? (size_t)(slash - handle) : 0;

	if (!*name || (slash && !bus_len) || bus_len >= NL_HANDLE_PART ||
	    strlen(name) >= NL_HANDLE_PART)
		return err_set(e, -EINVAL,
			       "'%.80s' names no management device (NAME or BUS/NAME, for example "
			       "vdpasim_blk or pci/0000:03:00.2)",
			       handle);
	memcpy(h->bus, handle, bus_len);
	h->bus[bus_len] = '\0';
	memcpy(h->name, name, strlen(name) + 1);
	return 0;
}

struct vdpa_nl_attr nl_string(enum vdpa_attr type, const char *text)
{
	return (struct vdpa_nl_attr){
		.type = (uint16_t)type,
		.len = (uint16_t)(strlen(text) + 1),
		.data = text,
	};
}

size_t nl_handle_attrs(const struct nl_handle *h, struct vdpa_nl_attr attrs[2])
{
	size_t n = 0;

	if (h->bus[0])
		attrs[n++] = nl_string(VDPA_ATTR_MGMTDEV_BUS_NAME, h->bus);
	attrs[n++] = nl_string(VDPA_ATTR_MGMTDEV_DEV_NAME, h->name);
	return n;
}

char *nl_handle_join(const char *bus, const char *name)
{
	char *s;

	if (!bus || !*bus)
		return strdup(name);
	return asprintf(&s, "%s/%s", bus, name) < 0 ? NULL : s;
}
