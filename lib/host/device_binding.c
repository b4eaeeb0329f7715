/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Check: the vDPA devices exist and are bound to vhost_vdpa. */
#include "host/vdpa_target.h"
#include "vdpa/dev_config.h"

#include <errno.h>
#include <string.h>

static void report_absent(const struct vdpa_target *t, struct report *r)
{
	struct finding *f;

	if (t->row && t->row->create) {
		report_add(r, check_devices.id, FINDING_OK, t->subject,
			   "not there yet; it is created at start on %s",
			   t->row->mgmtdev ? t->row->mgmtdev : "its management device");
		return;
	}
	f = report_add(r, check_devices.id, FINDING_FAIL, t->subject, "%s", t->why.text);
	finding_remedy(f, "create the device, or name another one; 'vdpactl dev show' lists them");
	if (t->row && t->row->device)
		finding_command(f, "vdpactl dev add name %s mgmtdev %s", t->subject,
				t->row->mgmtdev ? t->row->mgmtdev : "MGMTDEV");
}

static void report_unbound(const struct vdpa_target *t, const struct check_options *o,
			   struct report *r)
{
	/* Of the host in general it may be meant so. */
	enum finding_status status = o->config ? FINDING_FAIL : FINDING_WARN;
	const char *driver = t->dev.driver;
	struct finding *f;

	if (strcmp(driver, VDPA_DRIVER_VHOST) == 0)
		f = report_add(r, check_devices.id, FINDING_FAIL, t->subject,
			       "bound to %s but without a character device", driver);
	else if (driver[0])
		f = report_add(r, check_devices.id, status, t->subject,
			       "bound to %s: this host uses it, no VM can", driver);
	else
		f = report_add(r, check_devices.id, status, t->subject, "bound to no driver");
	finding_remedy(f, "bind the device to " VDPA_DRIVER_VHOST);
	finding_command(f, "vdpactl dev bind %s " VDPA_DRIVER_VHOST, t->dev.name);
	/* What the host itself uses is not taken from it unasked. */
	if (o->config || !driver[0])
		finding_fix(f, t->dev.name, 0, -1);
}

/* `nl`: the check's netlink session, opened when it is first needed. */
static void report_ready(const struct vdpa_target *t, const struct check_options *o,
			 struct report *r, struct vdpa_nl **nl)
{
	struct finding *f;

	report_add(r, check_devices.id, FINDING_OK, t->subject, "bound to %s, node %s, %s",
		   t->dev.driver, t->dev.node,
		   vdpa_sysfs_memory_kind(o->roots, &t->dev) == VDPA_MEMORY_PINNED
			   ? "pins guest memory"
			   : "goes by virtual address");
	if (o->roots || (!*nl && vdpa_nl_open(nl, NULL)) ||
	    !vdpa_dev_lacks_address(*nl, t->dev.name))
		return;
	f = report_add(r, check_devices.id, FINDING_WARN, t->subject,
		       "has no MAC address: a Linux guest cannot bring its interface up");
	finding_remedy(f, "give it one");
	finding_command(f, "vdpactl dev set name %s mac MAC", t->dev.name);
}

static int look(const struct vdpa_target *t, const struct check_options *o, struct report *r,
		void *ctx)
{
	const struct vdpa_sysfs_dev *dev = &t->dev;

	if (t->code)
		report_absent(t, r);
	else if (!dev->node[0])
		report_unbound(t, o, r);
	else if (!dev->node_exists)
		report_add(r, check_devices.id, FINDING_FAIL, t->subject,
			   "its node '%s' is missing or another device (is devtmpfs mounted?)",
			   dev->node);
	else
		report_ready(t, o, r, ctx);
	return 0;
}

static int probe(const struct check_options *o, struct report *r, struct err *e)
{
	_vdpa_nl_ struct vdpa_nl *nl = NULL;
	size_t before = r->n;
	struct finding *f;
	int code = vdpa_target_each(o, r, look, &nl, e);

	if (code || o->config || r->n > before)
		return code;
	f = report_add(r, check_devices.id, FINDING_WARN, "none", "this host has no vDPA device");
	finding_remedy(f, "create one; 'vdpactl mgmtdev show' lists where");
	finding_command(f, "vdpactl dev add name NAME mgmtdev MGMTDEV");
	return 0;
}

static int fix(const struct check_options *o, const struct finding *f, bool dry_run,
	       struct strbuf *log, struct err *e)
{
	const char *name = f->target.object;
	struct vdpa_sysfs_dev dev;
	int r = vdpa_sysfs_get(o->roots, name, &dev, e);

	if (r)
		return r;
	strbuf_printf(log, "bind %s to " VDPA_DRIVER_VHOST " (undo: vdpactl dev bind %s %s)\n",
		      name, name, dev.driver[0] ? dev.driver : "none");
	return dry_run ? 0 : vdpa_sysfs_bind(o->roots, name, VDPA_DRIVER_VHOST, e);
}

const struct host_check check_devices = {
	.id = "devices",
	.summary = "vDPA devices are there and bound to vhost_vdpa",
	.probe = probe,
	.fix = fix,
};
