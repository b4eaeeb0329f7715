/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The registers that a vCPU starts with. */
#pragma once

#include "kvm.h"
#include "vcpu.h"

/* Sets registers and LAPIC of the boot CPU; the others wait for INIT and SIPI, in the kernel. */
int vcpu_set_boot_state(struct kvm_vcpu_handle *vcpu, const struct boot_entry *entry,
			struct err *e);

/* Sets the MSRs that every CPU has after firmware. */
int vcpu_set_msrs(struct kvm_vcpu_handle *vcpu, struct err *e);
