/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must hold between the options of the machine itself. */
#include "config/vm_config_check.h"

#include "base/checked.h"
#include "base/parse.h"
#include "config/check_place.h"
#include "config/cpu_topology.h"
#include "host/hugepages.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum {
	MAX_NAME = 64,
	PAGE_BYTES = 4096,
};

int check_refuse(const struct vm_config *config, const struct option_section *section, size_t index,
		 const char *key, struct err *e)
{
	return vm_config_prefix(config, section, index, key ? option_find(section, key) : NULL, e);
}

int vm_name_check(const char *name, struct err *e)
{
	static const char accepted[] = "abcdefghijklmnopqrstuvwxyz"
				       "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t n = strlen(name);

	if (n && n <= MAX_NAME && strspn(name, accepted) == n && *name != '.' && *name != '-')
		return 0;
	return err_set(e, -EINVAL,
		       "name '%s' is not valid (1 to %d letters, digits, '.', '_' or '-', not "
		       "beginning with '.' or '-')",
		       name, MAX_NAME);
}

static int check_vm(struct vm_config *config, struct err *e)
{
	if (config->name && vm_name_check(config->name, e))
		return check_refuse(config, &vm_section_vm, 0, "name", e);
	return 0;
}

static int refuse_cpus(const struct vm_config *config, const char *key, struct err *e)
{
	return check_refuse(config, &vm_section_cpus, 0, key, e);
}

static int check_topology(const struct vm_config *config, struct err *e)
{
	const uint16_t *t = config->cpus.topology;
	uint64_t product = (uint64_t)t[0] * t[1] * t[2] * t[3];

	if (!t[0] && !t[1] && !t[2] && !t[3])
		return 0;
	if (!t[0] || !t[1] || !t[2] || !t[3])
		err_set(e, -EINVAL, "no part of the CPU topology can be zero");
	else if (t[0] > 2)
		err_set(e, -EINVAL, "CPU topology supports at most 2 threads per core, not %u",
			t[0]);
	else if (product != config->cpus.max)
		err_set(e, -EINVAL,
			"product of CPU topology parts does not match maximum vCPU (%" PRIu64
			" and %u)",
			product, config->cpus.max);
	else if (cpu_apic_id(&config->cpus, config->cpus.boot - 1) > VM_MAX_VCPUS)
		err_set(e, -EINVAL, "this CPU topology needs APIC id %u (the highest is %d)",
			cpu_apic_id(&config->cpus, config->cpus.boot - 1), VM_MAX_VCPUS);
	else
		return 0;
	refuse_cpus(config, "topology", e);
	return -EINVAL;
}

static int check_cpus(struct vm_config *config, struct err *e)
{
	struct cpus_config *cpus = &config->cpus;
	uint32_t most;

	if (!cpus->max)
		cpus->max = cpus->boot;
	most = cpus->max > cpus->boot ? cpus->max : cpus->boot;
	if (most > VM_MAX_VCPUS) {
		err_set(e, -EINVAL, "too many CPUs: specified %u but %d is the limit", most,
			VM_MAX_VCPUS);
		return refuse_cpus(config, cpus->boot == most ? "boot" : "max", e);
	}
	if (cpus->max < cpus->boot) {
		err_set(e, -EINVAL, "max CPUs (%u) lower than boot CPUs (%u)", cpus->max,
			cpus->boot);
		return refuse_cpus(config, "max", e);
	}
	return check_topology(config, e);
}

static int refuse_memory(const struct vm_config *config, const char *key, struct err *e)
{
	return check_refuse(config, &vm_section_memory, 0, key, e);
}

static uint64_t page_size(const struct memory_config *m)
{
	if (!m->hugepages)
		return PAGE_BYTES;
	return m->hugepage_size ? m->hugepage_size : hugepage_default_size(NULL);
}

static int check_memory_size(const struct vm_config *config, struct err *e)
{
	const struct memory_config *m = &config->memory;
	uint64_t unit = page_size(m);
	char size[32], page[32], least[32];

	format_size(m->size, size, sizeof(size));
	format_size(unit, page, sizeof(page));
	format_size(VM_MIN_MEMORY, least, sizeof(least));
	if (!m->size)
		err_set(e, -EINVAL, "memory size is 0 (memory zones are not supported)");
	else if (m->size % unit)
		err_set(e, -EINVAL, "memory size '%s' is not a multiple of the page size '%s'",
			size, page);
	else if (m->size < VM_MIN_MEMORY)
		err_set(e, -EINVAL, "memory size '%s' is less than '%s'", size, least);
	else if (config->cpus.max_phys_bits < 64 && m->size >> config->cpus.max_phys_bits)
		err_set(e, -EINVAL, "memory size '%s' does not fit %u bits of address (%s)", size,
			config->cpus.max_phys_bits, "--cpus max_phys_bits");
	else
		return 0;
	refuse_memory(config, "size", e);
	return -EINVAL;
}

static int check_hugepage_size(const struct vm_config *config, struct err *e)
{
	const struct memory_config *m = &config->memory;
	char size[32];

	format_size(m->hugepage_size, size, sizeof(size));
	if (!m->hugepages)
		err_set(e, -EINVAL, "huge page size specified but huge pages not enabled");
	else if (!is_power_of_2(m->hugepage_size))
		err_set(e, -EINVAL, "huge page size is not power of 2: %" PRIu64, m->hugepage_size);
	else if (m->hugepage_size != 2 << 20 && m->hugepage_size != 1 << 30)
		err_set(e, -EINVAL, "this machine has no huge pages of '%s' (2M or 1G)", size);
	else
		return 0;
	refuse_memory(config, "hugepage_size", e);
	return -EINVAL;
}

static int check_memory(struct vm_config *config, struct err *e)
{
	const struct memory_config *m = &config->memory;

	if (m->hugepage_size && check_hugepage_size(config, e))
		return -EINVAL;
	if (m->mergeable && m->shared) {
		err_set(e, -EINVAL, "invalid to set both 'mergeable' and 'shared' for memory");
		return refuse_memory(config, "mergeable", e);
	}
	return check_memory_size(config, e);
}

static int check_cmdline(struct vm_config *config, struct err *e)
{
	size_t n = config->payload.cmdline ? strlen(config->payload.cmdline) : 0;

	if (n < VM_MAX_CMDLINE)
		return 0;
	err_set(e, -EINVAL, "kernel command line of %zu bytes is longer than %d", n,
		VM_MAX_CMDLINE - 1);
	return check_refuse(config, &vm_section_payload, 0, "cmdline", e);
}

static int check_kernel(struct vm_config *config, struct err *e)
{
	if (config->payload.kernel)
		return 0;
	err_set(e, -EINVAL,
		"payload configuration is not bootable: no bootitem provided: neither firmware nor "
		"kernel");
	check_refuse(config, &vm_section_payload, 0, "kernel", e);
	return err_hint(e, "give the kernel to boot, an ELF vmlinux or a bzImage");
}

static int refuse_platform(const struct vm_config *config, const char *key, struct err *e)
{
	return check_refuse(config, &vm_section_platform, 0, key, e);
}

static int check_platform(struct vm_config *config, struct err *e)
{
	const struct platform_config *p = &config->platform;

	if (p->num_pci_segments < 1 || p->num_pci_segments > VM_MAX_SEGMENTS) {
		err_set(e, -EINVAL, "number of PCI segments (%u) not in range of 1 to %d",
			p->num_pci_segments, VM_MAX_SEGMENTS);
		return refuse_platform(config, "num_pci_segments", e);
	}
	for (size_t i = 0; i < p->n_iommu_segments; i++) {
		if (p->iommu_segments[i] >= p->num_pci_segments) {
			err_set(e, -EINVAL, "invalid PCI segment id: %u (0 to %d)",
				p->iommu_segments[i], p->num_pci_segments - 1);
			return refuse_platform(config, "iommu_segments", e);
		}
	}
	if (p->iommu_address_width > 64) {
		err_set(e, -EINVAL, "IOMMU address width in bits (%u) must be at most 64",
			p->iommu_address_width);
		return refuse_platform(config, "iommu_address_width", e);
	}
	return 0;
}

static int check_pci_segment(const struct vm_config *config, size_t i, const char **key,
			     struct err *e)
{
	const struct pci_segment_config *s = &config->pci_segments[i];

	*key = "pci_segment";
	if (s->segment >= config->platform.num_pci_segments)
		return err_set(e, -EINVAL, "invalid PCI segment id: %u (0 to %d)", s->segment,
			       config->platform.num_pci_segments - 1);
	for (size_t n = 0; n < i; n++)
		if (config->pci_segments[n].segment == s->segment)
			return err_set(e, -EINVAL, "PCI segment %u is given twice", s->segment);
	*key = s->mmio32_weight ? "mmio64_aperture_weight" : "mmio32_aperture_weight";
	if (!s->mmio32_weight || !s->mmio64_weight)
		return err_set(e, -EINVAL, "invalid PCI segment aperture weight: 0");
	return 0;
}

static int check_pci_segments(struct vm_config *config, struct err *e)
{
	const char *key;

	for (size_t i = 0; i < config->n_pci_segments; i++)
		if (check_pci_segment(config, i, &key, e))
			return check_refuse(config, &vm_section_pci_segment, i, key, e);
	return 0;
}

static int check_landlock_rules(struct vm_config *config, struct err *e)
{
	for (size_t i = 0; i < config->n_landlock_rules; i++) {
		const struct landlock_rule *rule = &config->landlock_rules[i];

		if (!rule->path || !rule->access)
			err_set(e, -EINVAL, "%s missing", rule->path ? "access" : "path");
		else if (access(rule->path, F_OK) != 0)
			err_set(e, -EINVAL, "path '%s' provided in landlock-rules does not exist",
				rule->path);
		else
			continue;
		return check_refuse(config, &vm_section_landlock_rules, i, "path", e);
	}
	return 0;
}

static int run(struct vm_config *config, bool partial, struct err *e)
{
	static int (*const rules[])(struct vm_config *, struct err *) = {
		check_vm,
		check_cpus,
		check_memory,
		check_cmdline,
		check_platform,
		check_pci_segments,
		check_device_options,
		check_pci_devices,
		check_landlock_rules,
	};
	struct err own = { 0 };
	int r = partial ? 0 : check_kernel(config, e ? e : &own);

	for (size_t i = 0; i < ARRAY_SIZE(rules) && !r; i++)
		r = rules[i](config, e ? e : &own);
	return r;
}

int vm_config_check(struct vm_config *config, struct err *e)
{
	return run(config, false, e);
}

int vm_config_check_partial(struct vm_config *config, struct err *e)
{
	return run(config, true, e);
}
