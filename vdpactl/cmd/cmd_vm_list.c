/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vm list, vm info: what runs. */
#include "cmd/cmds.h"

#include "config/config_json.h"
#include "config/vm_config_check.h"
#include "shell/complete.h"
#include "vm/vm_reply.h"
#include "vm/vm_request.h"
#include "vm/vm_usage.h"

#include <json-c/json.h>
#include <string.h>

struct info_args {
	const char *name;
};

static const struct arg info_rows[] = {
	ARG_WORD_ROW(info_args, name, "VM", "running VM", .required = true,
		     .complete = complete_vms),
};

/* A member of a member; NULL where there is none. Borrowed. */
static struct json_object *member(struct json_object *o, const char *first, const char *second)
{
	struct json_object *found;

	if (!json_object_object_get_ex(o, first, &found))
		return NULL;
	if (second && !json_object_object_get_ex(found, second, &found))
		return NULL;
	return found;
}

static void put_number(struct output *o, const char *key, const char *label,
		       struct json_object *value, bool size)
{
	uint64_t v = value ? json_object_get_uint64(value) : 0;

	if (!value)
		out_str(o, NULL, label, NULL);
	else if (size)
		out_size(o, key, label, v);
	else
		out_uint(o, key, label, v);
}

static size_t list_length(struct json_object *list)
{
	return list && json_object_is_type(list, json_type_array) ? json_object_array_length(list)
								  : 0;
}

static void put_uptime(struct output *o, pid_t pid)
{
	uint64_t seconds = vm_uptime(pid);
	char text[32];

	out_uint(o, "uptime_seconds", NULL, seconds);
	snprintf(text, sizeof(text), "%u:%02u:%02u", (unsigned)(seconds / 3600),
		 (unsigned)(seconds / 60 % 60), (unsigned)(seconds % 60));
	out_str(o, NULL, "UPTIME", text);
}

static void put_alive(struct output *o, const struct vm_folder *f, pid_t pid)
{
	_vmm_reply_ struct vmm_reply reply = { 0 };
	struct json_object *info = NULL, *state;

	if (!vm_request(f->name, VM_INFO, NULL, VM_LOOK_MS, &reply, NULL) && reply.body)
		info = json_tokener_parse(reply.body);
	state = info ? member(info, "state", NULL) : NULL;
	out_str(o, "state", "STATE", state ? json_object_get_string(state) : vm_silence(pid));
	out_uint(o, "pid", "PID", (uint64_t)pid);
	if (info) {
		put_number(o, "vcpus", "VCPUS",
			   member(member(info, "config", NULL), "cpus", "boot_vcpus"), false);
		put_number(o, "memory", "MEMORY",
			   member(member(info, "config", NULL), "memory", "size"), true);
		out_uint(o, "disks", "DISKS", list_length(member(info, "config", "disks")));
		out_uint(o, "vdpa", "VDPA", list_length(member(info, "config", "vdpa")));
		json_object_put(info);
	}
	put_uptime(o, pid);
}

static int run_list(struct session *s, const void *args, size_t n, struct err *e)
{
	_words_ struct words names = { 0 };
	int r = vm_folder_list(&names, e);

	(void)args;
	(void)n;
	if (r)
		return r;
	out_begin(&s->out, "vm", OUT_TABLE, OUT_MAP, "VM");
	for (size_t i = 0; !r && i < names.n; i++) {
		struct vm_folder f;
		pid_t pid;

		/* A folder of another name is none of a VM's. */
		if (vm_name_check(names.list[i], NULL))
			continue;
		r = vm_folder_of(names.list[i], &f, e);
		if (r)
			break;
		switch (vm_folder_life(&f, &pid)) {
		case VM_ALIVE:
			out_item(&s->out, f.name);
			put_alive(&s->out, &f, pid);
			break;
		case VM_DEAD:
			out_item(&s->out, f.name);
			out_str(&s->out, "state", "STATE", vm_folder_kept(&f) ? "ending" : "died");
			break;
		case VM_UNKNOWN:
			r = vm_folder_unknown(&f, e);
			break;
		case VM_ABSENT:
			break;
		}
	}
	out_end(&s->out);
	return r;
}

/* vm.info's tree has a node for a device and one for its PCI function, which knows the slot. */
static void put_device(struct output *o, struct json_object *info, struct json_object *tree,
		       const char *id)
{
	static const char function_prefix[] = "_virtio-pci-";
	char function[128];
	struct json_object *bdf;

	if (!strncmp(id, function_prefix, strlen(function_prefix)))
		return;
	snprintf(function, sizeof(function), "%s%s", function_prefix, id);
	bdf = member(tree, function, "pci_bdf");
	if (!bdf)
		bdf = member(tree, id, "pci_bdf");
	out_item(o, id);
	out_str(o, NULL, "PCI", bdf ? json_object_get_string(bdf) : NULL);
	out_str(o, NULL, "ON_HOST", vm_info_on_host(info, id));
}

static void put_info_text(struct output *o, struct json_object *info)
{
	struct json_object *config = member(info, "config", NULL);
	struct json_object *tree = member(info, "device_tree", NULL);
	struct json_object *state = member(info, "state", NULL);
	struct json_object *kernel = config ? member(config, "payload", "kernel") : NULL;

	out_str(o, NULL, "STATE", state ? json_object_get_string(state) : NULL);
	if (config) {
		put_number(o, NULL, "VCPUS", member(config, "cpus", "boot_vcpus"), false);
		put_number(o, NULL, "MEMORY", member(config, "memory", "size"), true);
	}
	out_str(o, NULL, "KERNEL", kernel ? json_object_get_string(kernel) : NULL);
	if (!json_object_is_type(tree, json_type_object))
		return;
	out_begin(o, "devices", OUT_TABLE, OUT_MAP, "DEVICE");
	json_object_object_foreach (tree, id, device) {
		(void)device;
		put_device(o, info, tree, id);
	}
	out_end(o);
}

static int run_info(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct info_args *a = args;
	struct json_object *info;
	int r = vm_ask(a->name, VM_INFO, VM_WORK_MS, &info, e);

	(void)n;
	if (r)
		return r;
	/* Printed anew, so that whatever the VMM sends, this is one line of JSON. */
	if (s->out.json)
		out_raw(&s->out, "vm_info", config_json_text(info, JSON_C_TO_STRING_PLAIN));
	else
		put_info_text(&s->out, info);
	json_object_put(info);
	return 0;
}

const struct command command_vm_list = {
	.path = "vm list",
	.alias = "vm show",
	.summary = "Show the VMs that run, and those whose VMM has died",
	.run = run_list,
};

const struct command command_vm_info = {
	.path = "vm info",
	.summary = "Show state, configuration and devices of a VM",
	.example = "vdpactl vm info blk-demo --json --pretty",
	COMMAND_ARGS(info_rows, info_args),
	.run = run_info,
};
