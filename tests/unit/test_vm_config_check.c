/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules between options: each with its text, in each form with its place. */
#include "config_cli.h"

#include "config/config_json.h"
#include "config/from_ini.h"
#include "config/vm_options.h"

#include <errno.h>
#include <json-c/json.h>

#define LONG_SERIAL "123456789012345678901"

struct refusal {
	const char *words[8];
	int r;
	const char *text;
};

static const struct refusal refusals[] = {
	/* processors */
	{ { "--cpus", "boot=2,max=1" }, -EINVAL, "--cpus: max CPUs (1) lower than boot CPUs (2)" },
	{ { "--cpus", "boot=255" },
	  -EINVAL,
	  "--cpus: too many CPUs: specified 255 but 254 is the limit" },
	{ { "--cpus", "boot=1,max=9000" },
	  -EINVAL,
	  "--cpus: too many CPUs: specified 9000 but 254 is the limit" },
	{ { "--cpus", "boot=4,topology=4:1:1:1" },
	  -EINVAL,
	  "--cpus: CPU topology supports at most 2 threads per core, not 4" },
	{ { "--cpus", "boot=4,topology=2:1:1:1" },
	  -EINVAL,
	  "--cpus: product of CPU topology parts does not match maximum vCPU (2 and 4)" },
	{ { "--cpus", "boot=252,topology=1:3:1:84" },
	  -EINVAL,
	  "--cpus: this CPU topology needs APIC id 334 (the highest is 254)" },
	/* memory */
	{ { "--memory", "size=1G,hugepage_size=2M" },
	  -EINVAL,
	  "--memory: huge page size specified but huge pages not enabled" },
	{ { "--memory", "size=1G,hugepages=on,hugepage_size=3M" },
	  -EINVAL,
	  "--memory: huge page size is not power of 2: 3145728" },
	{ { "--memory", "mergeable=on,shared=on" },
	  -EINVAL,
	  "--memory: invalid to set both 'mergeable' and 'shared' for memory" },
	{ { "--memory", "size=3M,hugepages=on,hugepage_size=2M" },
	  -EINVAL,
	  "--memory: memory size '3M' is not a multiple of the page size '2M'" },
	{ { "--memory", "size=1G,hugepages=on,hugepage_size=1K" },
	  -EINVAL,
	  "--memory: this machine has no huge pages of '1K' (2M or 1G)" },
	{ { "--memory", "size=3M,hugepages=on" },
	  -EINVAL,
	  "--memory: memory size '3M' is not a multiple of the page size" },
	{ { "--memory", "size=1M" }, -EINVAL, "--memory: memory size '1M' is less than '2M'" },
	{ { "--memory", "size=1000" }, -EINVAL, "is not a multiple of the page size '4K'" },
	{ { "--memory", "size=0" }, -EINVAL, "--memory: memory size is 0" },
	{ { "--memory", "size=17179869183G" }, -EINVAL, "does not fit 46 bits of address" },
	/* platform and segments */
	{ { "--platform", "num_pci_segments=0" },
	  -EINVAL,
	  "--platform: number of PCI segments (0) not in range of 1 to 96" },
	{ { "--platform", "num_pci_segments=97" },
	  -EINVAL,
	  "--platform: number of PCI segments (97) not in range of 1 to 96" },
	{ { "--platform", "num_pci_segments=2,iommu_segments=[0,2]" },
	  -EINVAL,
	  "--platform: invalid PCI segment id: 2" },
	{ { "--platform", "iommu_address_width=65" }, -EINVAL, "--platform: IOMMU address width" },
	{ { "--pci-segment", "pci_segment=1" },
	  -EINVAL,
	  "--pci-segment: invalid PCI segment id: 1" },
	{ { "--pci-segment", "pci_segment=0,mmio32_aperture_weight=0" },
	  -EINVAL,
	  "--pci-segment: invalid PCI segment aperture weight: 0" },
	{ { "--pci-segment", "pci_segment=0,mmio64_aperture_weight=0" },
	  -EINVAL,
	  "--pci-segment: invalid PCI segment aperture weight: 0" },
	{ { "--pci-segment", "pci_segment=0", "pci_segment=0" }, -EINVAL, "0 is given twice" },
	/* what every device takes */
	{ { "--disk", "path=d,id=__x" }, -EINVAL, "--disk: identifier __x is not valid" },
	{ { "--disk", "path=d,id=x", "--vdpa", "path=v,id=x" },
	  -EEXIST,
	  "--vdpa: identifier x is not unique" },
	{ { "--rng", "id=x", "--console", "tty,id=x" }, -EEXIST, "identifier x is not unique" },
	{ { "--vdpa", "path=v,pci_segment=1" }, -EINVAL, "--vdpa: invalid PCI segment id: 1" },
	{ { "--vdpa", "path=v,pci_device_id=32" },
	  -EINVAL,
	  "--vdpa: given PCI device ID (32) is out of the supported range of 0..32" },
	{ { "--vdpa", "path=v,pci_device_id=0" },
	  -EINVAL,
	  "--vdpa: given PCI device ID (0) is reserved" },
	{ { "--platform", "num_pci_segments=2,iommu_segments=1", "--vdpa", "path=v,pci_segment=1" },
	  -EINVAL,
	  "--vdpa: device is on an IOMMU PCI segment (1) but not placed behind IOMMU" },
	{ { "--vdpa", "path=v,pci_device_id=7", "--console", "tty,pci_device_id=7" },
	  -EINVAL,
	  "--vdpa: valid PCI device identifier but already used: 7" },
	/* disks */
	{ { "--disk", "readonly=on" }, -EINVAL, "--disk: path missing" },
	{ { "--disk", "path=d,queue_size=3" },
	  -EINVAL,
	  "--disk: queue size must be a power of 2 no greater than 32768: 3" },
	{ { "--disk", "path=d,queue_size=2" },
	  -EINVAL,
	  "--disk: block queue size must be greater than 2: 2" },
	{ { "--disk", "path=d,num_queues=2" },
	  -EINVAL,
	  "--disk: queue count (2) must not exceed boot vCPUs (1)" },
	{ { "--disk", "path=d,serial=" LONG_SERIAL },
	  -EINVAL,
	  "--disk: block device serial length (21) exceeds maximum allowed length (20)" },
	/* vDPA devices */
	{ { "--vdpa", "num_queues=1" }, -EINVAL, "--vdpa: path missing" },
	{ { "--vdpa", "" }, -EINVAL, "--vdpa: path missing" },
	{ { "--vdpa", "path=" }, -EINVAL, "--vdpa: path missing" },
	{ { "--vdpa", "path=v,device=w" },
	  -EINVAL,
	  "--vdpa: only one of path, device and fd can be given" },
	{ { "--vdpa", "path=v,queue_size=3" },
	  -EINVAL,
	  "--vdpa: queue size must be a power of 2 no greater than 32768: 3" },
	{ { "--vdpa", "path=v", "path=v" }, -EEXIST, "--vdpa: duplicated device path: v" },
	{ { "--vdpa", "device=v", "device=v" }, -EEXIST, "duplicated device path: v" },
	{ { "--vdpa", "fd=5", "fd=5" }, -EEXIST, "duplicated device descriptor: 5" },
	/* Landlock */
	{ { "--landlock-rules", "path=/" }, -EINVAL, "--landlock-rules: access missing" },
	{ { "--landlock-rules", "access=r" }, -EINVAL, "--landlock-rules: path missing" },
	{ { "--landlock-rules", "path=/nonexistent,access=rw" },
	  -EINVAL,
	  "path '/nonexistent' provided in landlock-rules does not exist" },
};

static void on_the_command_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		const char *words[12] = { "vdpa-vmm", "--kernel", "k" };
		_vm_config_ struct vm_config c = { 0 };
		_vmm_options_ struct vmm_options o;
		struct err e = { 0 };

		memcpy(&words[3], refusals[i].words, sizeof(refusals[i].words));
		if (cli_words(&c, &o, &e, words))
			fail_msg("%s %s: %s", words[3], words[4], e.text);
		assert_int_equal(vm_config_check(&c, &e), refusals[i].r);
		if (!strstr(e.text, refusals[i].text))
			fail_msg("'%s', not '%s'", e.text, refusals[i].text);
		assert_int_equal(e.code, refusals[i].r);
	}
}

static void accepted(void **state)
{
	static const char *const lines[][8] = {
		{ "--cpus", "boot=4,max=8,topology=2:2:1:2" },
		{ "--cpus", "boot=1,max=252,topology=1:3:1:84" },
		{ "--memory", "size=2M" },
		{ "--memory", "size=1G,hugepages=on,hugepage_size=2M,prefault=on" },
		{ "--platform", "num_pci_segments=96,iommu_segments=1,iommu_address_width=48",
		  "--vdpa", "path=v,pci_segment=1,iommu=on,pci_device_id=0" },
		{ "--disk", "path=d,id=_x,queue_size=4,serial=12345678901234567890" },
		{ "--vdpa", "device=v,num_queues=auto,queue_size=256", "fd=0" },
		{ "--pci-segment", "pci_segment=0,mmio32_aperture_weight=3" },
		{ "--console", "off", "--vdpa", "path=v,pci_device_id=31" },
		{ "--landlock", "--landlock-rules", "path=/,access=rw", "path=/tmp,access=r" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		const char *words[12] = { "vdpa-vmm", "--kernel", "k" };
		_vm_config_ struct vm_config c = { 0 };
		_vmm_options_ struct vmm_options o;
		struct err e = { 0 };

		memcpy(&words[3], lines[i], sizeof(lines[i]));
		if (cli_words(&c, &o, &e, words) || vm_config_check(&c, &e))
			fail_msg("%s %s: %s", words[3], words[4], e.text);
	}
}

static void too_many_devices(void **state)
{
	_vm_config_ struct vm_config c;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(vm_config_init(&c), 0);
	/* Beside host bridge, console and rng there are 29 slots. */
	for (int i = 0; i < 30; i++) {
		struct vdpa_config *v = vm_config_open(&c, &vm_section_vdpa, NULL, &e);

		assert_non_null(v);
		v->fd = i;
		assert_int_equal(vm_config_check_partial(&c, &e), i < 29 ? 0 : -ENOSPC);
	}
	assert_string_equal(e.text, "--vdpa: could not find an available device slot (segment 0)");
	vm_config_drop(&c, &vm_section_vdpa, 29);
	c.vdpas[0].pci.iommu = true;
	assert_int_equal(vm_config_check_partial(&c, &e), -ENOSPC);
}

/* The virtio-iommu that nobody asked for is in the last slot of its segment. */
static void slot_of_the_iommu(void **state)
{
	_vm_config_ struct vm_config c;
	struct err e = { 0 };
	struct disk_config *d;

	(void)state;
	assert_int_equal(vm_config_init(&c), 0);
	assert_int_equal(vm_config_check_partial(&c, &e), 0);
	assert_int_equal(vm_config_spare_iommu_segment(&c), 0);
	d = vm_config_open(&c, &vm_section_disk, NULL, &e);
	d->path = strdup("d");
	d->pci = (struct pci_config){ .iommu = true, .segment = 1, .device_id = 31 };
	assert_true(vm_config_check_partial(&c, &e) < 0);
	assert_string_equal(e.text, "--disk: valid PCI device identifier but already used: 31");
	d->pci.device_id = 30;
	assert_int_equal(vm_config_check_partial(&c, &e), 0);
}

static void kernel_is_required(void **state)
{
	_vm_config_ struct vm_config c;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(vm_config_init(&c), 0);
	assert_int_equal(vm_config_check_partial(&c, &e), 0);
	assert_int_equal(c.cpus.max, 1);
	assert_int_equal(vm_config_check(&c, &e), -EINVAL);
	assert_string_equal(e.text, "--kernel: payload configuration is not bootable: no bootitem "
				    "provided: neither firmware nor kernel");
}

static void command_line_length(void **state)
{
	_vm_config_ struct vm_config c;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(vm_config_init(&c), 0);
	c.payload.cmdline = malloc(VM_MAX_CMDLINE + 1);
	memset(c.payload.cmdline, 'a', VM_MAX_CMDLINE);
	c.payload.cmdline[VM_MAX_CMDLINE] = '\0';
	assert_int_equal(vm_config_check_partial(&c, &e), -EINVAL);
	assert_string_equal(e.text,
			    "--cmdline: kernel command line of 65536 bytes is longer than 65535");
	c.payload.cmdline[VM_MAX_CMDLINE - 1] = '\0';
	assert_int_equal(vm_config_check_partial(&c, &e), 0);
}

static void in_a_profile(void **state)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{ "[cpus]\nmax = 1\n\nboot = 2\n", "p.ini:2: max CPUs (1) lower than" },
		{ "[disk \"a\"]\npath = x\n[vdpa \"a\"]\npath = y\n",
		  "p.ini:3: identifier a is not unique" },
		{ "\n[vdpa \"a\"]\n\n", "p.ini:2: path missing" },
		{ "[vdpa]\ndevice=x\ncreate=on\n", "p.ini:3: create needs mgmtdev" },
		{ "[vdpa]\npath=x\ncreate=on\nmgmtdev=m\n", "p.ini:3: create needs device" },
		{ "[vdpa]\npath=x\nmtu=1500\n", "p.ini:3: mtu is only for a device with create" },
		{ "[vm]\nname = a/b\n", "p.ini:2: name 'a/b' is not valid" },
		{ "[console]\nmode = file\n",
		  "p.ini:2: path missing when using file console mode" },
		{ "[platform]\niommu_segments = 0\n", "p.ini: [console]: device is on an IOMMU" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_vm_config_ struct vm_config c = { 0 };
		struct err e = { 0 };

		assert_int_equal(
			vm_config_from_ini(rows[i].text, strlen(rows[i].text), "p.ini", &c, &e), 0);
		assert_true(vm_config_check_partial(&c, &e) < 0);
		if (!strstr(e.text, rows[i].message))
			fail_msg("'%s', not '%s'", e.text, rows[i].message);
	}
}

static void names_that_are_too_long(void **state)
{
	char longest[VM_MAX_ID + 2] = "", option[128];

	(void)state;
	memset(longest, 'i', VM_MAX_ID + 1);
	for (unsigned int less = 0; less < 2; less++) {
		_vmm_options_ struct vmm_options options;
		_vm_config_ struct vm_config c;
		struct err e = { 0 };

		snprintf(option, sizeof(option), "path=a,id=%s", longest + less);
		assert_int_equal(CLI(&c, &options, &e, "--kernel", "k", "--disk", option), 0);
		assert_int_equal(vm_config_check(&c, &e), less ? 0 : -EINVAL);
		if (!less)
			assert_non_null(strstr(e.text, "is longer than 63 characters"));
	}
}

static void in_json(void **state)
{
	static const char text[] = "{\"vdpa\":[{\"path\":\"a\"},{\"path\":\"b\",\"id\":\"__x\"}]}";
	struct json_object *object;
	_vm_config_ struct vm_config c;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(config_json_parse(text, strlen(text), &object, &e), 0);
	assert_int_equal(vm_config_from_json(object, &c, &e), 0);
	json_object_put(object);
	assert_int_equal(vm_config_check_partial(&c, &e), -EINVAL);
	assert_string_equal(e.text, "vdpa[1]: identifier __x is not valid (it begins with '__')");
}

/* One counter over the machine; it skips what the user took and goes on after a removal. */
static void automatic_identifiers(void **state)
{
	_vm_config_ struct vm_config c;
	_vmm_options_ struct vmm_options o;
	struct err e = { 0 };
	struct vdpa_config *v;

	(void)state;
	assert_int_equal(CLI(&c, &o, &e, "--kernel", "k", "--disk", "path=a", "path=b,id=x",
			     "path=c", "--vdpa", "path=d", "path=e,id=_vdpa3", "--rng", "id=r"),
			 0);
	assert_int_equal(vm_config_assign_ids(&c, &e), 0);
	assert_string_equal(c.disks[0].pci.id, "_disk0");
	assert_string_equal(c.disks[1].pci.id, "x");
	assert_string_equal(c.disks[2].pci.id, "_disk1");
	assert_string_equal(c.rng.pci.id, "r");
	assert_string_equal(c.vdpas[0].pci.id, "_vdpa2");
	assert_int_equal(vm_config_check(&c, &e), 0);
	assert_int_equal(vm_config_remove_device(&c, "_vdpa2", &e), 0);
	assert_int_equal(vm_config_remove_device(&c, "_vdpa2", &e), -ENOENT);
	assert_int_equal(c.n_vdpas, 1);
	v = vm_config_open(&c, &vm_section_vdpa, NULL, &e);
	v->fd = 9;
	assert_int_equal(vm_config_assign_ids(&c, &e), 0);
	assert_string_equal(v->pci.id, "_vdpa4");
	assert_int_equal(vm_config_remove_device(&c, "_disk1", &e), 0);
	assert_string_equal(c.disks[1].pci.id, "x");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(on_the_command_line),
		cmocka_unit_test(accepted),
		cmocka_unit_test(too_many_devices),
		cmocka_unit_test(slot_of_the_iommu),
		cmocka_unit_test(kernel_is_required),
		cmocka_unit_test(command_line_length),
		cmocka_unit_test(in_a_profile),
		cmocka_unit_test(in_json),
		cmocka_unit_test(names_that_are_too_long),
		cmocka_unit_test(automatic_identifiers),
	};

	return cmocka_run_group_tests_name("vm_config_check", tests, NULL, NULL);
}
