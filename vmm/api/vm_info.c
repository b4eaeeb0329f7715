/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the API tells about a VM. */
#include "api/vm_info.h"

#include "api/json_build.h"
#include "api/ring_view.h"
#include "config/config_json.h"
#include "console_backend.h"
#include "pci/pci.h"
#include "virtio/virtio.h"

#include <json-c/json.h>
#include <string.h>

enum {
	MAX_COUNTERS = 16 + 2 * VIRTIO_MAX_QUEUES, /* of one device */
};

void api_place_name(const struct machine_place *place, char *buf, size_t size)
{
	snprintf(buf, size, "%04x:00:%02x.0", place->segment, place->slot);
}

static struct json_object *node(const char *id, const char *child, const char *bdf)
{
	struct json_object *o = json_object_new_object(), *children = json_object_new_array();

	json_build_add(o, "id", json_object_new_string(id));
	json_build_add(o, "resources", json_object_new_array());
	if (child)
		json_build_append(children, json_object_new_string(child));
	json_build_add(o, "children", children);
	json_build_add(o, "pci_bdf", bdf ? json_object_new_string(bdf) : NULL);
	return o;
}

static struct json_object *bar_resource(const struct pci_bar *bar, unsigned int index)
{
	struct json_object *o = json_object_new_object(), *resource = json_object_new_object();

	json_build_add(o, "index", json_object_new_int64(index));
	json_build_add(o, "base", json_object_new_uint64(bar->range.base));
	json_build_add(o, "size", json_object_new_uint64(bar->size));
	json_build_add(o, "type_",
		       json_object_new_string(bar->is_io   ? "Io"
					      : bar->is_64 ? "Mmio64"
							   : "Mmio32"));
	json_build_add(o, "prefetchable", json_object_new_boolean(bar->prefetchable));
	json_build_add(resource, "PciBar", o);
	return resource;
}

/* A virtio device is two nodes: its transport, which has the address, and itself. */
static void add_nodes(const struct machine_place *place, struct pci_function *fn,
		      struct virtio_device *dev, void *tree)
{
	struct json_object *transport, *resources;
	char name[288], bdf[16];

	if (!dev)
		return;
	api_place_name(place, bdf, sizeof(bdf));
	snprintf(name, sizeof(name), "_virtio-pci-%s", dev->id);
	transport = node(name, dev->id, bdf);
	resources = json_object_object_get(transport, "resources");
	pthread_mutex_lock(&fn->lock);
	for (unsigned int i = 0; i < PCI_BARS; i++)
		if (fn->bars[i].size)
			json_build_append(resources, bar_resource(&fn->bars[i], i));
	pthread_mutex_unlock(&fn->lock);
	json_build_add(tree, name, transport);
	json_build_add(tree, dev->id, node(dev->id, NULL, NULL));
}

/* As cloud-hypervisor has it, `file` of a console in mode Pty is the terminal that was made. */
static void add_pty(struct json_object *config, const char *member,
		    const struct console_config *console, const struct console_backend *backend)
{
	struct json_object *o;

	if (console->mode == CONSOLE_PTY && backend &&
	    json_object_object_get_ex(config, member, &o))
		json_build_add(o, "file", json_object_new_string(console_backend_path(backend)));
}

static struct json_object *config_json(const struct vmm *vmm)
{
	struct json_object *config = vm_config_to_json(&vmm->config);

	add_pty(config, "console", &vmm->config.console, vmm->consoles.console);
	add_pty(config, "serial", &vmm->config.serial, vmm->consoles.serial);
	return config;
}

struct json_object *vm_info(struct vmm *vmm)
{
	static const char *const states[] = {
		[VMM_CREATED] = "Created",
		[VMM_RUNNING] = "Running",
		[VMM_PAUSED] = "Paused",
	};
	struct json_object *o = json_object_new_object(), *tree = json_object_new_object();

	json_build_add(o, "config", config_json(vmm));
	json_build_add(o, "state", json_object_new_string(states[vmm->state]));
	json_build_add(o, "memory_actual_size", json_object_new_uint64(vmm->config.memory.size));
	if (vmm->machine)
		vmm->setup.ops->each_device(vmm->machine, add_nodes, tree);
	json_build_add(o, "device_tree", tree);
	return o;
}

static void add_counters(const struct machine_place *place _unused_,
			 struct pci_function *fn _unused_, struct virtio_device *dev, void *all)
{
	_free_ struct virtio_counter *counters = NULL;
	struct json_object *o;
	size_t n;

	if (!dev || !dev->ops->counters)
		return;
	counters = calloc(MAX_COUNTERS, sizeof(*counters));
	if (!counters)
		return;
	pthread_mutex_lock(&dev->lock);
	n = dev->ops->counters(dev, counters, MAX_COUNTERS);
	pthread_mutex_unlock(&dev->lock);
	o = json_object_new_object();
	for (size_t i = 0; i < n; i++)
		json_build_add(o, counters[i].name, json_object_new_uint64(counters[i].value));
	json_build_add(all, dev->id, o);
}

struct json_object *vm_counters(struct vmm *vmm)
{
	struct json_object *all = json_object_new_object();

	vmm->setup.ops->each_device(vmm->machine, add_counters, all);
	return all;
}

static struct json_object *ring_json(const struct ring_view *view, unsigned int index)
{
	struct json_object *o = json_object_new_object();

	json_build_add(o, "queue", json_object_new_int64(index));
	json_build_add(o, "size", json_object_new_int64(view->size));
	json_build_add(o, "enabled", json_object_new_boolean(view->enabled));
	json_build_add(o, "layout", json_object_new_string(view->packed ? "packed" : "split"));
	if (!view->readable)
		return o;
	json_build_add(o, "avail_index", json_object_new_int64(view->avail_index));
	json_build_add(o, "used_index", json_object_new_int64(view->used_index));
	json_build_add(o, "in_flight", json_object_new_int64(view->in_flight));
	json_build_add(o, "interrupts", json_object_new_boolean(view->wants_interrupts));
	json_build_add(o, "kicks", json_object_new_boolean(view->wants_kicks));
	return o;
}

static void add_rings(const struct machine_place *place _unused_, struct pci_function *fn _unused_,
		      struct virtio_device *dev, void *all)
{
	struct json_object *o, *queues;

	if (!dev)
		return;
	o = json_object_new_object();
	queues = json_object_new_array();
	pthread_mutex_lock(&dev->lock);
	json_build_add(o, "device_type", json_object_new_int64(dev->type));
	json_build_add(o, "status", json_object_new_int64(dev->status));
	json_build_add(o, "active", json_object_new_boolean(dev->activated));
	for (unsigned int i = 0; i < dev->n_queues; i++) {
		struct ring_view view;

		ring_view_read(dev, i, &view);
		json_build_append(queues, ring_json(&view, i));
	}
	pthread_mutex_unlock(&dev->lock);
	json_build_add(o, "queues", queues);
	json_build_add(all, dev->id, o);
}

struct json_object *vm_rings(struct vmm *vmm)
{
	struct json_object *all = json_object_new_object();

	vmm->setup.ops->each_device(vmm->machine, add_rings, all);
	return all;
}
