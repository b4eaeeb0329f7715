/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What to do when the guest leaves KVM_RUN. */
#pragma once

#include "kvm.h"

struct machine;

/* Answers one exit, on the vCPU's thread; false when this vCPU shall not run again. */
bool vcpu_handle_exit(struct machine *m, unsigned int index, struct kvm_vcpu_handle *vcpu);
