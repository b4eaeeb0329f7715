/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel's KVM interface, typed: the only raw KVM ioctls of the program are behind it. */
#pragma once

#include "base/err.h"

#include <linux/kvm.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kvm; /* one VM; its functions may be called on any thread */

/* A doorbell: a guest write of any size to it signals `fd` inside the kernel instead of leaving the
 * guest. */
struct kvm_doorbell {
	uint64_t address;
	bool is_pio;
	int fd;
};

/*
 * Opens /dev/kvm and makes a VM with in-kernel LAPICs and IOAPIC. Missing node, missing rights and
 * missing capabilities each have their own message and remedy.
 */
int kvm_create(struct kvm **out, struct err *e);
void kvm_destroy(struct kvm *kvm);

/* KVM_CHECK_EXTENSION of the VM; 0 when the kernel does not know it. */
int kvm_capability(struct kvm *kvm, int capability);

/* Gives the guest `size` bytes of host memory at `gpa`; size 0 takes the slot away. `read_only`
 * memory is read without an exit while writes to it come as MMIO. */
int kvm_set_memory(struct kvm *kvm, unsigned int slot, uint64_t gpa, uint64_t size, void *hva,
		   bool read_only, struct err *e);

int kvm_add_doorbell(struct kvm *kvm, const struct kvm_doorbell *doorbell, struct err *e);
void kvm_remove_doorbell(struct kvm *kvm, const struct kvm_doorbell *doorbell);

int kvm_bind_irqfd(struct kvm *kvm, int fd, unsigned int gsi, struct err *e);
void kvm_unbind_irqfd(struct kvm *kvm, int fd, unsigned int gsi);
int kvm_set_routes(struct kvm *kvm, const struct kvm_irq_routing *routes, struct err *e);
void kvm_signal_msi(struct kvm *kvm, uint64_t address, uint32_t data);
void kvm_set_irq_line(struct kvm *kvm, unsigned int gsi, bool level);

/* CPUID that KVM can offer; *out is the caller's to free, `nent` entries of it are filled. */
int kvm_supported_cpuid(struct kvm *kvm, struct kvm_cpuid2 **out, struct err *e);

/* The file descriptor of a new vCPU with its shared run structure mapped. */
struct kvm_vcpu_handle {
	int fd;
	struct kvm_run *run;
	size_t run_size;
};

int kvm_vcpu_open(struct kvm *kvm, unsigned int id, struct kvm_vcpu_handle *out, struct err *e);
void kvm_vcpu_close(struct kvm_vcpu_handle *vcpu);

/* Enters the guest; 0 when it left it (see run->exit_reason), -EINTR, -EAGAIN, other errors. */
int kvm_vcpu_run(struct kvm_vcpu_handle *vcpu);
int kvm_vcpu_set_cpuid(struct kvm_vcpu_handle *vcpu, const struct kvm_cpuid2 *cpuid, struct err *e);
int kvm_vcpu_get_sregs(struct kvm_vcpu_handle *vcpu, struct kvm_sregs *sregs, struct err *e);
int kvm_vcpu_set_sregs(struct kvm_vcpu_handle *vcpu, const struct kvm_sregs *sregs, struct err *e);
int kvm_vcpu_get_regs(struct kvm_vcpu_handle *vcpu, struct kvm_regs *regs, struct err *e);
int kvm_vcpu_set_regs(struct kvm_vcpu_handle *vcpu, const struct kvm_regs *regs, struct err *e);
int kvm_vcpu_get_lapic(struct kvm_vcpu_handle *vcpu, struct kvm_lapic_state *lapic, struct err *e);
int kvm_vcpu_set_lapic(struct kvm_vcpu_handle *vcpu, const struct kvm_lapic_state *lapic,
		       struct err *e);
int kvm_vcpu_nmi(struct kvm_vcpu_handle *vcpu, struct err *e);

/* One MSR; -ENOENT when KVM does not have it, or does not take the value. */
int kvm_vcpu_set_msr(struct kvm_vcpu_handle *vcpu, uint32_t index, uint64_t value);
int kvm_vcpu_get_msr(struct kvm_vcpu_handle *vcpu, uint32_t index, uint64_t *value);

/* What KVM keeps of a vCPU, besides its MSRs and a guest's guest. */
struct kvm_part {
	const char *name; /* NULL: the end */
	unsigned long get, set;
	size_t size;
	const char *ioctls; /* for messages */
};

enum {
	MSR_TSC = 0x10,      /* the time-stamp counter */
	KVM_MAX_PART = 4096, /* bytes of the largest part */
	KVM_MAX_MSRS = 1024,
};

/* Lets an INIT or SIPI that waits take effect: KVM does that when it is asked for MP_STATE, and
 * registers read before are then the old ones (kvm_apic_accept_events() in arch/x86/kvm/lapic.c).
 */
void kvm_vcpu_settle(struct kvm_vcpu_handle *vcpu);

/* In the order in which they are set. */
extern const struct kvm_part kvm_vcpu_parts[];

int kvm_vcpu_get(struct kvm_vcpu_handle *vcpu, const struct kvm_part *part, void *data,
		 struct err *e);
int kvm_vcpu_set(struct kvm_vcpu_handle *vcpu, const struct kvm_part *part, const void *data,
		 struct err *e);

/* Of a guest that is a hypervisor itself; `size` of the state says how much room there is. */
int kvm_vcpu_get_nested(struct kvm_vcpu_handle *vcpu, struct kvm_nested_state *state,
			struct err *e);
int kvm_vcpu_set_nested(struct kvm_vcpu_handle *vcpu, const struct kvm_nested_state *state,
			struct err *e);

/* The frequency of the time-stamp counter; a negative errno where KVM does not know it. */
int kvm_vcpu_tsc_khz(struct kvm_vcpu_handle *vcpu);
int kvm_vcpu_set_tsc_khz(struct kvm_vcpu_handle *vcpu, uint32_t khz, struct err *e);

/* What is added to the host's time-stamp counter to make the guest's (since Linux 5.16). */
bool kvm_vcpu_has_tsc_offset(struct kvm_vcpu_handle *vcpu);
int kvm_vcpu_get_tsc_offset(struct kvm_vcpu_handle *vcpu, uint64_t *offset, struct err *e);
int kvm_vcpu_set_tsc_offset(struct kvm_vcpu_handle *vcpu, uint64_t offset, struct err *e);

/* The MSRs that make up a vCPU's state; *out is the caller's to free. */
int kvm_msr_list(struct kvm *kvm, struct kvm_msr_list **out, struct err *e);

/* One of the PICs or the IOAPIC, by chip->chip_id. */
int kvm_get_irqchip(struct kvm *kvm, struct kvm_irqchip *chip, struct err *e);
int kvm_set_irqchip(struct kvm *kvm, const struct kvm_irqchip *chip, struct err *e);

/* The guest's paravirtual clock, in nanoseconds. */
int kvm_get_clock(struct kvm *kvm, uint64_t *ns, struct err *e);
int kvm_set_clock(struct kvm *kvm, uint64_t ns, struct err *e);
