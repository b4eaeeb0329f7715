/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All that KVM keeps of a vCPU, written and read. */
#pragma once

#include "kvm.h"
#include "snapshot/state.h"

/* Of a vCPU that is not in the guest. */
void vcpu_state(struct kvm *kvm, struct kvm_vcpu_handle *vcpu, const struct state *s);

/* What CPUID tells the guest: read back it must be the same. */
void vcpu_cpuid_state(const struct kvm_cpuid2 *cpuid, const struct state *s);
