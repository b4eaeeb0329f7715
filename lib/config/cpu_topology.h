/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The levels of the processor topology, and the APIC ids that follow from them. */
#pragma once

#include "config/vm_config.h"

struct cpu_topology {
	unsigned int threads, cores;         /* dies are counted with the cores */
	unsigned int thread_bits, core_bits; /* of an APIC id */
};

/* Of a checked configuration; without a topology, one package of single-threaded cores. */
struct cpu_topology cpu_topology_of(const struct cpus_config *config);

/* The APIC id of a vCPU, growing with it; each level of the topology takes a whole number of bits.
 */
unsigned int cpu_apic_id(const struct cpus_config *config, unsigned int vcpu);
