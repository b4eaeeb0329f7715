/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dev add: creates vDPA devices and gives their nodes owner and mode. */
#include "cmd/cmds.h"

#include "base/parse.h"
#include "held_signals.h"
#include "owner.h"
#include "shell/complete.h"
#include "vdpa/dev.h"
#include "vdpa/dev_config.h"
#include "vdpa/sysfs.h"
#include "wait_for.h"

#include <errno.h>
#include <string.h>

struct add_args {
	const char *name, *mgmtdev, *owner, *mode;
	struct arg_mac mac;
	struct arg_number mtu, max_vqp, features;
	bool if_missing, wait;
};

static const struct arg add_rows[] = {
	{
		.name = "name",
		.style = ARG_KEYWORD,
		.type = ARG_WORD,
		.value = "NAME",
		.help = "name of the new device; given again it begins another device, and what "
			"stands before the first name applies to all",
		.required = true,
		.leader = true,
		ARG_FIELD(add_args, name, const char *),
	},
	{
		.name = "mgmtdev",
		.style = ARG_KEYWORD,
		.type = ARG_WORD,
		.value = "HANDLE",
		.help = "management device to create it on, BUS/NAME or NAME",
		.required = true,
		.complete = complete_mgmtdevs,
		ARG_FIELD(add_args, mgmtdev, const char *),
	},
	{
		.name = "mac",
		.style = ARG_KEYWORD,
		.type = ARG_MAC,
		.value = "MAC",
		.help = "address of a network device",
		ARG_FIELD(add_args, mac, struct arg_mac),
	},
	{
		.name = "mtu",
		.style = ARG_KEYWORD,
		.type = ARG_NUMBER,
		.value = "MTU",
		.help = "largest frame of a network device, 68 to 65535",
		.min = VDPA_MTU_MIN,
		.max = UINT16_MAX,
		ARG_FIELD(add_args, mtu, struct arg_number),
	},
	{
		.name = "max_vqp",
		.style = ARG_KEYWORD,
		.type = ARG_NUMBER,
		.value = "PAIRS",
		.help = "pairs of data queues of a network device, 1 to 32768",
		.min = 1,
		.max = 32768,
		ARG_FIELD(add_args, max_vqp, struct arg_number),
	},
	{
		.name = "device_features",
		.style = ARG_KEYWORD,
		.type = ARG_NUMBER,
		.value = "BITS",
		.help = "virtio features to offer, 0x...",
		ARG_FIELD(add_args, features, struct arg_number),
	},
	{
		.name = "owner",
		.style = ARG_KEYWORD,
		.type = ARG_WORD,
		.value = "USER[:GROUP]",
		.help = "who shall own the character device",
		.complete = complete_users,
		ARG_FIELD(add_args, owner, const char *),
	},
	{
		.name = "mode",
		.style = ARG_KEYWORD,
		.type = ARG_WORD,
		.value = "MODE",
		.help = "permissions of the character device, for example 660",
		ARG_FIELD(add_args, mode, const char *),
	},
	ARG_WORD_FLAG_ROW(
		add_args, if_missing, "if-missing",
		"leave a device of that name on that management device as it is, except for "
		"owner and mode"),
	ARG_FLAG_ROW(add_args, wait, "wait",
		     "wait until the character device can be opened (at most 10 s)"),
};

/* What must be right before the kernel sees the first of the devices. */
struct add_plan {
	struct vdpa_dev_params params;
	struct ownership owner;
	bool made;
	char driver[VDPA_DRIVER_MAX], node[VDPA_NODE_MAX]; /* where it came to be */
};

static int plan_one(const struct add_args *a, struct add_plan *plan, struct err *e)
{
	struct vdpa_dev_params *p = &plan->params;
	int r = vdpa_dev_check_name(a->name, e);

	e->misuse = r != 0;
	*p = (struct vdpa_dev_params){ .name = a->name, .mgmtdev = a->mgmtdev };
	if (!r)
		r = ownership_parse(a->owner, a->mode, &plan->owner, e);
	if (a->mac.given) {
		memcpy(p->mac, a->mac.addr, sizeof(p->mac));
		vdpa_dev_param_set(p, VDPA_ATTR_NET_MACADDR);
	}
	if (a->mtu.given) {
		p->mtu = (uint16_t)a->mtu.value;
		vdpa_dev_param_set(p, VDPA_ATTR_NET_MTU);
	}
	if (a->max_vqp.given) {
		p->max_vqp = (uint16_t)a->max_vqp.value;
		vdpa_dev_param_set(p, VDPA_ATTR_NET_MAX_VQP);
	}
	if (a->features.given) {
		p->features = a->features.value;
		vdpa_dev_param_set(p, VDPA_ATTR_DEV_FEATURES);
	}
	return r;
}

/* 1: it is there and as wanted, 0: it is not there. */
static int already_there(struct vdpa_nl *nl, const struct add_args *a, struct err *e)
{
	_vdpa_dev_ struct vdpa_dev d = { 0 };
	struct err why = { 0 };
	int r = vdpa_dev_get(nl, a->name, &d, &why);

	if (r)
		return r == -ENODEV ? 0 : err_pass(e, &why);
	if (!d.mgmtdev || strcmp(d.mgmtdev, a->mgmtdev) != 0)
		return err_set(e, -EEXIST, "%s: a device of that name exists on '%s', not on '%s'",
			       a->name, d.mgmtdev ? d.mgmtdev : "no management device", a->mgmtdev);
	return 1;
}

struct add_flags {
	bool if_missing, wait;
};

static int add_one(struct vdpa_nl *nl, const struct add_args *a, struct add_plan *plan,
		   const struct add_flags *flags, struct err *e)
{
	struct err why = { 0 };
	bool there = false;
	int r = 0;

	if (flags->if_missing) {
		r = already_there(nl, a, e);
		if (r < 0)
			return r;
		there = r == 1;
	}
	r = there ? 0 : vdpa_dev_add(nl, NULL, &plan->params, &why);
	/* Another has made it between the two looks. */
	if (r == -EEXIST && flags->if_missing) {
		r = already_there(nl, a, e);
		there = r == 1;
		if (r < 0)
			return r;
		if (!there)
			return err_pass(e, &why);
	} else if (r) {
		return err_pass(e, &why);
	}
	plan->made = !there;
	if (flags->wait)
		r = wait_for_node(a->name, e);
	if (!r && ownership_given(&plan->owner))
		r = ownership_apply(&plan->owner, a->name, e);
	return r ? r : vdpa_dev_place(nl, NULL, a->name, plan->driver, plan->node, e);
}

/* A command that fails leaves what was there: the newest first, whatever becomes of each. */
static void take_back(struct vdpa_nl *nl, const struct add_args *a, const struct add_plan *plans,
		      size_t n)
{
	while (n-- > 0)
		if (plans[n].made)
			(void)vdpa_dev_del(nl, NULL, a[n].name, VDPA_DEL_TIMEOUT_MS, NULL);
}

static int add_all(struct vdpa_nl *nl, const struct add_args *a, struct add_plan *plans, size_t n,
		   const struct add_flags *flags, struct err *e)
{
	sigset_t before;
	int r = signals_hold(&before, e);

	if (r)
		return r;
	for (size_t i = 0; !r && i < n; i++) {
		r = add_one(nl, &a[i], &plans[i], flags, e);
		if (!r)
			r = signals_check(e);
	}
	if (r)
		take_back(nl, a, plans, n);
	signals_release(&before);
	return r;
}

static void report(struct session *s, const struct add_args *a, const struct add_plan *plan)
{
	out_item(&s->out, a->name);
	out_bool(&s->out, "changed", NULL, plan->made);
	out_str(&s->out, NULL, "STATE", plan->made ? "created" : "existed");
	out_str(&s->out, "mgmtdev", "MGMTDEV", a->mgmtdev);
	out_str(&s->out, "driver", "DRIVER", *plan->driver ? plan->driver : NULL);
	out_str(&s->out, "node", "NODE", *plan->node ? plan->node : NULL);
}

/* The flags hold for the whole command, wherever they stand. */
static bool any_flag(const struct add_args *a, size_t n, size_t offset)
{
	for (size_t i = 0; i < n; i++)
		if (*(const bool *)((const char *)&a[i] + offset))
			return true;
	return false;
}

static int run(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct add_args *a = args;
	struct add_flags flags = {
		.if_missing = any_flag(a, n, offsetof(struct add_args, if_missing)),
		.wait = any_flag(a, n, offsetof(struct add_args, wait)),
	};
	_free_ struct add_plan *plans = calloc(n, sizeof(*plans));
	struct vdpa_nl *nl;
	int r = 0;

	if (!plans)
		return err_nomem(e);
	for (size_t i = 0; !r && i < n; i++)
		r = plan_one(&a[i], &plans[i], e);
	if (!r)
		r = session_nl(s, &nl, e);
	if (r)
		return r;
	r = add_all(nl, a, plans, n, &flags, e);
	if (r)
		return r;
	out_begin(&s->out, "dev", OUT_TABLE, OUT_MAP, "DEVICE");
	for (size_t i = 0; i < n; i++)
		report(s, &a[i], &plans[i]);
	out_end(&s->out);
	for (size_t i = 0; s->terminal && i < n; i++)
		if (!a[i].mac.given && vdpa_dev_lacks_address(nl, a[i].name))
			out_line(&s->out,
				 "%s has no MAC address, and a guest cannot use it so: "
				 "'vdpactl dev set name %s mac MAC'",
				 a[i].name, a[i].name);
	return 0;
}

const struct command command_dev_add = {
	.path = "dev add",
	.summary = "Create vDPA devices",
	.help = "The node of a new device belongs to root alone; owner and mode change that in the "
		"same command.",
	.example = "vdpactl dev add name vdpa-blk1 mgmtdev vdpasim_blk owner libvirt-qemu mode 660",
	COMMAND_ARGS(add_rows, add_args),
	.run = run,
};
