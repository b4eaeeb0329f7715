/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The virtio devices of a machine: made, put on their segments, added and removed as it runs. */
#include "devices.h"

#include "api/event_monitor.h"
#include "config/vm_config_check.h"
#include "device_kinds.h"
#include "log.h"
#include "pci/host.h"
#include "snapshot/machine_state.h"
#include "virtio/iommu.h"
#include "virtio/virtio_pci.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Releases a device that is in no list. */
static void discard(struct machine_device *d)
{
	if (d->fn && d->fn->segment) {
		loop_cancel(d->machine->loop, d->fn);
		pci_host_detach(d->machine->pci, d->fn);
	}
	virtio_iommu_remove_endpoint(d->endpoint);
	if (d->fn)
		d->fn->ops->destroy(d->fn);
	else
		virtio_device_destroy(d->dev);
	free(d);
}

static int put_on_bus(struct machine_device *d, const struct pci_config *where, bool bar_64,
		      struct err *e)
{
	struct pci_config place = *where;
	struct virtio_pci *vpci = NULL;
	int ret = 0;

	/* A guest that goes on finds everything where it was, in whatever order it came. */
	if (d->machine->from)
		ret = machine_saved_place(d->machine->from, d->dev->id, &place, &bar_64, e);
	if (ret == 0)
		ret = virtio_pci_create(d->machine, d->dev, bar_64, place.segment == 0, &vpci, e);
	if (ret != 0)
		return ret;
	struct pci_function *fn = virtio_pci_function(vpci);

	fn->ejectable = d->removable;
	d->fn = fn;
	ret = pci_host_add(d->machine->pci, fn, &place, e);
	if (ret == 0 && d->endpoint)
		iommu_endpoint_bind(d->endpoint,
				    (uint32_t)where->segment << 16 | (uint32_t)fn->slot << 3,
				    d->dev);
	return ret;
}

static int make_on_bus(struct machine_device *d, const struct device_kind *kind,
		       const struct vm_config *config, size_t i, bool boot, struct err *e)
{
	struct virtio_host host = { .dma = &d->machine->dma, .loop = d->machine->loop };
	const struct pci_config *where = kind->place(config, i);
	int ret = 0;

	if (where->iommu && !d->machine->iommu)
		ret = err_set(e, -EINVAL, "this machine was started without a virtio-iommu");
	else if (where->iommu)
		ret = virtio_iommu_add_endpoint(d->machine->iommu, &d->endpoint, e);
	if (d->endpoint)
		host.dma = iommu_endpoint_space(d->endpoint);
	if (ret == 0)
		ret = kind->create(d, config, i, &host, e);
	if (ret != 0)
		return ret;
	return put_on_bus(d, where, !(kind->narrow_bar && boot && where->segment == 0), e);
}

static int make(struct machine *m, const struct device_kind *kind, const struct vm_config *config,
		size_t i, bool boot, struct machine_device **out, struct err *e)
{
	struct machine_device *d = calloc(1, sizeof(*d));

	if (!d)
		return err_nomem(e);
	d->machine = m;
	d->removable = kind->removable;
	int ret = make_on_bus(d, kind, config, i, boot, e);

	if (ret != 0) {
		const char *id = kind->place(config, i)->id;

		discard(d);
		return err_prefix(e, "%s '%s'", kind->what, id ? id : "");
	}
	d->next = m->devices;
	m->devices = d;
	*out = d;
	return 0;
}

/* The first of all, since the others get their memory from it; it goes onto the bus last. */
static int make_iommu(struct machine *m, struct err *e)
{
	const struct virtio_host host = { .dma = &m->dma, .loop = m->loop };
	struct machine_device *d = calloc(1, sizeof(*d));

	if (!d)
		return err_nomem(e);
	d->machine = m;
	int ret = virtio_iommu_create("__iommu", m->config.platform.iommu_address_width, &host,
				      &d->dev, e);

	if (ret < 0) {
		free(d);
		return err_prefix(e, "virtio-iommu");
	}
	m->iommu = d->dev;
	m->devices = d;
	return 0;
}

static int place_iommu(struct machine *m, struct err *e)
{
	const struct platform_config *p = &m->config.platform;
	struct pci_config where = { .device_id = PCI_DEVICE_AUTO };
	struct machine_device *d = m->devices;

	/* One that nobody asked for is not in the way of what comes to segment 0. */
	if (p->iommu_in_reserve)
		where = (struct pci_config){ .segment = p->iommu_segments[0],
					     .device_id = VM_SLOTS_PER_SEGMENT - 1 };

	while (d->next)
		d = d->next;
	return put_on_bus(d, &where, true, e);
}

/* Explicit slots first, so that no automatic choice takes one. */
static int reserve_slots(struct machine *m, struct err *e)
{
	for (size_t k = 0; k < KINDS; k++)
		for (size_t i = 0; i < device_kinds[k].count(&m->config); i++) {
			const struct pci_config *where = device_kinds[k].place(&m->config, i);
			int ret = pci_host_reserve(m->pci, where, e);

			if (ret < 0)
				return err_prefix(e, "%s '%s'", device_kinds[k].what,
						  where->id ? where->id : "");
		}
	return 0;
}

size_t devices_count(const struct machine *m)
{
	size_t n = 0;

	for (const struct machine_device *d = m->devices; d; d = d->next)
		n++;
	return n;
}

int devices_create(struct machine *m, struct err *e)
{
	struct machine_device *d;
	bool has_iommu = vm_config_has_iommu(&m->config);
	int ret = m->from ? 0 : reserve_slots(m, e);

	if (ret == 0 && has_iommu)
		ret = make_iommu(m, e);
	for (size_t k = 0; k < KINDS && ret == 0; k++)
		for (size_t i = 0; i < device_kinds[k].count(&m->config) && ret == 0; i++)
			ret = make(m, &device_kinds[k], &m->config, i, true, &d, e);
	if (ret == 0 && has_iommu)
		ret = place_iommu(m, e);
	if (ret < 0)
		devices_destroy(m);
	return ret;
}

static void remove_device(struct machine_device *d)
{
	struct machine_device **at = &d->machine->devices;

	while (*at != d)
		at = &(*at)->next;
	*at = d->next;
	discard(d);
}

void devices_destroy(struct machine *m)
{
	while (m->devices)
		remove_device(m->devices);
	m->iommu = NULL;
}

static struct machine_device *device_of(struct machine *m, const struct pci_function *fn)
{
	struct machine_device *d = m->devices;

	while (d && d->fn != fn)
		d = d->next;
	return d;
}

static void eject_on_main(void *data)
{
	struct pci_function *fn = data;
	struct machine *m = fn->machine;
	struct machine_device *d = device_of(m, fn);
	char id[VM_MAX_ID + 1], bdf[16];

	if (!d)
		return;
	snprintf(id, sizeof(id), "%s", d->dev->id);
	pci_function_name(fn, bdf, sizeof(bdf));
	remove_device(d);
	m->on_left(id, m->on_event_data);
	log_info("device '%s' at %s is removed", id, bdf);
	event_monitor_emit(m->events, "vm", "device-removed", id, bdf);
}

void devices_ejected(struct machine *m, struct pci_function *fn)
{
	loop_defer(m->loop, eject_on_main, fn);
}

static int hot_add(struct machine *m, const struct device_kind *kind,
		   const struct vm_config *config, struct machine_place *place, struct err *e)
{
	struct machine_device *d = NULL;
	int ret = make(m, kind, config, 0, false, &d, e);

	if (ret < 0 || !d)
		return ret;
	*place = (struct machine_place){ .segment = d->fn->segment->number, .slot = d->fn->slot };
	pci_hotplug_came(&m->hotplug, d->fn);
	return 0;
}

int machine_add_disk(struct machine *m, const struct disk_config *disk, struct machine_place *place,
		     struct err *e)
{
	struct disk_config copy = *disk;
	const struct vm_config config = { .disks = &copy, .n_disks = 1 };

	return hot_add(m, &device_kinds[KIND_DISK], &config, place, e);
}

int machine_add_vdpa(struct machine *m, const struct vdpa_config *vdpa, struct machine_place *place,
		     struct err *e)
{
	struct vdpa_config copy = *vdpa;
	const struct vm_config config = { .vdpas = &copy, .n_vdpas = 1 };

	return hot_add(m, &device_kinds[KIND_VDPA], &config, place, e);
}

int machine_remove_device(struct machine *m, const char *id, struct err *e)
{
	struct machine_device *d = m->devices;

	while (d && strcmp(d->dev->id, id) != 0)
		d = d->next;
	if (!d || d->leaving)
		return err_set(e, -ENOENT, "there is no device '%s'", id);
	if (!d->removable)
		return err_set(e, -EOPNOTSUPP, "device '%s' (%s) cannot be removed", id,
			       d->dev->kind);
	d->leaving = true;
	pci_hotplug_request_removal(&m->hotplug, d->fn);
	return 0;
}

void machine_each_device(struct machine *m, machine_device_fn fn, void *data)
{
	for (unsigned int i = 0; i < pci_host_segments(m->pci); i++)
		for (unsigned int slot = 0; slot < VM_SLOTS_PER_SEGMENT; slot++) {
			struct pci_function *f = pci_host_segment(m->pci, i)->slots[slot].fn;
			struct machine_device *d = f ? device_of(m, f) : NULL;

			const struct machine_place place = { .segment = (uint16_t)i,
							     .slot = (uint8_t)slot };

			if (f)
				fn(&place, f, d ? d->dev : NULL, data);
		}
}
