/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The levels of the processor topology, and the APIC ids that follow from them. */
#include "config/cpu_topology.h"

static unsigned int bits_for(unsigned int count)
{
	return count > 1 ? 32 - (unsigned int)__builtin_clz(count - 1) : 0;
}

struct cpu_topology cpu_topology_of(const struct cpus_config *config)
{
	struct cpu_topology t = { .threads = 1, .cores = config->max };

	if (config->topology[0])
		t = (struct cpu_topology){
			.threads = config->topology[0],
			.cores = (unsigned int)config->topology[1] * config->topology[2],
		};
	t.thread_bits = bits_for(t.threads);
	t.core_bits = bits_for(t.cores);
	return t;
}

unsigned int cpu_apic_id(const struct cpus_config *config, unsigned int vcpu)
{
	struct cpu_topology t = cpu_topology_of(config);
	unsigned int thread = vcpu % t.threads, core = vcpu / t.threads % t.cores;
	unsigned int package = vcpu / t.threads / t.cores;

	return ((package << t.core_bits | core) << t.thread_bits) | thread;
}
