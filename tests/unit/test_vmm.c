/* SPDX-License-Identifier: GPL-3.0-or-later */
/* States, statuses and JSON of the VMM process, over a machine that only pretends. */
#include "fake_machine.h"

#include "config/vm_options.h"

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
		{ "PUT", "vm.create",
		  "{\"payload\":{\"kernel\":\"/k\"},\"disks\":[{\"path\":\"/a\",\"pci_device_id\":9},"
		  "{\"path\":\"/b\",\"pci_device_id\":9}]}",
		  400 },
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
	assert_non_null(strstr(reply, "\"features\":[\"kvm\"]"));
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

/* --no-shutdown: whatever became of the guest, the process and its API stay. */
static void the_process_outlives_its_guest(void **state)
{
	static const enum machine_event ends[] = { MACHINE_EVENT_POWER_OFF, MACHINE_EVENT_FAILED };
	struct world *w = *state;

	w->vmm.setup.no_shutdown = true;
	assert_int_equal(put(w, "vm.create", vm), 204);
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		assert_int_equal(put(w, "vm.boot", NULL), 204);
		guest_does(w, ends[i]);
		run_loop(w);
		assert_int_equal(w->vmm.state, VMM_CREATED);
		assert_false(w->vmm.stopping);
	}
	assert_int_equal(put(w, "vm.boot", NULL), 204);
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
		WITH_VMM(life),
		WITH_VMM(requests),
		WITH_VMM(devices),
		WITH_VMM(descriptors),
		WITH_VMM(a_failed_boot_leaves_the_vm_created),
		WITH_VMM(the_guest_resets_and_powers_off),
		WITH_VMM(the_process_outlives_its_guest),
		WITH_VMM(a_wish_of_a_former_machine_is_void),
		WITH_VMM(events),
		WITH_VMM(a_snapshot_and_back),
		cmocka_unit_test(a_slow_reader_loses_events),
	};

	return cmocka_run_group_tests_name("vmm", tests, NULL, NULL);
}
