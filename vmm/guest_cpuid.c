/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the guest's CPUID instruction answers. */
#include "guest_cpuid.h"

#include "config/cpu_topology.h"

#include <cpuid.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	LEAF_FEATURES = 1,
	LEAF_CACHES = 4,
	LEAF_TOPOLOGY = 0xb,
	LEAF_TOPOLOGY_V2 = 0x1f,
	LEAF_ADDRESS_SIZES = 0x80000008u,
	LEAF_AMD_CACHES = 0x8000001du,
	LEAF_AMD_TOPOLOGY = 0x8000001eu,
	ECX_TSC_DEADLINE = 1u << 24,
	ECX_HYPERVISOR = 1u << 31,
	EDX_HTT = 1 << 28,
	LEVEL_SMT = 1,
	LEVEL_CORE = 2,
	TOPOLOGY_LEVELS = 3, /* threads, cores, the end */
};

unsigned int cpuid_phys_bits(unsigned int max)
{
	unsigned int eax = 0, ebx, ecx, edx, bits = 36;

	if (__get_cpuid(LEAF_ADDRESS_SIZES, &eax, &ebx, &ecx, &edx) && (eax & 0xff))
		bits = eax & 0xff;
	return max && max < bits ? max : bits;
}

static bool is_topology_leaf(uint32_t function)
{
	return function == LEAF_TOPOLOGY || function == LEAF_TOPOLOGY_V2;
}

static void add_topology_leaf(struct kvm_cpuid2 *cpuid, uint32_t leaf, const struct cpu_topology *t)
{
	const struct {
		uint32_t shift, count, type;
	} levels[TOPOLOGY_LEVELS] = {
		{ t->thread_bits, t->threads, LEVEL_SMT },
		{ t->thread_bits + t->core_bits, t->threads * t->cores, LEVEL_CORE },
		{ 0, 0, 0 },
	};

	for (uint32_t i = 0; i < TOPOLOGY_LEVELS; i++)
		cpuid->entries[cpuid->nent++] = (struct kvm_cpuid_entry2){
			.function = leaf,
			.index = i,
			.flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX,
			.eax = levels[i].shift,
			.ebx = levels[i].count,
			.ecx = levels[i].type << 8 | i,
		};
}

static void fit_features(struct kvm_cpuid_entry2 *entry, const struct cpu_topology *t,
			 bool tsc_deadline)
{
	uint32_t logical = 1u << (t->thread_bits + t->core_bits);

	entry->ecx |= ECX_HYPERVISOR | (tsc_deadline ? ECX_TSC_DEADLINE : 0u);
	entry->ebx = (entry->ebx & ~0x00ff0000u) | (logical > 255 ? 255 : logical) << 16;
	entry->edx &= ~(uint32_t)EDX_HTT;
	if (t->threads * t->cores > 1)
		entry->edx |= EDX_HTT;
}

/* Which logical CPUs share a cache: the threads of a core for L1 and L2, the package for L3. AMD
 * has no cores of the package above that. */
static void fit_cache(struct kvm_cpuid_entry2 *entry, const struct cpu_topology *t)
{
	unsigned int level = entry->eax >> 5 & 7;
	uint32_t sharing =
		level >= 3 ? 1u << (t->thread_bits + t->core_bits) : 1u << t->thread_bits;

	if ((entry->eax & 0x1f) == 0)
		return;
	entry->eax &= 0x3fff;
	entry->eax |= (sharing - 1) << 14;
	if (entry->function == LEAF_CACHES)
		entry->eax |= ((1u << t->core_bits) - 1) << 26;
}

static void fit_address_sizes(struct kvm_cpuid_entry2 *entry, const struct cpus_config *config,
			      const struct cpu_topology *t)
{
	entry->eax = (entry->eax & ~0xffu) | cpuid_phys_bits(config->max_phys_bits);
	entry->ecx = (t->thread_bits + t->core_bits) << 12 | (t->threads * t->cores - 1);
}

static void fit_entry(struct kvm_cpuid_entry2 *entry, const struct cpus_config *config,
		      const struct cpu_topology *t, bool tsc_deadline)
{
	switch (entry->function) {
	case LEAF_FEATURES:
		fit_features(entry, t, tsc_deadline);
		break;
	case LEAF_CACHES:
	case LEAF_AMD_CACHES:
		fit_cache(entry, t);
		break;
	case LEAF_ADDRESS_SIZES:
		fit_address_sizes(entry, config, t);
		break;
	case LEAF_AMD_TOPOLOGY:
		entry->ebx = (t->threads - 1) << 8;
		entry->ecx = 0;
		break;
	default:
		break;
	}
}

int cpuid_for_machine(const struct kvm_cpuid2 *supported, const struct cpus_config *config,
		      bool tsc_deadline, struct kvm_cpuid2 **out, struct err *e)
{
	struct cpu_topology t = cpu_topology_of(config);
	size_t room = supported->nent + 2 * TOPOLOGY_LEVELS;
	struct kvm_cpuid2 *cpuid = calloc(1, sizeof(*cpuid) + room * sizeof(cpuid->entries[0]));
	uint32_t highest = 0;

	if (!cpuid)
		return err_nomem(e);
	for (uint32_t i = 0; i < supported->nent; i++) {
		struct kvm_cpuid_entry2 entry = supported->entries[i];

		if (is_topology_leaf(entry.function))
			continue;
		if (entry.function == 0)
			highest = entry.eax;
		fit_entry(&entry, config, &t, tsc_deadline);
		cpuid->entries[cpuid->nent++] = entry;
	}
	if (highest >= LEAF_TOPOLOGY)
		add_topology_leaf(cpuid, LEAF_TOPOLOGY, &t);
	if (highest >= LEAF_TOPOLOGY_V2)
		add_topology_leaf(cpuid, LEAF_TOPOLOGY_V2, &t);
	*out = cpuid;
	return 0;
}

void cpuid_for_vcpu(struct kvm_cpuid2 *cpuid, const struct cpus_config *config, unsigned int vcpu)
{
	uint32_t id = cpu_apic_id(config, vcpu);

	for (uint32_t i = 0; i < cpuid->nent; i++) {
		struct kvm_cpuid_entry2 *entry = &cpuid->entries[i];

		if (entry->function == LEAF_FEATURES)
			entry->ebx = (entry->ebx & 0x00ffffff) | id << 24;
		else if (is_topology_leaf(entry->function))
			entry->edx = id;
		else if (entry->function == LEAF_AMD_TOPOLOGY) {
			entry->eax = id;
			entry->ebx = (entry->ebx & ~0xffu) |
				     (id >> cpu_topology_of(config).thread_bits & 0xff);
		}
	}
}
