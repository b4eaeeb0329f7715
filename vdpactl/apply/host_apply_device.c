/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Devices of a host file: created, bound and given to their owner as it says. */
#include "apply/host_apply.h"

#include "base/parse.h"
#include "owner.h"
#include "vdpa/dev.h"
#include "vdpa/dev_config.h"
#include "vdpa/sysfs.h"
#include "wait_for.h"

#include <errno.h>
#include <string.h>

static uint16_t number_of(const struct host_item *item, const char *key)
{
	const char *text = host_item_get(item, key);
	uint64_t v = 0;

	/* The reader has checked it. */
	if (text)
		(void)parse_uint(text, 0, UINT16_MAX, &v, NULL);
	return (uint16_t)v;
}

static int create(struct host_apply *a, struct vdpa_nl *nl, const struct host_item *item,
		  struct err *e)
{
	struct vdpa_dev_params p = { .name = item->name,
				     .mgmtdev = host_item_get(item, "mgmtdev") };
	const char *mac = host_item_get(item, "mac");
	int r = 0;

	if (mac) {
		r = parse_mac(mac, p.mac, e);
		vdpa_dev_param_set(&p, VDPA_ATTR_NET_MACADDR);
	}
	p.mtu = number_of(item, "mtu");
	if (p.mtu)
		vdpa_dev_param_set(&p, VDPA_ATTR_NET_MTU);
	p.max_vqp = number_of(item, "max_vqp");
	if (p.max_vqp)
		vdpa_dev_param_set(&p, VDPA_ATTR_NET_MAX_VQP);
	if (!r && !a->dry)
		r = vdpa_dev_add(nl, NULL, &p, e);
	if (!r)
		host_apply_say(a, "+", HOST_DEVICE, item->name, "on %s", p.mgmtdev);
	return r;
}

static int differs(const struct host_item *item, const char *what, struct err *e)
{
	err_set(e, -EEXIST, "device '%s' exists with another %s", item->name, what);
	return err_hint(e, "that cannot be changed: delete it with 'vdpactl dev del %s' first",
			item->name);
}

/* An existing device: its address can be set, what else it was created with cannot. */
static int adjust(struct host_apply *a, struct vdpa_nl *nl, const struct host_item *item,
		  const struct vdpa_dev *d, struct err *e)
{
	const char *mac = host_item_get(item, "mac");
	_vdpa_dev_config_ struct vdpa_dev_config c = { 0 };
	uint8_t want[6];
	int r;

	if (!d->mgmtdev || strcmp(d->mgmtdev, host_item_get(item, "mgmtdev")) != 0)
		return differs(item, "management device", e);
	if (!mac && !number_of(item, "mtu"))
		return 0;
	r = vdpa_dev_config_get(nl, item->name, &c, e);
	if (r)
		return r;
	if (number_of(item, "mtu") && c.net.mtu != number_of(item, "mtu"))
		return differs(item, "mtu", e);
	if (!mac)
		return 0;
	r = parse_mac(mac, want, e);
	if (r || !memcmp(want, c.net.mac, sizeof(want)))
		return r;
	if (!a->dry)
		r = vdpa_dev_set_mac(nl, item->name, want, e);
	if (!r)
		host_apply_say(a, "~", HOST_DEVICE, item->name, "mac %s", mac);
	return r;
}

static int bind_driver(struct host_apply *a, const struct host_item *item,
		       const struct vdpa_sysfs_dev *sys, struct err *e)
{
	const char *driver = host_item_get(item, "driver");
	int r = 0;

	if (!driver || !strcmp(sys->driver, strcmp(driver, "none") != 0 ? driver : ""))
		return 0;
	if (!a->dry)
		r = vdpa_sysfs_bind(NULL, item->name, strcmp(driver, "none") != 0 ? driver : NULL,
				    e);
	if (!r)
		host_apply_say(a, "~", HOST_DEVICE, item->name, "driver %s", driver);
	return r;
}

static int own(struct host_apply *a, const struct host_item *item, const struct vdpa_sysfs_dev *sys,
	       struct err *e)
{
	const char *owner = host_item_get(item, "owner"), *mode_text = host_item_get(item, "mode");
	struct ownership want;
	int r = ownership_parse(owner, mode_text, &want, e);

	if (r || !ownership_given(&want))
		return r;
	if (sys->node_exists && (want.uid == (uid_t)-1 || want.uid == sys->uid) &&
	    (want.gid == (gid_t)-1 || want.gid == sys->gid) &&
	    (want.mode == (mode_t)-1 || want.mode == (sys->mode & 07777)))
		return 0;
	if (!a->dry)
		r = ownership_apply(&want, item->name, e);
	if (!r)
		host_apply_say(a, "~", HOST_DEVICE, item->name, "owner %s, mode %s",
			       owner ? owner : "as it is", mode_text ? mode_text : "as it is");
	return r;
}

/* What the kernel makes of a device that is only talked about: vhost_vdpa takes it, root has it. */
static void as_created(struct vdpa_sysfs_dev *sys)
{
	snprintf(sys->driver, sizeof(sys->driver), "%s", VDPA_DRIVER_VHOST);
	sys->node_exists = true;
	sys->uid = 0;
	sys->gid = 0;
	sys->mode = 0600;
}

int host_apply_device(struct host_apply *a, const struct host_item *item, struct err *e)
{
	_free_ struct vdpa_sysfs_dev *sys = calloc(1, sizeof(*sys));
	_vdpa_dev_ struct vdpa_dev d = { 0 };
	struct vdpa_nl *nl = NULL;
	struct err why = { 0 };
	bool there;
	int r;

	if (!sys)
		return err_nomem(e);
	/* Before the modules are loaded there are no devices: all are to be created. */
	r = session_nl(a->session, &nl, &why);
	if (r && (!a->dry || r != -ENOENT))
		return err_pass(e, &why);
	r = r ? -ENODEV : vdpa_dev_get(nl, item->name, &d, &why);
	if (r && r != -ENODEV)
		return err_pass(e, &why);
	there = !r;
	r = there ? adjust(a, nl, item, &d, e) : create(a, nl, item, e);
	if (r)
		return r;
	if (a->dry && !there)
		as_created(sys);
	else if (vdpa_sysfs_get(NULL, item->name, sys, NULL))
		return err_set(e, -ENODEV, "device '%s' has gone", item->name);
	r = bind_driver(a, item, sys, e);
	if (!r && !a->dry)
		(void)vdpa_sysfs_get(NULL, item->name, sys, NULL);
	if (!r && !there && !strcmp(sys->driver, VDPA_DRIVER_VHOST) && !sys->node_exists)
		r = wait_for_node(item->name, e);
	return r ? r : own(a, item, sys, e);
}
