/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The present state of the host in the form that apply reads. */
#include "apply/host_save.h"

#include "apply/host_file.h"
#include "base/parse.h"
#include "config/profile.h"
#include "host/hugepages.h"
#include "host/modules.h"
#include "owner.h"
#include "vdpa/dev.h"
#include "vdpa/dev_config.h"
#include "vdpa/mgmtdev.h"
#include "vdpa/sysfs.h"
#include "vdpa/virtio_names.h"

#include <errno.h>
#include <string.h>

/* Modules that are vDPA's own; what they pull in comes by itself. */
static bool is_saved(const char *name)
{
	return strstr(name, "vdpa") || !strcmp(name, "vduse") || !strcmp(name, "ifcvf");
}

static int save_modules(struct strbuf *sb, struct err *e)
{
	for (size_t i = 0; i < module_rows_n; i++) {
		_module_info_ struct module_info info = { 0 };
		int r;

		if (!is_saved(module_rows[i].name))
			continue;
		r = module_info_get(NULL, module_rows[i].name, &info, e);
		if (r)
			return r;
		if (info.state != MODULE_LOADED)
			continue;
		host_print_head(sb, HOST_MODULE, info.name);
		for (size_t k = 0; k < info.n_params; k++)
			if (info.params[k].value)
				host_print_key(sb, info.params[k].name, info.params[k].value);
	}
	return 0;
}

static int save_hugepages(struct strbuf *sb, struct err *e)
{
	_hugepage_list_ struct hugepage_list list = { 0 };
	int r = hugepage_list_get(NULL, &list, e);

	for (size_t i = 0; !r && i < list.n; i++) {
		const struct hugepage_pool *p = &list.items[i];
		char size[32], pages[32];

		/* What goes by itself when it is not used any more is not the pool's. */
		if (p->node >= 0 || p->total == p->surplus)
			continue;
		format_size(p->size, size, sizeof(size));
		snprintf(pages, sizeof(pages), "%llu", (unsigned long long)(p->total - p->surplus));
		host_print_head(sb, HOST_HUGEPAGES, size);
		host_print_key(sb, "pages", pages);
	}
	return r;
}

static int save_profiles(struct strbuf *sb, struct err *e)
{
	static const char *const folders[] = { "/etc/vdpactl/profiles", NULL };
	_profile_list_ struct profile_list list = { 0 };
	int r = profile_list(folders, &list, e);

	for (size_t i = 0; !r && i < list.n; i++) {
		host_print_head(sb, HOST_PROFILE, list.entries[i].name);
		host_print_key(sb, "source", list.entries[i].path);
	}
	return r;
}

static int save_place(struct strbuf *sb, const char *name, struct vdpa_sysfs_dev *sys,
		      struct err *e)
{
	struct err why = { 0 };
	char text[256];
	int r = vdpa_sysfs_get(NULL, name, sys, &why);

	if (r)
		return r == -ENODEV ? 0 : err_pass(e, &why);
	host_print_key(sb, "driver", *sys->driver ? sys->driver : "none");
	if (!sys->node_exists)
		return 0;
	owner_format(sys->uid, sys->gid, text, sizeof(text));
	host_print_key(sb, "owner", text);
	snprintf(text, sizeof(text), "%03o", (unsigned)sys->mode & 0666u);
	host_print_key(sb, "mode", text);
	return 0;
}

/* What the device could not be created with again is not written. */
static int save_net(struct strbuf *sb, struct vdpa_nl *nl, const struct vdpa_dev *d, struct err *e)
{
	_vdpa_dev_config_ struct vdpa_dev_config c = { 0 };
	struct err why = { 0 };
	bool mac = vdpa_mgmtdev_takes(NULL, d->mgmtdev, VDPA_ATTR_NET_MACADDR);
	bool mtu = vdpa_mgmtdev_takes(NULL, d->mgmtdev, VDPA_ATTR_NET_MTU);
	char text[32];
	int r = vdpa_dev_config_get(nl, d->name, &c, &why);

	if (r)
		return r == -ENODEV || r == -EOPNOTSUPP ? 0 : err_pass(e, &why);
	format_mac(c.net.mac, text, sizeof(text));
	if (mac && vdpa_has(c.present, VDPA_ATTR_NET_MACADDR) &&
	    strcmp(text, "00:00:00:00:00:00") != 0)
		host_print_key(sb, "mac", text);
	snprintf(text, sizeof(text), "%u", c.net.mtu);
	if (mtu && vdpa_has(c.present, VDPA_ATTR_NET_MTU))
		host_print_key(sb, "mtu", text);
	return 0;
}

static int save_devices(struct session *s, struct strbuf *sb, struct err *e)
{
	_free_ struct vdpa_sysfs_dev *sys = malloc(sizeof(*sys));
	_vdpa_dev_list_ struct vdpa_dev_list list = { 0 };
	struct err why = { 0 };
	struct vdpa_nl *nl;
	int r;

	if (!sys)
		return err_nomem(e);
	r = session_nl(s, &nl, &why);
	/* Without the family there are no devices. */
	if (r == -ENOENT)
		return 0;
	r = r ? err_pass(e, &why) : vdpa_dev_list(nl, &list, e);
	for (size_t i = 0; !r && i < list.n; i++) {
		const struct vdpa_dev *d = &list.items[i];

		/* A name that we would not create cannot be created again. */
		if (!d->mgmtdev || vdpa_dev_check_name(d->name, NULL))
			continue;
		host_print_head(sb, HOST_DEVICE, d->name);
		host_print_key(sb, "mgmtdev", d->mgmtdev);
		if (d->id == VIRTIO_ID_NET)
			r = save_net(sb, nl, d, e);
		if (!r)
			r = save_place(sb, d->name, sys, e);
	}
	return r;
}

int host_save(struct session *s, struct strbuf *sb, struct err *e)
{
	int r = save_modules(sb, e);

	if (!r)
		r = save_hugepages(sb, e);
	if (!r)
		r = save_profiles(sb, e);
	if (!r)
		r = save_devices(s, sb, e);
	return r || !sb->failed ? r : err_nomem(e);
}
