/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vm ping, counters, rings: a look at a VMM and at the virtqueues of its guest. */
#include "cmd/cmds.h"

#include "config/config_json.h"
#include "shell/complete.h"
#include "vm/vm_reply.h"

#include <json-c/json.h>

struct look_args {
	const char *name;
};

static const struct arg rows[] = {
	ARG_WORD_ROW(look_args, name, "VM", "running VM", .required = true,
		     .complete = complete_vms),
};

static int run_ping(struct session *s, const void *args, size_t n, struct err *e)
{
	static const struct {
		const char *key, *label;
	} fields[] = {
		{ "version", "VERSION" },
		{ "build_version", "BUILD" },
		{ "pid", "PID" },
	};
	const struct look_args *a = args;
	struct json_object *answer;
	int r = vm_ask(a->name, VMM_PING, VM_WORK_MS, &answer, e);

	(void)n;
	if (r)
		return r;
	if (s->out.json)
		out_raw(&s->out, "vmm_ping", config_json_text(answer, JSON_C_TO_STRING_PLAIN));
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		out_str(&s->out, NULL, fields[i].label, vm_text_of(answer, fields[i].key));
	json_object_put(answer);
	return 0;
}

static void put_counters(struct output *o, const char *device, struct json_object *counters)
{
	if (!json_object_is_type(counters, json_type_object))
		return;
	json_object_object_foreach (counters, name, value) {
		out_item(o, device);
		out_str(o, NULL, "COUNTER", name);
		out_str(o, NULL, "VALUE", json_object_get_string(value));
	}
}

static void put_queue(struct output *o, const char *device, struct json_object *queue)
{
	static const struct {
		const char *key, *label;
	} fields[] = {
		{ "queue", "QUEUE" },           { "size", "SIZE" },
		{ "enabled", "ENABLED" },       { "layout", "LAYOUT" },
		{ "avail_index", "AVAIL" },     { "used_index", "USED" },
		{ "in_flight", "IN_FLIGHT" },   { "kicks", "WANTS_KICKS" },
		{ "interrupts", "WANTS_IRQS" },
	};

	out_item(o, device);
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		struct json_object *value;

		if (!json_object_object_get_ex(queue, fields[i].key, &value))
			out_str(o, NULL, fields[i].label, NULL);
		else if (json_object_is_type(value, json_type_boolean))
			out_bool(o, NULL, fields[i].label, json_object_get_boolean(value));
		else
			out_str(o, NULL, fields[i].label, json_object_get_string(value));
	}
}

static void put_rings(struct output *o, const char *device, struct json_object *ring)
{
	struct json_object *queues;

	if (!json_object_object_get_ex(ring, "queues", &queues) ||
	    !json_object_is_type(queues, json_type_array))
		return;
	for (size_t i = 0; i < json_object_array_length(queues); i++)
		put_queue(o, device, json_object_array_get_idx(queues, i));
}

typedef void put_device(struct output *o, const char *device, struct json_object *what);

/* JSON is what the VMM says, printed anew so that whatever it sends is one line. */
static int look(struct session *s, const struct look_args *a, enum vmm_request request,
		const char *key, put_device *put, struct err *e)
{
	struct json_object *answer;
	int r = vm_ask(a->name, request, VM_WORK_MS, &answer, e);

	if (r)
		return r;
	if (s->out.json) {
		out_raw(&s->out, key, config_json_text(answer, JSON_C_TO_STRING_PLAIN));
	} else {
		out_begin(&s->out, key, OUT_TABLE, OUT_MAP, "DEVICE");
		json_object_object_foreach (answer, device, what) {
			put(&s->out, device, what);
		}
		out_end(&s->out);
	}
	json_object_put(answer);
	return 0;
}

static int run_counters(struct session *s, const void *args, size_t n, struct err *e)
{
	(void)n;
	return look(s, args, VM_COUNTERS, "counters", put_counters, e);
}

static int run_rings(struct session *s, const void *args, size_t n, struct err *e)
{
	(void)n;
	return look(s, args, VM_RINGS, "rings", put_rings, e);
}

#define LOOK_COMMAND(symbol, path_, summary_, help_, run_)                                         \
	const struct command symbol = {                                                            \
		.path = path_,                                                                     \
		.summary = summary_,                                                               \
		.help = help_,                                                                     \
		.example = "vdpactl " path_ " blk-demo",                                           \
		COMMAND_ARGS(rows, look_args),                                                     \
		.run = run_,                                                                       \
	}

LOOK_COMMAND(command_vm_ping, "vm ping", "Ask a VMM for its version, and whether it answers", NULL,
	     run_ping);
LOOK_COMMAND(command_vm_counters, "vm counters", "Show what the devices of a VM have counted", NULL,
	     run_counters);
LOOK_COMMAND(command_vm_rings, "vm rings", "Show the virtqueues of a VM as they are in its memory",
	     "Requests in flight while USED stands still: the device is stuck. None in flight: the "
	     "guest\nasks for nothing.",
	     run_rings);
