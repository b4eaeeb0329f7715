/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vm top: what the running VMs use and do, again and again. */
#include "cmd/cmds.h"

#include "base/clock.h"
#include "terminal_modes.h"
#include "vm/vm_folder.h"
#include "vm/vm_reply.h"
#include "vm/vm_usage.h"

#include <json-c/json.h>
#include <poll.h>
#include <string.h>

struct top_args {
	struct arg_number interval, count;
};

enum {
	INTERVAL_SECONDS = 2,
	MAX_SECONDS = 3600,
	MAX_MARKS = 4096
};

static const struct arg rows[] = {
	{
		.name = "interval",
		.style = ARG_OPTION,
		.type = ARG_NUMBER,
		.value = "SECONDS",
		.help = "time between two looks (2)",
		.min = 1,
		.max = MAX_SECONDS,
		ARG_FIELD(top_args, interval, struct arg_number),
	},
	{
		.name = "count",
		.style = ARG_OPTION,
		.type = ARG_NUMBER,
		.value = "N",
		.help = "end after N looks; one off a terminal, else without end",
		.min = 1,
		.max = UINT32_MAX,
		ARG_FIELD(top_args, count, struct arg_number),
	},
};

/* A number of the look before this one. */
struct mark {
	char key[160]; /* VM, or VM/DEVICE */
	uint64_t value;
};

struct marks {
	struct mark *list; /* owned */
	size_t n;
};

struct top {
	struct marks before, now;
	uint64_t elapsed_ms; /* since the last look; 0 at the first */
};

static void top_clear(struct top *t)
{
	free(t->before.list);
	free(t->now.list);
}

/* Notes a number that grows; what it grew by in a second (of 1000 units), -1 where not known. */
static int64_t rate(struct top *t, const char *vm, const char *device, uint64_t value)
{
	struct mark mark = { .value = value };
	struct mark *list;

	snprintf(mark.key, sizeof(mark.key), "%s%s%s", vm, *device ? "/" : "", device);
	list = t->now.n < MAX_MARKS ? reallocarray(t->now.list, t->now.n + 1, sizeof(*list)) : NULL;
	if (!list)
		return -1;
	t->now.list = list;
	list[t->now.n++] = mark;
	for (size_t i = 0; t->elapsed_ms && i < t->before.n; i++) {
		const struct mark *old = &t->before.list[i];

		/* A VM of that name that was started anew counts from zero. */
		if (!strcmp(old->key, mark.key) && old->value <= value)
			return (int64_t)((value - old->value) * 1000 / t->elapsed_ms);
	}
	return -1;
}

static void put_rate(struct output *o, const char *key, const char *label, int64_t value)
{
	if (value >= 0)
		out_uint(o, key, label, (uint64_t)value);
	else
		out_str(o, NULL, label, NULL);
}

/* NULL where the VMM does not answer. */
static struct json_object *ask(const char *name, enum vmm_request request)
{
	struct json_object *answer;

	return vm_ask(name, request, VM_LOOK_MS, &answer, NULL) ? NULL : answer;
}

/* Sum of the queues' kicks: queue0_kicks, queue1_kicks, ... */
static uint64_t sum_kicks(struct json_object *counters)
{
	uint64_t sum = 0;

	json_object_object_foreach (counters, name, value) {
		size_t n = strlen(name);

		if (n > 6 && !strcmp(name + n - 6, "_kicks"))
			sum += json_object_get_uint64(value);
	}
	return sum;
}

static uint64_t number(struct json_object *o, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(o, key, &value) ? json_object_get_uint64(value) : 0;
}

static void put_device(struct session *s, struct top *t, const char *vm, const char *id,
		       struct json_object *counters)
{
	struct output *o = &s->out;
	uint64_t kicks = sum_kicks(counters);
	int64_t per_second = rate(t, vm, id, kicks);

	if (o->json)
		jsonw_open(&o->writer, id, '{');
	out_str(o, NULL, "DEVICE", id);
	out_uint(o, "kicks", "KICKS", kicks);
	put_rate(o, "kicks_per_second", "KICKS/S", per_second);
	out_uint(o, "resets", "RESETS", number(counters, "resets"));
	out_uint(o, "errors", "ERRORS", number(counters, "errors"));
	if (o->json)
		jsonw_close(&o->writer);
}

/* In text each vDPA device behind the first has a line of its own below the VM's. */
static void put_devices(struct session *s, struct top *t, const char *vm, struct json_object *info)
{
	struct json_object *counters = ask(vm, VM_COUNTERS), *config, *list, *of;
	bool first = true;

	out_open(&s->out, "vdpa");
	if (counters && json_object_object_get_ex(info, "config", &config) &&
	    json_object_object_get_ex(config, "vdpa", &list) &&
	    json_object_is_type(list, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(list); i++) {
			const char *id = vm_text_of(json_object_array_get_idx(list, i), "id");

			if (!id || !json_object_object_get_ex(counters, id, &of) ||
			    !json_object_is_type(of, json_type_object))
				continue;
			if (!first && !s->out.json)
				out_item(&s->out, "");
			put_device(s, t, vm, id, of);
			first = false;
		}
	}
	out_close(&s->out);
	json_object_put(counters);
}

static void put_vm(struct session *s, struct top *t, const char *name, pid_t pid)
{
	struct json_object *info = ask(name, VM_INFO), *config, *cpus, *value;
	struct output *o = &s->out;
	struct vm_usage usage;
	char text[48];
	int64_t busy;

	vm_usage_get(pid, &usage);
	busy = rate(t, name, "", usage.vcpu_ms);
	out_item(o, name);
	out_str(o, "state", "STATE",
		json_object_object_get_ex(info, "state", &value) ? json_object_get_string(value)
								 : vm_silence(pid));
	out_uint(o, "pid", "PID", (uint64_t)pid);
	if (json_object_object_get_ex(info, "config", &config) &&
	    json_object_object_get_ex(config, "cpus", &cpus))
		out_uint(o, "vcpus", "VCPUS", number(cpus, "boot_vcpus"));
	/* Milliseconds a second are tenths of a per cent. */
	put_rate(o, "vcpu_percent", "CPU%", busy < 0 ? busy : busy / 10);
	out_uint(o, "vcpu_ms", NULL, usage.vcpu_ms);
	snprintf(text, sizeof(text), "%llu.%02u", (unsigned long long)(usage.vcpu_ms / 1000),
		 (unsigned)(usage.vcpu_ms % 1000 / 10));
	out_str(o, NULL, "CPU_SECONDS", text);
	out_uint(o, "rss", NULL, usage.rss);
	/* In MiB: this is read at a glance. */
	snprintf(text, sizeof(text), "%lluM", (unsigned long long)(usage.rss >> 20));
	out_str(o, NULL, "RSS", text);
	if (info)
		put_devices(s, t, name, info);
	json_object_put(info);
}

static int look(struct session *s, struct top *t, struct err *e)
{
	_words_ struct words names = { 0 };
	int r = vm_folder_list(&names, e);

	if (r)
		return r;
	out_begin(&s->out, "vm", OUT_TABLE, OUT_MAP, "VM");
	for (size_t i = 0; i < names.n; i++) {
		struct vm_folder f;
		enum vm_life life;
		pid_t pid = 0;

		if (vm_folder_of(names.list[i], &f, NULL))
			continue;
		life = vm_folder_life(&f, &pid);
		if (life == VM_ALIVE) {
			put_vm(s, t, f.name, pid);
		} else if (life == VM_DEAD) {
			out_item(&s->out, f.name);
			out_str(&s->out, "state", "STATE", vm_folder_kept(&f) ? "ending" : "died");
		}
	}
	out_end(&s->out);
	free(t->before.list);
	t->before = t->now;
	t->now = (struct marks){ 0 };
	return 0;
}

/* Until the next look, or a key that is pressed; true where that is the one for the end. */
static bool wait_or_end(bool keys, unsigned seconds)
{
	struct pollfd p = { .fd = keys ? STDIN_FILENO : -1, .events = POLLIN };
	char key;

	return poll(&p, 1, (int)seconds * 1000) > 0 &&
	       (read(STDIN_FILENO, &key, 1) <= 0 || key == 'q' || key == 'Q');
}

static int look_on(struct session *s, const struct top_args *a, bool screen, bool keys,
		   struct err *e)
{
	unsigned seconds = a->interval.given ? (unsigned)a->interval.value : INTERVAL_SECONDS;
	uint64_t left = a->count.given                ? a->count.value
			: screen || a->interval.given ? UINT64_MAX
						      : 1;
	_cleanup_(top_clear) struct top t = { 0 };
	bool json = s->out.json;
	uint64_t last = 0;

	for (;;) {
		uint64_t now = clock_ms();
		int r;

		t.elapsed_ms = last ? now - last : 0;
		last = now;
		/* The document that the command began with becomes the first look. */
		if (json && s->out.writer.depth == 0)
			out_start(&s->out, true, s->out.pretty);
		r = look(s, &t, e);
		if (r || !--left)
			return r;
		if (json)
			out_finish(&s->out);
		if (screen)
			dprintf(STDOUT_FILENO, "\033[H\033[2J");
		r = session_flush(s, e);
		if (r || wait_or_end(keys, seconds))
			return r;
	}
}

static int run(struct session *s, const void *args, size_t n, struct err *e)
{
	bool screen = !s->out.json && isatty(STDOUT_FILENO);
	struct terminal_modes modes = { 0 };
	int r;

	(void)n;
	if (screen)
		terminal_modes_keys(&modes);
	r = look_on(s, args, screen, modes.is_terminal, e);
	terminal_modes_restore(&modes);
	return r;
}

const struct command command_vm_top = {
	.path = "vm top",
	.summary = "Show what running VMs use: state, vCPU time, memory, vDPA queues",
	.help = "On a terminal the table is drawn again until you press q. Elsewhere one look is "
		"printed, more\nwith --count or --interval; with --json each is one line.",
	.example = "vdpactl vm top --json --interval 5 --count 12",
	COMMAND_ARGS(rows, top_args),
	.run = run,
};
