/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the guest's CPUID instruction answers. */
#pragma once

#include "base/err.h"
#include "config/vm_config.h"

#include <linux/kvm.h>

/* The guest's physical address width: the host's, at most `max` (0: no limit). */
unsigned int cpuid_phys_bits(unsigned int max);

/*
 * Fits what KVM offers to this machine: features, address width and room for the topology leaves.
 * *out is the caller's to free.
 */
int cpuid_for_machine(const struct kvm_cpuid2 *supported, const struct cpus_config *config,
		      bool tsc_deadline, struct kvm_cpuid2 **out, struct err *e);

/* Sets what differs between vCPUs in a table from cpuid_for_machine. */
void cpuid_for_vcpu(struct kvm_cpuid2 *cpuid, const struct cpus_config *config, unsigned int vcpu);
