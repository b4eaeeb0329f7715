/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dev del, dev set, dev bind: what changes a device that exists. */
#include "cmd/cmds.h"

#include "held_signals.h"
#include "owner.h"
#include "shell/complete.h"
#include "vdpa/dev.h"
#include "vdpa/holder.h"
#include "vdpa/sysfs.h"
#include "vm/vm_folder.h"
#include "wait_for.h"

#include <errno.h>
#include <string.h>

struct del_args {
	struct arg_words devices;
	bool if_exists, wait;
};

static const struct arg del_rows[] = {
	ARG_WORDS_ROW(del_args, devices, "DEVICE", "device to delete", .required = true,
		      .complete = complete_devices),
	ARG_WORD_FLAG_ROW(del_args, if_exists, "if-exists",
			  "a device that is not there is no failure"),
	ARG_FLAG_ROW(del_args, wait, "wait", "wait until it has gone from sysfs (at most 10 s)"),
};

/* Where it is a VM of ours that uses the device, says how to stop that. */
static void name_user(const char *name, struct err *e)
{
	_holder_list_ struct holder_list holders = { 0 };
	struct vdpa_sysfs_dev dev;
	struct vm_folder vm;

	if (!vdpa_sysfs_get(NULL, name, &dev, NULL) && dev.node_exists &&
	    !holder_find(NULL, dev.rdev, &holders, NULL) && holders.n &&
	    vm_folder_of_pid(holders.items[0].pid, &vm))
		err_hint(e, "VM '%s' uses it: 'vdpactl vm stop %s' first", vm.name, vm.name);
}

/* Each of several before the first goes: a command that fails leaves what was there. */
static int check_all(struct vdpa_nl *nl, const struct del_args *a, struct err *e)
{
	_free_ struct vdpa_sysfs_dev *sys = malloc(sizeof(*sys));
	int r = 0;

	if (!sys)
		return err_nomem(e);
	for (size_t i = 0; !r && i < a->devices.n; i++) {
		r = vdpa_dev_check_free(nl, NULL, a->devices.list[i], sys, e);
		if (r == -ENODEV && a->if_exists)
			r = 0;
		if (r == -EBUSY)
			name_user(a->devices.list[i], e);
	}
	return r;
}

static int run_del(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct del_args *a = args;
	struct err why = { 0 };
	struct vdpa_nl *nl;
	int r = session_nl(s, &nl, &why);
	/* Without the family there are no devices. */
	bool none = r == -ENOENT && a->if_exists;

	(void)n;
	if (r && !none)
		return err_pass(e, &why);
	r = !none && a->devices.n > 1 ? check_all(nl, a, e) : 0;
	if (r)
		return r;
	out_begin(&s->out, "dev", OUT_TABLE, OUT_MAP, "DEVICE");
	for (size_t i = 0; !r && i < a->devices.n; i++) {
		bool missing;

		r = none ? -ENODEV
			 : vdpa_dev_del(nl, NULL, a->devices.list[i], VDPA_DEL_TIMEOUT_MS, e);
		missing = r == -ENODEV && a->if_exists;
		if (missing)
			r = 0;
		if (!r && a->wait)
			r = wait_until_gone(a->devices.list[i], e);
		if (r == -EBUSY)
			name_user(a->devices.list[i], e);
		if (r)
			break;
		out_item(&s->out, a->devices.list[i]);
		out_bool(&s->out, "changed", NULL, !missing);
		out_str(&s->out, NULL, "STATE", missing ? "was not there" : "deleted");
	}
	out_end(&s->out);
	return r;
}

struct set_args {
	const char *name, *owner, *mode;
	struct arg_mac mac;
};

static const struct arg set_rows[] = {
	{
		.name = "name",
		.style = ARG_KEYWORD,
		.type = ARG_WORD,
		.value = "DEVICE",
		.help = "device to change; given again it begins another device",
		.required = true,
		.leader = true,
		.complete = complete_devices,
		ARG_FIELD(set_args, name, const char *),
	},
	{
		.name = "mac",
		.style = ARG_KEYWORD,
		.type = ARG_MAC,
		.value = "MAC",
		.help = "new address of a network device",
		ARG_FIELD(set_args, mac, struct arg_mac),
	},
	{
		.name = "owner",
		.style = ARG_KEYWORD,
		.type = ARG_WORD,
		.value = "USER[:GROUP]",
		.help = "who shall own the character device",
		.complete = complete_users,
		ARG_FIELD(set_args, owner, const char *),
	},
	{
		.name = "mode",
		.style = ARG_KEYWORD,
		.type = ARG_WORD,
		.value = "MODE",
		.help = "permissions of the character device, for example 660",
		ARG_FIELD(set_args, mode, const char *),
	},
};

/* All that can be known to be wrong before anything is changed. */
static int check_set(const struct set_args *a, struct err *e)
{
	char node[VDPA_NODE_MAX];
	struct ownership want;
	int r;

	if (!a->mac.given && !a->owner && !a->mode)
		return err_misuse(e, "%s: nothing to set: mac, owner or mode", a->name);
	r = a->mac.given ? vdpa_dev_check_mac(a->mac.addr, e) : 0;
	if (!r)
		r = ownership_parse(a->owner, a->mode, &want, e);
	return r || !ownership_given(&want) ? r : vdpa_sysfs_node(NULL, a->name, node, e);
}

static int set_one(struct session *s, const struct set_args *a, struct err *e)
{
	struct vdpa_nl *nl;
	struct ownership want;
	int r = ownership_parse(a->owner, a->mode, &want, e);

	if (!r && a->mac.given)
		r = session_nl(s, &nl, e);
	if (!r && a->mac.given)
		r = vdpa_dev_set_mac(nl, a->name, a->mac.addr, e);
	if (!r && ownership_given(&want))
		r = ownership_apply(&want, a->name, e);
	if (r)
		return r;
	out_item(&s->out, a->name);
	out_bool(&s->out, "changed", NULL, true);
	out_str(&s->out, NULL, "STATE", "set");
	return 0;
}

static int run_set(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct set_args *a = args;
	int r = 0;

	for (size_t i = 0; !r && i < n; i++)
		r = check_set(&a[i], e);
	if (r)
		return r;
	out_begin(&s->out, "dev", OUT_TABLE, OUT_MAP, "DEVICE");
	for (size_t i = 0; !r && i < n; i++)
		r = set_one(s, &a[i], e);
	out_end(&s->out);
	return r;
}

struct bind_args {
	const char *device, *driver;
};

static const char *const drivers[] = { VDPA_DRIVER_VHOST, VDPA_DRIVER_VIRTIO, "none", NULL };

static const struct arg bind_rows[] = {
	ARG_WORD_ROW(bind_args, device, "DEVICE", "device", .required = true,
		     .complete = complete_devices),
	ARG_WORD_ROW(bind_args, driver, "DRIVER", "driver of the vdpa bus", .choices = drivers,
		     .required = true),
};

static int run_bind(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct bind_args *a = args;
	_free_ struct vdpa_sysfs_dev *sys = malloc(sizeof(*sys));
	const char *driver = strcmp(a->driver, "none") != 0 ? a->driver : NULL;
	sigset_t before;
	bool changed;
	int r;

	(void)n;
	if (!sys)
		return err_nomem(e);
	r = vdpa_sysfs_get(NULL, a->device, sys, e);
	if (r)
		return r;
	changed = strcmp(sys->driver, driver ? driver : "") != 0;
	r = signals_hold(&before, e);
	if (r)
		return r;
	r = vdpa_sysfs_bind(NULL, a->device, driver, e);
	signals_release(&before);
	if (!r)
		r = vdpa_sysfs_get(NULL, a->device, sys, e);
	if (r)
		return r;
	out_begin(&s->out, "dev", OUT_TABLE, OUT_MAP, "DEVICE");
	out_item(&s->out, a->device);
	out_bool(&s->out, "changed", NULL, changed);
	out_str(&s->out, "driver", "DRIVER", *sys->driver ? sys->driver : NULL);
	out_str(&s->out, "node", "NODE", *sys->node ? sys->node : NULL);
	out_end(&s->out);
	return 0;
}

const struct command command_dev_del = {
	.path = "dev del",
	.alias = "dev delete",
	.summary = "Delete vDPA devices; one that is in use is refused and its holder named",
	.help = "The kernel itself would wait for the holder without end, with all of generic "
		"netlink locked.",
	.example = "vdpactl dev del vdpa-blk1 if-exists",
	COMMAND_ARGS(del_rows, del_args),
	.run = run_del,
};

const struct command command_dev_set = {
	.path = "dev set",
	.summary = "Change the address, owner or mode of vDPA devices",
	.example = "vdpactl dev set name vdpa-net1 mac 52:54:00:12:34:56 owner alice",
	COMMAND_ARGS(set_rows, set_args),
	.run = run_set,
};

const struct command command_dev_bind = {
	.path = "dev bind",
	.summary = "Bind a vDPA device to a driver: for VMs, for this host, or none",
	.example = "vdpactl dev bind vdpa-blk1 vhost_vdpa",
	COMMAND_ARGS(bind_rows, bind_args),
	.run = run_bind,
};
