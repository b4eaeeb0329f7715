/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A VMM process over a machine that only pretends, and requests to it. */
#pragma once

#include "unit.h"

#include "api/event_monitor.h"
#include "api/requests.h"
#include "config/config_json.h"
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

static inline int fake_create(const struct vm_config *config, const struct machine_setup *setup,
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

static inline int fake_ok(struct machine *m, struct err *e)
{
	(void)m, (void)e;
	return 0;
}

static inline int fake_pause(struct machine *m, struct err *e)
{
	(void)m, (void)e;
	return 0;
}

/* Writes what there is to write; the machine's own state is none. */
static inline int fake_snapshot(struct machine *m, const struct vm_config *config, const char *url,
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

static inline void fake_destroy(struct machine *m)
{
	free(m);
}

static inline int fake_add_disk(struct machine *m, const struct disk_config *disk,
				struct machine_place *place, struct err *e)
{
	struct fake *f = container_of(m, struct fake, machine);

	if (strcmp(disk->path, "/missing") == 0)
		return err_set(e, -ENOENT, "could not open '/missing'");
	place->segment = disk->pci.segment;
	place->slot = f->next_slot++;
	return 0;
}

static inline int fake_add_vdpa(struct machine *m, const struct vdpa_config *vdpa,
				struct machine_place *place, struct err *e)
{
	(void)m, (void)e;
	place->segment = vdpa->pci.segment;
	place->slot = 0;
	return 0;
}

static inline int fake_remove(struct machine *m, const char *id, struct err *e)
{
	(void)m;
	if (strcmp(id, "__console") == 0)
		return err_set(e, -EOPNOTSUPP, "'%s' stays", id);
	return strcmp(id, "d") == 0 || strcmp(id, "_disk0") == 0
		       ? 0
		       : err_set(e, -ENOENT, "no '%s'", id);
}

static inline void fake_each(struct machine *m, machine_device_fn fn, void *data)
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

static inline int set_up(void **state)
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

static inline int tear_down(void **state)
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
static inline int ask(struct world *w, const char *method, const char *name, const char *body)
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

static inline int put(struct world *w, const char *name, const char *body)
{
	return ask(w, "PUT", name, body);
}

static const char vm[] =
	"{\"payload\":{\"kernel\":\"/k\"},\"cpus\":{\"boot_vcpus\":1,\"max_vcpus\":"
	"1},\"disks\":[{\"path\":\"/d\",\"id\":\"d\"}]}";

#define WITH_VMM(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
