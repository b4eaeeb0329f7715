/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a running VMM has cost so far, read from the kernel. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct vm_sample {
	uint64_t exits; /* of all VMs of this host */
	uint64_t userspace_exits;
	uint64_t vcpu_ns, other_ns; /* CPU time of vCPU threads, and of all others of the process */
	uint64_t threads;
};

/* Counts returns of KVM_RUN in a process that has not yet started its threads; -1 where it cannot.
 */
int vm_count_userspace_exits(pid_t pid);
/* cpu: the times too, which costs a walk over the threads. */
void vm_sample(pid_t pid, int exits_fd, bool cpu, struct vm_sample *out);
/* KiB in memory outside the mappings that are guest RAM (those of 48 MiB and more). */
uint64_t vm_resident(pid_t pid);
uint64_t vm_descriptors(pid_t pid);
