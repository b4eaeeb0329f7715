/* SPDX-License-Identifier: GPL-3.0-or-later */
/* limits: how much memory may be locked, and how much VMs need. */
#include "cmd/cmds.h"

#include "base/checked.h"
#include "base/parse.h"
#include "host/memlock.h"
#include "shell/complete.h"

#include <errno.h>

struct limits_args {
	const char *user;
	struct arg_number vms, memory, devices;
};

enum {
	MAX_COUNT = 1000000
};

static const struct arg rows[] = {
	{
		.name = "user",
		.style = ARG_KEYWORD,
		.type = ARG_WORD,
		.value = "USER",
		.help = "what limits.conf gives this user, beside the limit of this process",
		.complete = complete_users,
		ARG_FIELD(limits_args, user, const char *),
	},
	{
		.name = "memory",
		.style = ARG_KEYWORD,
		.type = ARG_SIZE,
		.value = "SIZE",
		.help = "say what a VM of that much memory needs",
		ARG_FIELD(limits_args, memory, struct arg_number),
	},
	{
		.name = "devices",
		.style = ARG_KEYWORD,
		.type = ARG_NUMBER,
		.value = "N",
		.help = "vDPA devices of such a VM that pin its memory (1)",
		.max = MAX_COUNT,
		ARG_FIELD(limits_args, devices, struct arg_number),
	},
	{
		.name = "vms",
		.style = ARG_KEYWORD,
		.type = ARG_NUMBER,
		.value = "N",
		.help = "how many such VMs (1)",
		.min = 1,
		.max = MAX_COUNT,
		ARG_FIELD(limits_args, vms, struct arg_number),
	},
};

static void put_limit(struct output *o, const char *name, const struct memlock_limit *l)
{
	const struct {
		const char *key, *label;
		uint64_t bytes;
	} parts[] = { { "soft", "SOFT", l->soft }, { "hard", "HARD", l->hard } };

	out_item(o, name);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (parts[i].bytes == UINT64_MAX)
			out_str(o, parts[i].key, parts[i].label, "unlimited");
		else
			out_size(o, parts[i].key, parts[i].label, parts[i].bytes);
	}
}

static int put_need(struct output *o, const struct limits_args *a, struct err *e)
{
	uint64_t devices = a->devices.given ? a->devices.value : 1;
	uint64_t vms = a->vms.given ? a->vms.value : 1;
	uint64_t one = memlock_need_of(a->memory.value, (unsigned)devices), all, ram;

	if (mul_wraps(one, vms, &all) || mul_wraps(a->memory.value, vms, &ram))
		return err_set(e, -ERANGE, "the amount is out of range");
	out_open(o, "need");
	out_size(o, "per_vm", "limit for each VM", one);
	out_size(o, "pinned", "accounted for all VMs", all);
	out_size(o, "ram", "RAM of all VMs", ram);
	out_close(o);
	return 0;
}

static int run(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct limits_args *a = args;
	struct memlock_limit limit;
	bool from_files = false;
	int r = memlock_limit_get(&limit, e);

	(void)n;
	if (r)
		return r;
	if (!a->memory.given && (a->devices.given || a->vms.given)) {
		err_misuse(e, "'memory SIZE' is missing");
		return err_hint(e, "what VMs need depends on their memory");
	}
	out_begin(&s->out, "memlock", OUT_TABLE, OUT_MAP, "MEMLOCK OF");
	put_limit(&s->out, "this process", &limit);
	if (a->user) {
		r = memlock_limit_of_user(NULL, a->user, &limit, &from_files, e);
		if (!r && from_files)
			put_limit(&s->out, a->user, &limit);
	}
	out_end(&s->out);
	if (!r && a->user && !from_files)
		out_line(&s->out, "%s: no line in limits.conf or limits.d: the system's default",
			 a->user);
	return r || !a->memory.given ? r : put_need(&s->out, a, e);
}

const struct command command_limits_show = {
	.path = "limits show",
	.summary = "Show memory-lock limits, and what VMs with pinning devices need",
	.help = "A device that pins guest memory charges all of it to the VM's process, once for "
		"each device.",
	.example = "vdpactl limits show user alice memory 4G devices 2 vms 3",
	COMMAND_ARGS(rows, limits_args),
	.run = run,
};
