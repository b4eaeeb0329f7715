/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One virtual machine: owns everything, builds it in written order and destroys it in reverse. */
#pragma once

#include "acpi/ged.h"
#include "base/err.h"
#include "config/vm_config.h"
#include "dma.h"
#include "event_loop.h"
#include "guest_clock.h"
#include "io_bus.h"
#include "irq.h"
#include "legacy/i8042.h"
#include "legacy/port_b.h"
#include "legacy/power.h"
#include "memory.h"
#include "pci/hotplug.h"

#include <stdatomic.h>

struct console_backend;
struct event_monitor;
struct kvm;
struct machine;
struct machine_device;
struct pci_function;
struct syscall_filters;
struct virtio_device;
struct vcpus;
struct pci_host;
struct serial;
struct snapshot;
struct state;

/* What the guest or the VMM asked for; delivered on the main thread. */
enum machine_event {
	MACHINE_EVENT_POWER_OFF,
	MACHINE_EVENT_RESET,
	MACHINE_EVENT_FAILED, /* KVM could not go on; why is in the log */
};

typedef void (*machine_event_fn)(struct machine *m, enum machine_event event, void *data);

/* The guest gave a device back, asked or not; `id` is valid during the call. Main thread. */
typedef void (*machine_left_fn)(const char *id, void *data);

struct machine {
	struct vm_config config; /* owned copy */
	struct event_loop *loop; /* borrowed */
	machine_event_fn on_event;
	machine_left_fn on_left;
	void *on_event_data;                   /* for both */
	const struct syscall_filters *filters; /* borrowed; each vCPU thread enters FILTER_VCPU */
	struct event_monitor *events; /* borrowed; NULL: nobody listens (see api/event_monitor.h) */
	bool devices_may_come;
	const struct snapshot *from; /* borrowed, while it is read; NULL: the guest boots */
	bool starts_paused;          /* made from a snapshot */
	struct guest_memory *memory;
	struct kvm *kvm;
	struct irq *irq;
	struct io_bus pio, mmio;
	struct dma_space dma; /* guest-physical */
	struct ged ged;
	struct power_port power;
	struct port_b port_b;
	struct i8042 i8042;
	struct pci_host *pci;
	struct pci_hotplug hotplug;
	struct vcpus *vcpus;
	struct guest_clock clock; /* as the guest left it, while it is paused */
	struct serial *serial;
	struct machine_consoles *consoles; /* borrowed */
	struct machine_device *devices;    /* the newest first; see devices.h */
	struct virtio_device *iommu;       /* of one of them; NULL: none */
	atomic_int ending; /* the requested enum machine_event + 1; 0 while the guest runs */
};

/* Console backends outlive a machine that is reset: path of the pty, clients of the socket, raw
 * terminal. Both start as NULL and are opened by the first machine that needs them. */
struct machine_consoles {
	struct console_backend *console, *serial;
};

void machine_consoles_close(struct machine_consoles *consoles);

/* What surrounds a machine; all borrowed. */
struct machine_setup {
	struct event_loop *loop;
	machine_event_fn on_event;
	machine_left_fn on_left;
	void *on_event_data; /* for both */
	struct machine_consoles *consoles;
	struct event_monitor *events;          /* or NULL: nobody listens */
	const struct syscall_filters *filters; /* each vCPU thread enters FILTER_VCPU; or NULL */
	bool devices_may_come;       /* there is an API to add some: RAM is shared from the start */
	const struct snapshot *from; /* what the guest goes on from, or NULL: it boots */
};

/* Builds the machine from a checked configuration; no vCPU runs yet. On failure nothing is left
 * but the consoles. Made from a snapshot it is paused when it is started. */
int machine_create(const struct vm_config *config, const struct machine_setup *setup,
		   struct machine **out, struct err *e);
int machine_start(struct machine *m, struct err *e);
int machine_pause(struct machine *m, struct err *e);
int machine_resume(struct machine *m, struct err *e);

/* Writes the state of a paused machine and its memory into the folder of `url`, with `config` as
 * its configuration; on failure nothing of it is left there. */
int machine_snapshot(struct machine *m, const struct vm_config *config, const char *url,
		     struct err *e);

/* Any thread: delivers the event on the main thread; the first request wins, later ones are lost.
 */
void machine_request(struct machine *m, enum machine_event event);

/* Was an event requested? vCPUs do not enter the guest any more then. Any thread. */
bool machine_is_ending(struct machine *m);

/* Stops the vCPUs and releases everything; NULL is fine. */
void machine_destroy(struct machine *m);

/* Where a PCI function sits, on bus 0 of its segment; its text is "0000:00:06.0". */
struct machine_place {
	uint16_t segment;
	uint8_t slot;
};

/*
 * Adds a device to a started machine and tells the guest; returns before the guest has bound a
 * driver. The configuration is checked and has its id. Main thread, as all below.
 */
int machine_add_disk(struct machine *m, const struct disk_config *disk, struct machine_place *place,
		     struct err *e);
int machine_add_vdpa(struct machine *m, const struct vdpa_config *vdpa, struct machine_place *place,
		     struct err *e);

/*
 * Asks the guest to give a device back. When it does, the device is released, its slot is free
 * again, and only then the event "device-removed" of source "vm" goes out. -ENOENT: no such device,
 * or its removal was asked for already; -EOPNOTSUPP: this one can not be removed.
 */
int machine_remove_device(struct machine *m, const char *id, struct err *e);

int machine_power_button(struct machine *m, struct err *e);
int machine_nmi(struct machine *m, struct err *e);

/* Calls `fn` for every PCI function, by segment and slot; `dev` is NULL for one that is not virtio.
 */
typedef void (*machine_device_fn)(const struct machine_place *place, struct pci_function *fn,
				  struct virtio_device *dev, void *data);
void machine_each_device(struct machine *m, machine_device_fn fn, void *data);
