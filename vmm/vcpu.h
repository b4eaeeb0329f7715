/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The virtual CPUs: one thread each, which runs the guest and answers its exits. */
#pragma once

#include "base/err.h"
#include "snapshot/state.h"

#include <stdint.h>

struct machine;
struct kvm_vcpu_handle;
struct vcpus;

/* Where the boot CPU starts, filled by the kernel loader. */
struct boot_entry {
	uint64_t rip, rbx, rsi, rsp;
	uint64_t cr3; /* page tables; with `long_mode` */
	uint64_t gdt; /* guest-physical address of the boot GDT */
	uint16_t gdt_limit;
	bool long_mode; /* 64-bit entry; else 32-bit protected mode without paging */
};

/* Creates all vCPUs of the configuration; none runs yet. Without an `entry` their state is still to
 * be read. Main thread, as all others here. */
int vcpus_create(struct machine *m, const struct boot_entry *entry, struct vcpus **out,
		 struct err *e);

/* Starts the threads; they wait for vcpus_resume() where `paused`. */
int vcpus_start(struct vcpus *vcpus, bool paused, struct err *e);

/* One of them, borrowed; NULL beyond the last. */
struct kvm_vcpu_handle *vcpus_handle(struct vcpus *vcpus, unsigned int i);

/* Writes or reads the state of all vCPUs, none of which is running. */
void vcpus_state(struct vcpus *vcpus, const struct state *s);

/* Stops the guest: returns when no vCPU runs and none is in a handler. */
int vcpus_pause(struct vcpus *vcpus, struct err *e);
int vcpus_resume(struct vcpus *vcpus, struct err *e);

/* Returns when every vCPU has left the device handler it was in when this was called. */
void vcpus_synchronize(struct vcpus *vcpus);

/* Injects a non-maskable interrupt into every vCPU. */
int vcpus_nmi(struct vcpus *vcpus, struct err *e);

/* Ends the threads and releases all; NULL is fine. */
void vcpus_destroy(struct vcpus *vcpus);
