/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of the machine itself: processors, memory, what it boots, platform, sandbox. */
#include "config/vm_config.h"
#include "config/vm_options.h"

#define UNSUPPORTED(k, t, d)                                                                       \
	{                                                                                          \
		.key = (k), .type = (t), .fallback = (d), .flags = OPTION_UNSUPPORTED              \
	}

static const struct option vm_rows[] = {
	{
		.key = "name",
		.help = "name of the virtual machine",
		.unit = "name",
		.flags = OPTION_PROFILE_ONLY,
		OPTION_TO_STRING(struct vm_config, name),
	},
	{
		.key = "landlock",
		.json = "landlock_enable",
		.help = "confine the VMM to the files of its configuration with Landlock",
		.fallback = "off",
		OPTION_TO_TOGGLE(struct vm_config, landlock),
	},
};

const struct option_section vm_section_vm = {
	.name = "vm",
	.json = "",
	.help = "the virtual machine as a whole",
	.flat = true,
	.options = vm_rows,
	.n_options = ARRAY_SIZE(vm_rows),
	.size = sizeof(struct vm_config),
};

static const struct option cpus_rows[] = {
	{
		.key = "boot",
		.json = "boot_vcpus",
		.help = "virtual CPUs at boot",
		.fallback = "1",
		.min = 1,
		OPTION_TO_UINT(struct cpus_config, boot),
	},
	{
		.key = "max",
		.json = "max_vcpus",
		.help = "most virtual CPUs; as boot where absent",
		.min = 1,
		OPTION_TO_UINT(struct cpus_config, max),
	},
	{
		.key = "topology",
		.help = "threads per core, cores per die, dies per package, packages",
		OPTION_TO_TOPOLOGY(struct cpus_config, topology),
	},
	{
		.key = "max_phys_bits",
		.help = "most bits of a guest-physical address",
		.fallback = "46",
		.min = 32,
		.max = 64,
		OPTION_TO_UINT(struct cpus_config, max_phys_bits),
	},
	UNSUPPORTED("kvm_hyperv", OPTION_TOGGLE, "off"),
	UNSUPPORTED("affinity", OPTION_STRING, NULL),
	UNSUPPORTED("features", OPTION_STRING, NULL),
	UNSUPPORTED("nested", OPTION_TOGGLE, "on"),
	UNSUPPORTED("core_scheduling", OPTION_STRING, "vm"),
	UNSUPPORTED("profile", OPTION_STRING, "host"),
};

const struct option_section vm_section_cpus = {
	.name = "cpus",
	.json = "cpus",
	.help = "virtual CPUs",
	.options = cpus_rows,
	.n_options = ARRAY_SIZE(cpus_rows),
	.size = sizeof(struct cpus_config),
	.offset = offsetof(struct vm_config, cpus),
};

static const struct option memory_rows[] = {
	{
		.key = "size",
		.help = "guest memory",
		.fallback = "512M",
		OPTION_TO_SIZE(struct memory_config, size),
	},
	{
		.key = "mergeable",
		.help = "let the kernel merge equal pages",
		.fallback = "off",
		OPTION_TO_TOGGLE(struct memory_config, mergeable),
	},
	{
		.key = "shared",
		.help = "map guest memory shared",
		.fallback = "off",
		OPTION_TO_TOGGLE(struct memory_config, shared),
	},
	{
		.key = "hugepages",
		.help = "back guest memory with huge pages",
		.fallback = "off",
		OPTION_TO_TOGGLE(struct memory_config, hugepages),
	},
	{
		.key = "hugepage_size",
		.help = "size of the huge pages; the host's default where absent",
		.min = 1,
		OPTION_TO_SIZE(struct memory_config, hugepage_size),
	},
	{
		.key = "prefault",
		.help = "touch all guest memory before the guest starts",
		.fallback = "off",
		OPTION_TO_TOGGLE(struct memory_config, prefault),
	},
	{
		.key = "reserve",
		.help = "reserve swap space for guest memory",
		.fallback = "off",
		OPTION_TO_TOGGLE(struct memory_config, reserve),
	},
	{
		.key = "thp",
		.help = "use transparent huge pages where no huge pages are asked for",
		.fallback = "on",
		OPTION_TO_TOGGLE(struct memory_config, thp),
	},
	UNSUPPORTED("hotplug_method", OPTION_STRING, "acpi"),
	UNSUPPORTED("hotplug_size", OPTION_STRING, NULL),
	UNSUPPORTED("hotplugged_size", OPTION_STRING, NULL),
	UNSUPPORTED("file", OPTION_STRING, NULL),
	UNSUPPORTED("zones", OPTION_STRING, NULL),
};

const struct option_section vm_section_memory = {
	.name = "memory",
	.json = "memory",
	.help = "guest memory",
	.options = memory_rows,
	.n_options = ARRAY_SIZE(memory_rows),
	.size = sizeof(struct memory_config),
	.offset = offsetof(struct vm_config, memory),
};

static const struct option payload_rows[] = {
	{
		.key = "kernel",
		.help = "kernel to boot, an ELF vmlinux with a PVH entry or a bzImage",
		.unit = "path",
		OPTION_TO_STRING(struct payload_config, kernel),
	},
	{
		.key = "initramfs",
		.help = "initial RAM file system",
		.unit = "path",
		OPTION_TO_STRING(struct payload_config, initramfs),
	},
	{
		.key = "cmdline",
		.help = "kernel command line",
		.unit = "text",
		OPTION_TO_STRING(struct payload_config, cmdline),
	},
	UNSUPPORTED("firmware", OPTION_STRING, NULL),
	UNSUPPORTED("igvm", OPTION_STRING, NULL),
	UNSUPPORTED("host_data", OPTION_STRING, NULL),
	UNSUPPORTED("fw_cfg_config", OPTION_STRING, NULL),
};

const struct option_section vm_section_payload = {
	.name = "payload",
	.json = "payload",
	.help = "what the guest boots",
	.flat = true,
	.options = payload_rows,
	.n_options = ARRAY_SIZE(payload_rows),
	.size = sizeof(struct payload_config),
	.offset = offsetof(struct vm_config, payload),
};

static const struct option platform_rows[] = {
	{
		.key = "num_pci_segments",
		.help = "PCI segments",
		.fallback = "1",
		OPTION_TO_UINT(struct platform_config, num_pci_segments),
	},
	{
		.key = "iommu_segments",
		.help = "PCI segments all of whose devices are behind the virtio-iommu",
		OPTION_TO_LIST(struct platform_config, iommu_segments, n_iommu_segments),
	},
	{
		.key = "iommu_address_width",
		.json = "iommu_address_width_bits",
		.help = "bits of an address that the virtio-iommu translates",
		.unit = "bits",
		.fallback = "64",
		.min = 1,
		OPTION_TO_UINT(struct platform_config, iommu_address_width),
	},
	UNSUPPORTED("serial_number", OPTION_STRING, NULL),
	UNSUPPORTED("uuid", OPTION_STRING, NULL),
	UNSUPPORTED("oem_strings", OPTION_STRING, NULL),
	UNSUPPORTED("system_manufacturer", OPTION_STRING, NULL),
	UNSUPPORTED("system_product_name", OPTION_STRING, NULL),
	UNSUPPORTED("system_version", OPTION_STRING, NULL),
	UNSUPPORTED("system_serial_number", OPTION_STRING, NULL),
	UNSUPPORTED("system_uuid", OPTION_STRING, NULL),
	UNSUPPORTED("system_sku_number", OPTION_STRING, NULL),
	UNSUPPORTED("system_family", OPTION_STRING, NULL),
	UNSUPPORTED("chassis_asset_tag", OPTION_STRING, NULL),
	UNSUPPORTED("iommufd", OPTION_TOGGLE, "off"),
	UNSUPPORTED("iommufd_fd", OPTION_STRING, NULL),
	UNSUPPORTED("vfio_p2p_dma", OPTION_TOGGLE, "on"),
	UNSUPPORTED("tdx", OPTION_TOGGLE, "off"),
	UNSUPPORTED("sev_snp", OPTION_TOGGLE, "off"),
};

const struct option_section vm_section_platform = {
	.name = "platform",
	.json = "platform",
	.help = "PCI segments and IOMMU of the machine",
	.options = platform_rows,
	.n_options = ARRAY_SIZE(platform_rows),
	.size = sizeof(struct platform_config),
	.offset = offsetof(struct vm_config, platform),
};

static const struct option pci_segment_rows[] = {
	{
		.key = "pci_segment",
		.help = "number of the segment",
		.fallback = "0",
		OPTION_TO_UINT(struct pci_segment_config, segment),
	},
	{
		.key = "mmio32_aperture_weight",
		.help = "share of the 32-bit window for device memory",
		.fallback = "1",
		OPTION_TO_UINT(struct pci_segment_config, mmio32_weight),
	},
	{
		.key = "mmio64_aperture_weight",
		.help = "share of the 64-bit window for device memory",
		.fallback = "1",
		OPTION_TO_UINT(struct pci_segment_config, mmio64_weight),
	},
};

const struct option_section vm_section_pci_segment = {
	.name = "pci-segment",
	.json = "pci_segments",
	.help = "address windows of a PCI segment",
	.label = "pci_segment",
	.options = pci_segment_rows,
	.n_options = ARRAY_SIZE(pci_segment_rows),
	.size = sizeof(struct pci_segment_config),
	.offset = offsetof(struct vm_config, pci_segments),
	.count_offset = offsetof(struct vm_config, n_pci_segments),
	.list = true,
};

static const char *const access_words[] = { "r", "w", "rw", "wr", NULL };

static const struct option landlock_rows[] = {
	{
		.key = "path",
		.help = "file or folder that the VMM may use",
		.unit = "path",
		OPTION_TO_STRING(struct landlock_rule, path),
	},
	{
		.key = "access",
		.help = "r to read, w to write",
		.choices = access_words,
		OPTION_TO_STRING(struct landlock_rule, access),
	},
};

const struct option_section vm_section_landlock_rules = {
	.name = "landlock-rules",
	.json = "landlock_rules",
	.help = "a path that Landlock lets the VMM use",
	.options = landlock_rows,
	.n_options = ARRAY_SIZE(landlock_rows),
	.size = sizeof(struct landlock_rule),
	.offset = offsetof(struct vm_config, landlock_rules),
	.count_offset = offsetof(struct vm_config, n_landlock_rules),
	.list = true,
};
