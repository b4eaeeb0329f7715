/* SPDX-License-Identifier: GPL-3.0-or-later */
/* States, statuses and JSON of the VMM process, over a machine that only pretends. */
#include "unit.h"

#include "api/event_monitor.h"
#include "api/requests.h"
#include "config/config_json.h"
#include "config/vm_options.h"
#include "console_backend.h"
#include "snapshot/snapshot.h"
#include "vmm.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>

/* What the pretended machine counts; reached through the device it was made with. */
struct fake {
	struct machine machine;
	machine_event_fn on_event;
	machine_left_fn on_left;
	void *data;
	uint8_t next_slot;
};

struct world {
	struct event_loop *loop;
	struct vmm vmm;
	struct event_monitor *events;
	int event_fd;
};

static int fake_create(const struct vm_config *config, const struct machine_setup *setup,
		       struct machine **out, struct err *e)
{
	struct fake *f;

	if (strcmp(config->payload.kernel, "/broken") == 0)
		return err_set(e, -EIO, "no kernel in '%s'", config->payload.kernel);
	if (config->serial.mode == CONSOLE_PTY)
		assert_int_equal(console_backend_open(&config->serial, "serial", setup->loop,
						      &setup->consoles->serial, e),
				 0);
	f = calloc(1, sizeof(*f));
	f->on_event = setup->on_event;
	f->on_left = setup->on_left;
	f->data = setup->on_event_data;
	f->next_slot = 6;
	*out = &f->machine;
	return 0;
}

static int fake_ok(struct machine *m, struct err *e)
{
	(void)m, (void)e;
	return 0;
}

static int fake_pause(struct machine *m, struct err *e)
{
	(void)m, (void)e;
	return 0;
}

/* Writes what there is to write; the machine's own state is none. */
static int fake_snapshot(struct machine *m, const struct vm_config *config, const char *url,
			 struct err *e)
{
	const struct memory_config memory = { .size = 4096 };
	struct json_object *text = vm_config_to_json(config), *none = json_object_new_object();
	struct guest_memory *mem;
	int r;

	(void)m;
	assert_int_equal(guest_memory_create(&memory, &mem, e), 0);
	assert_int_equal(
		json_object_object_add(none, "iommu_in_reserve",
				       json_object_new_int(config->platform.iommu_in_reserve)),
		0);
	r = snapshot_write(url, text, none, mem, e);
	guest_memory_destroy(mem);
	json_object_put(text);
	json_object_put(none);
	return r;
}

static void fake_destroy(struct machine *m)
{
	free(m);
}

static int fake_add_disk(struct machine *m, const struct disk_config *disk,
			 struct machine_place *place, struct err *e)
{
	struct fake *f = container_of(m, struct fake, machine);

	if (strcmp(disk->path, "/missing") == 0)
		return err_set(e, -ENOENT, "could not open '/missing'");
	place->segment = disk->pci.segment;
	place->slot = f->next_slot++;
	return 0;
}

static int fake_add_vdpa(struct machine *m, const struct vdpa_config *vdpa,
			 struct machine_place *place, struct err *e)
{
	(void)m, (void)e;
	place->segment = vdpa->pci.segment;
	place->slot = 0;
	return 0;
}

static int fake_remove(struct machine *m, const char *id, struct err *e)
{
	(void)m;
	if (strcmp(id, "__console") == 0)
		return err_set(e, -EOPNOTSUPP, "'%s' stays", id);
	return strcmp(id, "d") == 0 || strcmp(id, "_disk0") == 0
		       ? 0
		       : err_set(e, -ENOENT, "no '%s'", id);
}

static void fake_each(struct machine *m, machine_device_fn fn, void *data)
{
	(void)m, (void)fn, (void)data;
}

static const struct machine_ops fake_ops = {
	.create = fake_create,
	.start = fake_ok,
	.pause = fake_pause,
	.resume = fake_ok,
	.snapshot = fake_snapshot,
	.destroy = fake_destroy,
	.add_disk = fake_add_disk,
	.add_vdpa = fake_add_vdpa,
	.remove_device = fake_remove,
	.power_button = fake_ok,
	.nmi = fake_ok,
	.each_device = fake_each,
};

static int set_up(void **state)
{
	static struct world w; /* one at a time */
	struct vmm_setup setup = { .ops = &fake_ops };
	char path[] = "/tmp/vmm-events-XXXXXX";

	w.event_fd = mkostemp(path, O_CLOEXEC);
	assert_true(w.event_fd >= 0);
	assert_int_equal(event_monitor_open(path, -1, &w.events, NULL), 0);
	unlink(path);
	assert_int_equal(event_loop_create(&w.loop, NULL), 0);
	setup.loop = w.loop;
	setup.events = w.events;
	vmm_init(&w.vmm, &setup);
	*state = &w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	vmm_fini(&w->vmm);
	event_loop_destroy(w->loop);
	event_monitor_close(w->events);
	close(w->event_fd);
	return 0;
}

/* One request; returns the status and puts the body's text (or "") into `reply`. */
static char reply[65536];
static int ask(struct world *w, const char *method, const char *name, const char *body)
{
	_api_answer_ struct api_answer answer = { 0 };
	char path[128];

	snprintf(path, sizeof(path), "/api/v1/%s", name);
	api_request(&w->vmm, method, path, body ? body : "", body ? strlen(body) : 0, &answer);
	snprintf(reply, sizeof(reply), "%s",
		 answer.body ? json_object_to_json_string_ext(answer.body, JSON_C_TO_STRING_PLAIN)
			     : "");
	return answer.status;
}

static int put(struct world *w, const char *name, const char *body)
{
	return ask(w, "PUT", name, body);
}

/* The configuration in the vm.info of `reply`. */
static void info_config(char *buf, size_t size)
{
	struct json_object *info = json_tokener_parse(reply), *config = NULL;

	assert_true(json_object_object_get_ex(info, "config", &config));
	snprintf(buf, size, "%s", json_object_to_json_string(config));
	json_object_put(info);
}

static const char vm[] =
	"{\"payload\":{\"kernel\":\"/k\"},\"cpus\":{\"boot_vcpus\":1,\"max_vcpus\":"
	"1},\"disks\":[{\"path\":\"/d\",\"id\":\"d\"}]}";

static void life(void **state)
{
	static const struct {
		const char *name;
		int status;
		const char *then;
	} steps[] = {
		{ "vm.boot", 404, NULL },          { "vm.shutdown", 500, NULL },
		{ "vm.delete", 204, NULL },        { "vm.reboot", 404, NULL },
		{ "vm.pause", 404, NULL },         { "vm.create", 204, "Created" },
		{ "vm.create", 500, "Created" },   { "vm.pause", 500, "Created" },
		{ "vm.boot", 204, "Running" },     { "vm.boot", 500, "Running" },
		{ "vm.resume", 500, "Running" },   { "vm.pause", 204, "Paused" },
		{ "vm.pause", 500, "Paused" },     { "vm.resume", 204, "Running" },
		{ "vm.power-button", 204, NULL },  { "vm.nmi", 204, NULL },
		{ "vm.reboot", 204, "Running" },   { "vm.shutdown", 204, "Created" },
		{ "vm.shutdown", 500, "Created" }, { "vm.boot", 204, "Running" },
		{ "vm.pause", 204, "Paused" },     { "vm.shutdown", 204, "Created" },
		{ "vm.boot", 204, "Running" },     { "vm.delete", 204, NULL },
		{ "vm.delete", 204, NULL },        { "vm.power-button", 404, NULL },
	};
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		bool create = strcmp(steps[i].name, "vm.create") == 0;
		char state_text[64];

		assert_int_equal(put(w, steps[i].name, create ? vm : NULL), steps[i].status);
		if (steps[i].status == 204)
			assert_string_equal(reply, "");
		else
			assert_memory_equal(reply, "[\"", 2);
		if (!steps[i].then)
			continue;
		assert_int_equal(ask(w, "GET", "vm.info", NULL), 200);
		snprintf(state_text, sizeof(state_text), "\"state\":\"%s\"", steps[i].then);
		assert_non_null(strstr(reply, state_text));
	}
	assert_int_equal(ask(w, "GET", "vm.info", NULL), 404);
}

static void requests(void **state)
{
	static const struct {
		const char *method, *name, *body;
		int status;
	} rows[] = {
		{ "GET", "vmm.ping", NULL, 200 },
		{ "PUT", "vmm.ping", NULL, 400 },
		{ "GET", "vmm.ping", "{}", 400 },
		{ "GET", "vm.create", NULL, 400 },
		{ "PUT", "vm.create", NULL, 400 },
		{ "PUT", "vm.boot", "{}", 400 },
		{ "GET", "nothing", NULL, 404 },
		{ "GET", "", NULL, 404 },
		{ "PUT", "vm.create", "{", 400 },
		{ "PUT", "vm.create", "[]", 400 },
		{ "PUT", "vm.create", "{}", 400 },
		{ "PUT", "vm.create", "{} x", 400 },
		{ "PUT", "vm.create", "{\"payload\":{\"kernel\":7}}", 400 },
		{ "PUT", "vm.create",
		  "{\"payload\":{\"kernel\":\"/k\"},\"cpus\":{\"boot_vcpus\":0}}", 400 },
		{ "PUT", "vm.create",
		  "{\"payload\":{\"kernel\":\"/k\"},\"disks\":[{\"path\":\"/a\",\"id\":\"x\"},"
		  "{\"path\":\"/b\",\"id\":\"x\"}]}",
		  409 },
		{ "PUT", "vm.create", "{\"payload\":{\"kernel\":\"/k\"},\"vdpa\":[{\"fd\":0}]}",
		  400 },
		{ "PUT", "vm.add-disk", "{\"path\":\"/d\"}", 404 },
		{ "PUT", "vm.remove-device", "{\"id\":\"x\"}", 404 },
		{ "PUT", "vm.remove-device", "{\"id\":7}", 400 },
		{ "PUT", "vm.remove-device", "{}", 400 },
		{ "PUT", "vm.add-net", "{}", 501 },
		{ "PUT", "vm.snapshot", "{}", 400 },
		{ "PUT", "vm.snapshot", "{\"destination_url\":\"file:///s\"}", 404 },
		{ "PUT", "vm.restore", "{}", 400 },
		{ "PUT", "vm.restore", "[]", 400 },
		{ "PUT", "vm.restore", "{\"source_url\":\"file:///nonesuch\"}", 500 },
		{ "PUT", "vm.restore", "{\"source_url\":\"http://x/\"}", 500 },
		{ "PUT", "vm.restore",
		  "{\"source_url\":\"file:///s\",\"memory_restore_mode\":\"OnDemand\"}", 400 },
		{ "PUT", "vm.restore", "{\"source_url\":\"file:///s\",\"nonsense\":1}", 400 },
		{ "GET", "vm.counters", NULL, 404 },
		{ "GET", "vm.rings", NULL, 404 },
	};
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (ask(w, rows[i].method, rows[i].name, rows[i].body) != rows[i].status)
			fail_msg("%s %s: not %d but %s", rows[i].method, rows[i].name,
				 rows[i].status, reply);
		assert_int_equal(w->vmm.state, VMM_EMPTY);
	}
	assert_int_equal(ask(w, "GET", "vmm.ping", NULL), 200);
	assert_non_null(strstr(reply, "\"features\":[]"));
}

static void devices(void **state)
{
	struct world *w = *state;
	struct fake *f;

	assert_int_equal(put(w, "vm.create", vm), 204);
	/* Not running: into the configuration alone. */
	assert_int_equal(put(w, "vm.add-vdpa", "{\"path\":\"/dev/vhost-vdpa-0\"}"), 204);
	assert_int_equal(w->vmm.config.n_vdpas, 1);
	assert_int_equal(put(w, "vm.boot", NULL), 204);
	assert_int_equal(put(w, "vm.add-disk", "{\"path\":\"/e\",\"id\":\"e\"}"), 200);
	assert_string_equal(reply, "{\"id\":\"e\",\"bdf\":\"0000:00:06.0\"}");
	/* What is refused changes nothing. */
	assert_int_equal(put(w, "vm.add-disk", "{\"path\":\"/f\",\"id\":\"e\"}"), 409);
	assert_int_equal(put(w, "vm.add-disk", "{\"path\":\"/missing\",\"id\":\"m\"}"), 500);
	assert_int_equal(put(w, "vm.add-disk", "{\"path\":\"/f\",\"pci_segment\":3}"), 400);
	assert_int_equal(put(w, "vm.add-disk", "{\"path\":\"/f\",\"iommu\":true}"), 400);
	assert_int_equal(put(w, "vm.add-vdpa", "{\"fd\":3}"), 400);
	assert_int_equal(put(w, "vm.add-vdpa", "{}"), 400);
	assert_int_equal(put(w, "vm.add-vdpa", "7"), 400);
	assert_int_equal(w->vmm.config.n_disks, 2);
	assert_int_equal(w->vmm.config.n_vdpas, 1);
	assert_int_equal(put(w, "vm.remove-device", "{\"id\":\"d\"}"), 204);
	assert_int_equal(w->vmm.config.n_disks, 1);
	assert_int_equal(put(w, "vm.remove-device", "{\"id\":\"nix\"}"), 404);
	assert_int_equal(put(w, "vm.remove-device", "{\"id\":\"__console\"}"), 500);
	/* Of what the guest gave back, asked or not, nothing is left, and its id is free. */
	f = container_of(w->vmm.machine, struct fake, machine);
	f->on_left("d", f->data);
	assert_int_equal(w->vmm.config.n_disks, 1);
	f->on_left("e", f->data);
	assert_int_equal(w->vmm.config.n_disks, 0);
	assert_int_equal(put(w, "vm.add-disk", "{\"path\":\"/e\",\"id\":\"e\"}"), 200);
	assert_int_equal(put(w, "vm.shutdown", NULL), 204);
	assert_int_equal(put(w, "vm.remove-device", "{\"id\":\"e\"}"), 204);
	assert_int_equal(put(w, "vm.remove-device", "{\"id\":\"e\"}"), 404);
	assert_int_equal(w->vmm.config.n_disks, 0);
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/* The descriptor of a device is the configuration's: it lives over reboots and goes with it. */
static void descriptors(void **state)
{
	struct world *w = *state;
	int fds[2];

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = open("/dev/null", O_RDWR | O_CLOEXEC);
		assert_true(fds[i] >= 0);
	}
	assert_int_equal(put(w, "vm.create", vm), 204);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		struct vdpa_config *v =
			vm_config_open(&w->vmm.config, &vm_section_vdpa, NULL, NULL);

		v->fd = fds[i];
		v->pci.id = strdup(i ? "e" : "d");
	}
	free(w->vmm.config.disks[0].pci.id);
	w->vmm.config.disks[0].pci.id = strdup("disk");
	assert_int_equal(put(w, "vm.boot", NULL), 204);
	assert_int_equal(put(w, "vm.reboot", NULL), 204);
	/* What copies there are belong to the machine, and this one takes none. */
	assert_false(is_open(fds[1] + 1));
	assert_int_equal(put(w, "vm.remove-device", "{\"id\":\"d\"}"), 204);
	assert_false(is_open(fds[0]));
	assert_true(is_open(fds[1]));
	assert_int_equal(put(w, "vm.delete", NULL), 204);
	assert_false(is_open(fds[1]));
}

/* Where devices may come, a segment behind the IOMMU waits for them. */
static void hot_plug_behind_the_iommu(void **state)
{
	static const char on_it[] = "{\"path\":\"/dev/vhost-vdpa-1\",\"iommu\":true,"
				    "\"pci_segment\":1,\"id\":\"b\"}";
	static const char off_it[] = "{\"path\":\"/f\",\"pci_segment\":1}";
	struct world *w = *state;

	w->vmm.setup.has_api = true;
	assert_int_equal(put(w, "vm.create", vm), 204);
	assert_int_equal(ask(w, "GET", "vm.info", NULL), 200);
	assert_null(strstr(reply, "platform"));
	assert_non_null(strstr(reply, "{\"config\":{\"iommu\":false,"));
	assert_int_equal(put(w, "vm.boot", NULL), 204);
	assert_int_equal(put(w, "vm.add-vdpa",
			     "{\"path\":\"/dev/vhost-vdpa-0\",\"iommu\":true,"
			     "\"id\":\"a\"}"),
			 200);
	assert_string_equal(reply, "{\"id\":\"a\",\"bdf\":\"0001:00:00.0\"}");
	assert_int_equal(put(w, "vm.add-vdpa", on_it), 200);
	assert_int_equal(put(w, "vm.add-disk", off_it), 400);
	/* A reboot finds it at the same place, and it says so. */
	assert_int_equal(w->vmm.config.vdpas[0].pci.segment, 1);
	assert_int_equal(ask(w, "GET", "vm.info", NULL), 200);
	assert_non_null(strstr(reply, "\"iommu_segments\":[1]"));
	assert_non_null(strstr(reply, "{\"config\":{\"iommu\":true,"));
}

/* The segment in reserve is shown when a device is on it, and only then; what is shown can be
 * created again. */
static void the_segment_in_reserve(void **state)
{
	static const char two[] = "{\"payload\":{\"kernel\":\"/k\"},"
				  "\"platform\":{\"num_pci_segments\":2}}";
	struct world *w = *state;
	char first[8192], second[8192];

	w->vmm.setup.has_api = true;
	assert_int_equal(put(w, "vm.create", two), 204);
	assert_int_equal(ask(w, "GET", "vm.info", NULL), 200);
	assert_non_null(strstr(reply, "\"num_pci_segments\":2,"));
	assert_null(strstr(reply, "iommu_segments"));
	assert_int_equal(
		put(w, "vm.add-disk", "{\"path\":\"/d\",\"pci_segment\":2,\"iommu\":true}"), 204);
	assert_int_equal(ask(w, "GET", "vm.info", NULL), 200);
	assert_non_null(strstr(reply, "\"num_pci_segments\":3,\"iommu_segments\":[2]"));
	info_config(first, sizeof(first));
	assert_int_equal(put(w, "vm.delete", NULL), 204);
	assert_int_equal(put(w, "vm.create", first), 204);
	assert_int_equal(ask(w, "GET", "vm.info", NULL), 200);
	info_config(second, sizeof(second));
	assert_string_equal(first, second);
}

/* As in cloud-hypervisor, the terminal that was made stands where a file would. */
static void the_pty_of_a_console(void **state)
{
	struct world *w = *state;
	char config[8192];

	assert_int_equal(put(w, "vm.create",
			     "{\"payload\":{\"kernel\":\"/k\"},\"serial\":{\"mode\":\"Pty\"}}"),
			 204);
	assert_int_equal(ask(w, "GET", "vm.info", NULL), 200);
	assert_non_null(strstr(reply, "\"serial\":{\"mode\":\"Pty\"}"));
	assert_int_equal(put(w, "vm.boot", NULL), 204);
	assert_int_equal(ask(w, "GET", "vm.info", NULL), 200);
	assert_non_null(strstr(reply, "\"serial\":{\"mode\":\"Pty\",\"file\":\"\\/dev\\/pts\\/"));
	/* What it shows is taken again, and the terminal is then another. */
	info_config(config, sizeof(config));
	assert_int_equal(put(w, "vm.delete", NULL), 204);
	assert_int_equal(put(w, "vm.create", config), 204);
	assert_int_equal(ask(w, "GET", "vm.info", NULL), 200);
	assert_non_null(strstr(reply, "\"serial\":{\"mode\":\"Pty\"}"));
}

static void a_failed_boot_leaves_the_vm_created(void **state)
{
	struct world *w = *state;

	assert_int_equal(put(w, "vm.create", "{\"payload\":{\"kernel\":\"/broken\"}}"), 204);
	assert_int_equal(put(w, "vm.boot", NULL), 500);
	assert_string_equal(reply, "[\"could not boot the VM\",\"no kernel in '\\/broken'\"]");
	assert_int_equal(w->vmm.state, VMM_CREATED);
}

static void guest_does(struct world *w, enum machine_event event)
{
	struct fake *f = container_of(w->vmm.machine, struct fake, machine);

	f->on_event(&f->machine, event, f->data);
}

static void stop_loop(void *data)
{
	event_loop_stop(data);
}

static void run_loop(struct world *w)
{
	assert_int_equal(loop_defer(w->loop, stop_loop, w->loop), 0);
	assert_int_equal(event_loop_run(w->loop, NULL), 0);
}

static void the_guest_resets_and_powers_off(void **state)
{
	struct world *w = *state;

	assert_int_equal(put(w, "vm.create", vm), 204);
	assert_int_equal(put(w, "vm.boot", NULL), 204);
	guest_does(w, MACHINE_EVENT_RESET);
	run_loop(w);
	assert_int_equal(w->vmm.state, VMM_RUNNING);
	assert_false(w->vmm.stopping);
	guest_does(w, MACHINE_EVENT_POWER_OFF);
	run_loop(w);
	assert_int_equal(w->vmm.state, VMM_CREATED);
	assert_true(w->vmm.stopping);
	assert_int_equal(w->vmm.exit_code, 0);
}

/* A shutdown and a boot between the guest's wish and its turn: the new machine is not meant. */
static void a_wish_of_a_former_machine_is_void(void **state)
{
	struct world *w = *state;

	assert_int_equal(put(w, "vm.create", vm), 204);
	assert_int_equal(put(w, "vm.boot", NULL), 204);
	guest_does(w, MACHINE_EVENT_POWER_OFF);
	assert_int_equal(put(w, "vm.shutdown", NULL), 204);
	assert_int_equal(put(w, "vm.boot", NULL), 204);
	run_loop(w);
	assert_int_equal(w->vmm.state, VMM_RUNNING);
	assert_false(w->vmm.stopping);
}

static void events(void **state)
{
	static const char *const order[] = {
		"starting", "booting",   "booted",   "pausing",   "paused",   "resuming",
		"resumed",  "rebooting", "rebooted", "activated", "shutdown", "deleted",
	};
	struct world *w = *state;
	struct json_tokener *tok = json_tokener_new();
	char text[8192];
	size_t at = 0, len;

	put(w, "vm.create", vm);
	put(w, "vm.boot", NULL);
	put(w, "vm.pause", NULL);
	put(w, "vm.resume", NULL);
	put(w, "vm.reboot", NULL);
	event_monitor_emit(w->events, "vdpa", "activated", "_vdpa0", "0000:00:04.0");
	put(w, "vm.delete", NULL);
	len = (size_t)pread(w->event_fd, text, sizeof(text) - 1, 0);
	assert_true(len < sizeof(text));
	text[len] = '\0';
	assert_non_null(strstr(text, "{\n  \"timestamp\": {\n    \"secs\": "));
	assert_non_null(strstr(text, "\"source\": \"vdpa\",\n  \"event\": \"activated\",\n"
				     "  \"properties\": {\n    \"id\": \"_vdpa0\",\n"
				     "    \"bdf\": \"0000:00:04.0\"\n  }\n}\n\n"));
	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		struct json_object *o = json_tokener_parse_ex(tok, text + at, (int)(len - at));

		assert_non_null(o);
		at += json_tokener_get_parse_end(tok);
		assert_string_equal(json_object_get_string(json_object_object_get(o, "event")),
				    order[i]);
		json_object_put(o);
	}
	json_tokener_free(tok);
}

static void a_slow_reader_loses_events(void **state)
{
	struct event_monitor *monitor;
	char text[8192] = "";
	int fds[2];

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(fcntl(fds[1], F_SETPIPE_SZ, 4096), 4096);
	assert_int_equal(event_monitor_open(NULL, fds[1], &monitor, NULL), 0);
	for (int i = 0; i < 100; i++)
		event_monitor_emit(monitor, "vm", "tick", NULL, NULL);
	assert_true(read(fds[0], text, sizeof(text) - 1) > 0);
	assert_null(strstr(text, "lost"));
	event_monitor_emit(monitor, "vm", "tick", NULL, NULL);
	memset(text, 0, sizeof(text));
	assert_true(read(fds[0], text, sizeof(text) - 1) > 0);
	assert_non_null(strstr(text, "\"lost\": "));
	event_monitor_close(monitor);
	close(fds[0]);
}

/* Replaces a word of a file by another of the same length. */
static void spoil(const char *path, const char *word, const char *other)
{
	char text[4096];
	int fd = open(path, O_RDWR | O_CLOEXEC);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	assert_true(n > 0);
	text[n] = '\0';
	assert_non_null(strstr(text, word));
	assert_int_equal(pwrite(fd, other, strlen(other), strstr(text, word) - text),
			 (ssize_t)strlen(other));
	close(fd);
}

static void a_snapshot_and_back(void **state)
{
	static const char *const names[] = { "memory", "config.json", "state.json" };
	char folder[] = "/tmp/vmm-snapshot-XXXXXX", path[64], out[128], back[128], run[160];
	struct world *w = *state;
	char events_text[8192];
	ssize_t n;

	assert_non_null(mkdtemp(folder));
	snprintf(out, sizeof(out), "{\"destination_url\":\"file://%s\"}", folder);
	snprintf(back, sizeof(back), "{\"source_url\":\"file://%s\"}", folder);
	snprintf(run, sizeof(run), "{\"source_url\":\"file://%s\",\"resume\":true}", folder);
	assert_int_equal(put(w, "vm.create", vm), 204);
	assert_int_equal(put(w, "vm.snapshot", out), 500);
	assert_int_equal(put(w, "vm.boot", NULL), 204);
	assert_int_equal(put(w, "vm.snapshot", out), 500);
	assert_string_equal(reply, "[\"could not snapshot the VM\",\"the VM is running (pause it "
				   "first)\"]");
	assert_int_equal(put(w, "vm.pause", NULL), 204);
	assert_int_equal(put(w, "vm.snapshot", out), 204);
	assert_int_equal(put(w, "vm.snapshot", out), 500);
	assert_int_equal(put(w, "vm.restore", back), 500);
	assert_int_equal(w->vmm.state, VMM_PAUSED);
	assert_int_equal(put(w, "vm.delete", NULL), 204);
	assert_int_equal(put(w, "vm.restore", back), 204);
	assert_int_equal(w->vmm.state, VMM_PAUSED);
	assert_string_equal(w->vmm.config.disks[0].path, "/d");
	assert_int_equal(put(w, "vm.delete", NULL), 204);
	assert_int_equal(put(w, "vm.restore", run), 204);
	assert_int_equal(w->vmm.state, VMM_RUNNING);
	assert_int_equal(put(w, "vm.delete", NULL), 204);
	n = pread(w->event_fd, events_text, sizeof(events_text) - 1, 0);
	assert_true(n > 0);
	events_text[n] = '\0';
	assert_non_null(strstr(events_text, "\"snapshotting\""));
	assert_non_null(strstr(events_text, "\"snapshotted\""));
	assert_non_null(strstr(events_text, "\"restored\""));
	/* A machine that cannot be built is none. */
	snprintf(path, sizeof(path), "%s/config.json", folder);
	spoil(path, "\"kernel\"", "\"kernul\"");
	assert_int_equal(put(w, "vm.restore", back), 400);
	assert_int_equal(w->vmm.state, VMM_EMPTY);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		assert_int_equal(unlink(path), 0);
	}
	assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
#define WITH_VMM(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
		WITH_VMM(life),
		WITH_VMM(requests),
		WITH_VMM(devices),
		WITH_VMM(descriptors),
		WITH_VMM(hot_plug_behind_the_iommu),
		WITH_VMM(the_segment_in_reserve),
		WITH_VMM(the_pty_of_a_console),
		WITH_VMM(a_failed_boot_leaves_the_vm_created),
		WITH_VMM(the_guest_resets_and_powers_off),
		WITH_VMM(a_wish_of_a_former_machine_is_void),
		WITH_VMM(events),
		WITH_VMM(a_snapshot_and_back),
		cmocka_unit_test(a_slow_reader_loses_events),
	};

	return cmocka_run_group_tests_name("vmm", tests, NULL, NULL);
}
