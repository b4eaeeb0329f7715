/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a VMM uses of the host. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

struct vm_usage {
	uint64_t vcpu_ms; /* processor time of all vCPU threads */
	uint64_t rss;     /* bytes resident, hugepages with them */
};

/* Zeroes where /proc does not tell. */
void vm_usage_get(pid_t pid, struct vm_usage *out);

/* Seconds since it started, whatever became of the time of day since. */
uint64_t vm_uptime(pid_t pid);
