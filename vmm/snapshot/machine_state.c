/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All of a machine's state, in one walk over its parts. */
#include "snapshot/machine_state.h"

#include "config/config_json.h"
#include "devices.h"
#include "kvm.h"
#include "legacy/serial.h"
#include "pci/host.h"
#include "vcpu.h"
#include "virtio/virtio_pci.h"

#include <errno.h>
#include <json-c/json.h>
#include <string.h>

static void irqchip_state(struct kvm *kvm, uint32_t id, const char *name, const struct state *s)
{
	struct kvm_irqchip chip = { .chip_id = id };

	if (state_failed(s) || (!s->loading && kvm_get_irqchip(kvm, &chip, s->e) < 0))
		return;
	state_bytes(s, name, &chip.chip, sizeof(chip.chip));
	if (s->loading && !state_failed(s))
		kvm_set_irqchip(kvm, &chip, s->e);
}

static void platform_state(struct machine *m, const struct state *s)
{
	struct state ged = state_enter(s, "ged"), hotplug = state_enter(s, "hotplug");

	irqchip_state(m->kvm, KVM_IRQCHIP_PIC_MASTER, "pic_master", s);
	irqchip_state(m->kvm, KVM_IRQCHIP_PIC_SLAVE, "pic_slave", s);
	irqchip_state(m->kvm, KVM_IRQCHIP_IOAPIC, "ioapic", s);
	ged_state(&m->ged, &ged);
	pci_hotplug_state(&m->hotplug, &hotplug);
	if (!m->serial)
		return;
	struct state serial = state_enter(s, "serial");

	serial_state(m->serial, &serial);
}

static void device_state(struct machine_device *d, const struct state *s)
{
	struct state in = state_enter(s, d->dev->id);
	bool bar_64 = d->fn->bars[0].is_64;
	uint8_t slot = d->fn->slot;

	STATE_NUMBER(&in, "slot", slot);
	STATE_NUMBER(&in, "bar_64", bar_64);
	virtio_pci_state(d->fn, &in);
}

/* The IOMMU first: rings behind it are found through it. */
static void devices_state(struct machine *m, const struct state *s)
{
	for (unsigned int pass = 0; pass < 2; pass++)
		for (struct machine_device *d = m->devices; d; d = d->next)
			if ((d->dev == m->iommu) == (pass == 0))
				device_state(d, s);
}

static void machine_state(struct machine *m, const struct state *s)
{
	struct state vcpus = state_enter(s, "vcpus");
	struct state clock = state_enter(s, "clock");
	struct state platform = state_enter(s, "platform");
	struct state bridge = state_enter(s, "host_bridge");
	struct state devices = state_enter(s, "devices");

	/* Behind interrupt controllers, which would forget what devices raise. */
	state_same(s, "n_devices", devices_count(m));
	state_same(s, "iommu_in_reserve", m->config.platform.iommu_in_reserve);
	vcpus_state(m->vcpus, &vcpus);
	guest_clock_state(m, &clock);
	platform_state(m, &platform);
	pci_function_state(pci_host_segment(m->pci, 0)->slots[0].fn, &bridge);
	devices_state(m, &devices);
}

/* The caller's own may hold the trace of something that was tried and did not matter. */
static int give(const struct snapshot *from, const struct err *own, struct err *e)
{
	if (!own->code)
		return 0;
	*e = *own;
	return err_prefix(e, "snapshot '%s': state.json", from->folder);
}

int machine_load(struct machine *m, const struct snapshot *from, struct err *e)
{
	struct err own = { 0 };
	struct state s = state_begin(from->state, true, &own);
	int r = snapshot_load_memory(from, m->memory, e);

	if (r < 0)
		return r;
	machine_state(m, &s);
	return give(from, &own, e);
}

int machine_saved_place(const struct snapshot *from, const char *id, struct pci_config *place,
			bool *bar_64, struct err *e)
{
	struct err own = { 0 };
	struct state s = state_begin(from->state, true, &own);
	uint8_t slot = 0;

	struct state devices = state_enter(&s, "devices");
	struct state in = state_enter(&devices, id);

	STATE_NUMBER(&in, "slot", slot);
	STATE_NUMBER(&in, "bar_64", *bar_64);
	if (own.code)
		return give(from, &own, e);
	place->device_id = slot;
	return 0;
}

/* What is there, and what the configuration says is there: a device on its way out is one only. */
static int check_devices(struct machine *m, const struct vm_config *config, struct err *e)
{
	size_t n = config->n_disks + config->n_vdpas, there = 0;

	for (const struct machine_device *d = m->devices; d; d = d->next) {
		if (d->leaving ||
		    pci_host_segment(m->pci, d->fn->segment->number)->slots[d->fn->slot].hidden) {
			err_set(e, -EBUSY, "the guest has not given '%s' back yet", d->dev->id);
			return err_hint(e, "resume it, and wait for the event 'device-removed'");
		}
		there += d->removable;
	}
	for (size_t i = 0; i < config->n_vdpas; i++)
		if (config->vdpas[i].fd >= 0) {
			err_set(e, -EOPNOTSUPP,
				"vDPA device '%s' came as fd=%d, which no later VMM has",
				config->vdpas[i].pci.id, config->vdpas[i].fd);
			return err_hint(e, "give it by path= or device=");
		}
	if (there == n)
		return 0;
	return err_set(e, -EBUSY,
		       "the guest gave a device back that the configuration still has: %zu of %zu "
		       "are there",
		       there, n);
}

int machine_snapshot(struct machine *m, const struct vm_config *config, const char *url,
		     struct err *e)
{
	struct json_object *text, *state;
	int r = check_devices(m, config, e);

	if (r < 0)
		return r;
	text = vm_config_to_json(config);
	state = json_object_new_object();
	if (!text || !state) {
		r = err_nomem(e);
	} else {
		struct state s = state_begin(state, false, e);

		machine_state(m, &s);
		r = e->code;
	}
	if (r == 0)
		r = snapshot_write(url, text, state, m->memory, e);
	json_object_put(text);
	json_object_put(state);
	return r;
}
