/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One virtual machine: built in written order, destroyed in reverse. */
#include "machine.h"

#include "boot/boot.h"
#include "console_backend.h"
#include "devices.h"
#include "guest_cpuid.h"
#include "kvm.h"
#include "layout.h"
#include "legacy/serial.h"
#include "log.h"
#include "pci/host.h"
#include "snapshot/machine_state.h"
#include "vcpu.h"

#include <stdlib.h>

static void deliver(void *data)
{
	struct machine *m = data;

	m->on_event(m, (enum machine_event)(atomic_load(&m->ending) - 1), m->on_event_data);
}

void machine_request(struct machine *m, enum machine_event event)
{
	int none = 0;

	if (atomic_compare_exchange_strong(&m->ending, &none, (int)event + 1))
		loop_defer(m->loop, deliver, m);
}

bool machine_is_ending(struct machine *m)
{
	return atomic_load(&m->ending) != 0;
}

static int map_memory(struct machine *m, struct err *e)
{
	struct memory_config memory = m->config.memory;
	int ret;

	/* A vhost-vdpa device sees shared memory only, one that is added later too. */
	memory.shared |= m->config.n_vdpas > 0 || m->devices_may_come;
	if (memory.shared && memory.mergeable)
		log_warn(
			"memory: mergeable=on has no effect: the memory is shared with vDPA devices, those that "
			"may be added too");
	ret = guest_memory_create(&memory, &m->memory, e);

	m->dma.memory = m->memory;
	for (size_t i = 0; ret == 0 && i < m->memory->n_regions; i++) {
		const struct memory_region *r = &m->memory->regions[i];

		ret = kvm_set_memory(m->kvm, MEMORY_SLOT_RAM + (unsigned int)i, r->gpa, r->size,
				     r->hva, false, e);
	}
	return ret;
}

static int create_serial(struct machine *m, struct err *e)
{
	int ret = 0;

	if (m->config.serial.mode == CONSOLE_OFF)
		return 0;
	if (m->config.serial.mode == CONSOLE_TTY && m->config.console.mode == CONSOLE_TTY)
		log_warn(
			"console and serial are both the terminal: each key goes to either of them");
	if (!m->consoles->serial)
		ret = console_backend_open(&m->config.serial, "serial", m->loop,
					   &m->consoles->serial, e);
	return ret < 0 ? ret : serial_create(&m->pio, m->irq, m->consoles->serial, &m->serial, e);
}

static int create_platform(struct machine *m, struct err *e)
{
	int ret = irq_create(m->kvm, &m->irq, e);

	if (ret == 0)
		ret = ged_add(&m->ged, m, e);
	if (ret == 0)
		ret = power_port_add(&m->power, m, e);
	if (ret == 0)
		ret = port_b_add(&m->port_b, &m->pio, e);
	if (ret == 0)
		ret = i8042_add(&m->i8042, m, e);
	if (ret == 0)
		ret = pci_hotplug_add(&m->hotplug, m, devices_ejected, e);
	if (ret == 0)
		ret = pci_host_create(m, cpuid_phys_bits(m->config.cpus.max_phys_bits), &m->pci, e);
	return ret == 0 ? create_serial(m, e) : ret;
}

/* What can be wrong with files comes first, what takes devices last. */
static int build(struct machine *m, struct err *e)
{
	struct boot_entry entry;
	int ret = kvm_create(&m->kvm, e);

	if (ret == 0)
		ret = map_memory(m, e);
	if (ret == 0 && !m->from)
		ret = boot_load(m->memory, &m->config.payload, &entry, e);
	if (ret == 0)
		ret = create_platform(m, e);
	if (ret == 0)
		ret = devices_create(m, e);
	if (ret == 0 && !m->from)
		ret = devices_describe(m, e);
	if (ret == 0)
		ret = vcpus_create(m, m->from ? NULL : &entry, &m->vcpus, e);
	return ret == 0 && m->from ? machine_load(m, m->from, e) : ret;
}

int machine_create(const struct vm_config *config, const struct machine_setup *setup,
		   struct machine **out, struct err *e)
{
	struct machine *m = calloc(1, sizeof(*m));

	if (!m)
		return err_nomem(e);
	m->loop = setup->loop;
	m->on_event = setup->on_event;
	m->on_left = setup->on_left;
	m->on_event_data = setup->on_event_data;
	m->consoles = setup->consoles;
	m->events = setup->events;
	m->filters = setup->filters;
	m->devices_may_come = setup->devices_may_come;
	m->from = setup->from;
	m->starts_paused = setup->from;
	if (vm_config_copy(&m->config, config) < 0) {
		free(m);
		return err_nomem(e);
	}
	int ret = io_bus_init(&m->pio, e);

	if (ret == 0)
		ret = io_bus_init(&m->mmio, e);
	if (ret == 0)
		ret = build(m, e);
	if (ret < 0) {
		machine_destroy(m);
		return ret;
	}
	m->from = NULL;
	*out = m;
	return 0;
}

int machine_start(struct machine *m, struct err *e)
{
	return vcpus_start(m->vcpus, m->starts_paused, e);
}

int machine_nmi(struct machine *m, struct err *e)
{
	return vcpus_nmi(m->vcpus, e);
}

int machine_power_button(struct machine *m, struct err *e _unused_)
{
	ged_raise(&m->ged, GED_POWER_BUTTON);
	return 0;
}

void machine_consoles_close(struct machine_consoles *consoles)
{
	console_backend_close(consoles->console);
	console_backend_close(consoles->serial);
	*consoles = (struct machine_consoles){ NULL, NULL };
}

void machine_destroy(struct machine *m)
{
	if (!m)
		return;
	vcpus_destroy(m->vcpus);
	m->vcpus = NULL;
	devices_destroy(m);
	serial_destroy(m->serial);
	pci_host_destroy(m->pci);
	pci_hotplug_remove(&m->hotplug);
	irq_destroy(m->irq);
	io_bus_destroy(&m->mmio);
	io_bus_destroy(&m->pio);
	kvm_destroy(m->kvm);
	guest_memory_destroy(m->memory);
	loop_cancel(m->loop, m);
	vm_config_clear(&m->config);
	free(m);
}
