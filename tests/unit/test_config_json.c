/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cloud-hypervisor's JSON: names, enums, what is out of scope, bounds. */
#include "config_cli.h"

#include "config/config_json.h"
#include "config/vm_options.h"

#include <errno.h>
#include <json-c/json.h>

static int from_text(const char *text, struct vm_config *c, struct err *e)
{
	struct json_object *object = NULL;
	int r = config_json_parse(text, strlen(text), &object, e);

	if (r)
		return r;
	r = vm_config_from_json(object, c, e);
	json_object_put(object);
	return r;
}

/* A record as clients of cloud-hypervisor send it, with the members it writes itself. */
static void a_full_record(void **state)
{
	static const char text[] =
		"{\"cpus\":{\"boot_vcpus\":2,\"max_vcpus\":4,\"topology\":{\"threads_per_core\":2,"
		"\"cores_per_die\":1,\"dies_per_package\":1,\"packages\":2},\"kvm_hyperv\":false,"
		"\"max_phys_bits\":46,\"affinity\":null,\"features\":{\"amx\":false},\"nested\":"
		"true},\"memory\":{\"size\":536870912,\"mergeable\":false,\"hotplug_method\":"
		"\"Acpi\",\"hotplug_size\":null,\"shared\":true,\"hugepages\":true,"
		"\"hugepage_size\":2097152,\"prefault\":false,\"zones\":null,\"thp\":true},"
		"\"payload\":{\"firmware\":null,\"kernel\":\"/k\",\"cmdline\":\"c\","
		"\"initramfs\":null},\"disks\":[{\"path\":\"/d\",\"readonly\":true,\"iommu\":false,"
		"\"num_queues\":1,\"queue_size\":128,\"vhost_user\":false,\"vhost_socket\":null,"
		"\"id\":\"_disk0\",\"disable_io_uring\":false,\"pci_segment\":0,"
		"\"image_type\":\"Unknown\",\"lock_granularity\":\"ByteRange\"}],"
		"\"net\":null,\"rng\":{\"src\":\"/dev/urandom\",\"iommu\":false},\"balloon\":null,"
		"\"fs\":[],\"serial\":{\"file\":null,\"mode\":\"Null\",\"iommu\":false},"
		"\"console\":{\"file\":\"/c\",\"mode\":\"File\",\"iommu\":false},"
		"\"debug_console\":{\"file\":null,\"mode\":\"Off\",\"iobase\":233},"
		"\"vdpa\":[{\"path\":\"/dev/vhost-vdpa-0\",\"num_queues\":2,\"iommu\":true}],"
		"\"pvpanic\":false,\"iommu\":true,\"watchdog\":false,\"platform\":"
		"{\"num_pci_segments\":2,\"iommu_segments\":[1],\"iommu_address_width_bits\":48},"
		"\"landlock_enable\":true,\"landlock_rules\":[{\"path\":\"/\",\"access\":\"rw\"}]}";
	_vm_config_ struct vm_config c = { 0 };
	struct err e = { 0 };

	(void)state;
	if (from_text(text, &c, &e))
		fail_msg("%s", e.text);
	assert_int_equal(c.cpus.max, 4);
	assert_int_equal(c.cpus.topology[3], 2);
	assert_int_equal(c.memory.hugepage_size, 2097152);
	assert_true(c.disks[0].readonly);
	assert_int_equal(c.serial.mode, CONSOLE_NULL);
	assert_int_equal(c.console.mode, CONSOLE_FILE);
	assert_string_equal(c.console.path, "/c");
	assert_int_equal(c.vdpas[0].num_queues, 2);
	assert_true(c.vdpas[0].pci.iommu);
	assert_true(c.has_platform && c.landlock);
	assert_int_equal(c.platform.iommu_segments[0], 1);
	assert_int_equal(c.platform.iommu_address_width, 48);
	assert_string_equal(c.landlock_rules[0].access, "rw");
}

/* The names that clients read; pinned. */
static void printed_members(void **state)
{
	_vm_config_ struct vm_config c;
	_vmm_options_ struct vmm_options o;
	struct json_object *object;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(CLI(&c, &o, &e, "--kernel", "k", "--vdpa", "path=v"), 0);
	assert_int_equal(vm_config_check(&c, &e), 0);
	object = vm_config_to_json(&c);
	assert_string_equal(
		json_object_to_json_string_ext(object, JSON_C_TO_STRING_NOSLASHESCAPE |
							       JSON_C_TO_STRING_PLAIN),
		"{\"iommu\":false,\"landlock_enable\":false,"
		"\"cpus\":{\"boot_vcpus\":1,\"max_vcpus\":1,\"max_phys_bits\":46},"
		"\"memory\":{\"size\":536870912,\"mergeable\":false,\"shared\":false,"
		"\"hugepages\":false,\"prefault\":false,\"reserve\":false,\"thp\":true},"
		"\"payload\":{\"kernel\":\"k\"},"
		"\"vdpa\":[{\"path\":\"v\",\"num_queues\":1,\"pci_segment\":0}],"
		"\"console\":{\"mode\":\"Tty\",\"pci_segment\":0},\"serial\":{\"mode\":\"Null\"},"
		"\"rng\":{\"src\":\"/dev/urandom\",\"pci_segment\":0}}");
	json_object_put(object);
}

static void refusals(void **state)
{
	static const struct {
		const char *text;
		int r;
		const char *message;
	} rows[] = {
		{ "", -EINVAL, "invalid JSON" },
		{ "{", -EINVAL, "invalid JSON" },
		{ "{} x", -EINVAL, "invalid JSON: unexpected character at byte 3" },
		{ "{\"a\":'b'}", -EINVAL, "invalid JSON" },
		{ "[]", -EINVAL, "a value of type object is expected, not array" },
		{ "1", -EINVAL, "a value of type object is expected, not int" },
		{ "null", -EINVAL, "a value of type object is expected, not null" },
		{ "{\"net\":[{\"tap\":\"x\"}]}", -EOPNOTSUPP, "net is not supported by this VMM" },
		{ "{\"watchdog\":true}", -EOPNOTSUPP, "watchdog is not supported" },
		{ "{\"debug_console\":{\"mode\":\"Tty\"}}", -EOPNOTSUPP, "debug_console is not" },
		{ "{\"bogus\":1}", -EINVAL, "unknown member: bogus" },
		{ "{\"rtc\":{}}", -EOPNOTSUPP, "rtc is not supported by this VMM" },
		{ "{\"balloon\":{\"size\":0}}", -EOPNOTSUPP, "balloon is not supported" },
		{ "{\"\":1}", -EINVAL, "unknown member: " },
		{ "{\"name\":\"x\"}", -EINVAL, "name is for profiles only" },
		{ "{\"vdpa\":{}}", -EINVAL, "vdpa: a value of type array is expected" },
		{ "{\"vdpa\":[1]}", -EINVAL, "vdpa[0]: a value of type object is expected" },
		{ "{\"vdpa\":[{},{\"pth\":\"x\"}]}", -EINVAL, "vdpa[1]: unknown option: pth" },
		{ "{\"vdpa\":[{\"path\":1}]}", -EINVAL,
		  "vdpa[0]: path: a value of type string is expected, not int" },
		{ "{\"vdpa\":[{\"path\":\"a\\u0000b\"}]}", -EINVAL, "path: a NUL in the string" },
		{ "{\"vdpa\":[{\"num_queues\":65536}]}", -ERANGE,
		  "vdpa[0]: num_queues: '65536' is out of range" },
		{ "{\"vdpa\":[{\"num_queues\":-1}]}", -EINVAL, "num_queues: '-1' is neither" },
		{ "{\"vdpa\":[{\"num_queues\":1.5}]}", -EINVAL, "integer is expected, not double" },
		{ "{\"vdpa\":[{\"num_queues\":\"2\"}]}", -EINVAL, "integer is expected" },
		{ "{\"vdpa\":[{\"create\":true}]}", -EINVAL, "create is for profiles only" },
		{ "{\"cpus\":{\"nested\":false}}", -EOPNOTSUPP,
		  "cpus: nested is not supported by this VMM" },
		{ "{\"cpus\":{\"features\":{\"amx\":true}}}", -EOPNOTSUPP, "features is not" },
		{ "{\"cpus\":{\"topology\":{\"packages\":1}}}", -EINVAL,
		  "topology: threads_per_core missing" },
		{ "{\"memory\":{\"hotplug_method\":\"VirtioMem\"}}", -EOPNOTSUPP,
		  "memory: hotplug_method is not supported by this VMM" },
		{ "{\"memory\":{\"zones\":[{\"id\":\"x\"}]}}", -EOPNOTSUPP, "zones is not" },
		{ "{\"memory\":{\"size\":\"1G\"}}", -EINVAL, "size: a value of type integer" },
		{ "{\"disks\":[{\"image_type\":\"Qcow2\"}]}", -EINVAL, "not one of unknown, raw" },
		{ "{\"disks\":[{\"vhost_socket\":\"x\"}]}", -EOPNOTSUPP,
		  "disks[0]: vhost_socket is not supported by this VMM" },
		{ "{\"disks\":[{\"disable_aio\":true}]}", -EOPNOTSUPP, "disks[0]: disable_aio is" },
		{ "{\"console\":{\"mode\":\"Loud\"}}", -EINVAL, "console: mode: 'loud' is not" },
		{ "{\"platform\":{\"iommu_segments\":[65536]}}", -ERANGE, "iommu_segments" },
		{ "{\"platform\":{\"iommu_segments\":[\"1\"]}}", -EINVAL, "integer is expected" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_vm_config_ struct vm_config c = { 0 };
		struct err e = { 0 };
		int r = from_text(rows[i].text, &c, &e);

		if (r != rows[i].r || !strstr(e.text, rows[i].message))
			fail_msg("%s: %d '%s', not '%s'", rows[i].text, r, e.text, rows[i].message);
	}
}

static void bounds(void **state)
{
	_free_ char *big = malloc(CONFIG_JSON_MAX + 1);
	struct json_object *object = NULL;
	struct err e = { 0 };
	char deep[128];

	(void)state;
	assert_non_null(big);
	memset(big, ' ', CONFIG_JSON_MAX + 1);
	assert_int_equal(config_json_parse(big, CONFIG_JSON_MAX + 1, &object, &e), -EFBIG);
	memset(deep, '[', 64);
	memset(deep + 64, ']', 64);
	assert_int_equal(config_json_parse(deep, sizeof(deep), &object, &e), -EINVAL);
	assert_int_equal(config_json_parse("\"\xff\"", 3, &object, &e), -EINVAL);
	assert_int_equal(config_json_parse("{}\0x", 4, &object, &e), -EINVAL);
	assert_string_equal(e.text, "invalid JSON: something follows at byte 2");
	assert_null(object);
}

static void path_of_another_mode(void **state)
{
	_vm_config_ struct vm_config c = { 0 }, d = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(from_text("{\"serial\":{\"mode\":\"Tty\",\"file\":\"/x\"}}", &c, &e), 0);
	assert_int_equal(c.serial.mode, CONSOLE_TTY);
	assert_int_equal(from_text("{\"serial\":{\"socket\":\"/x\",\"mode\":\"Socket\"}}", &d, &e),
			 0);
	assert_int_equal(d.serial.mode, CONSOLE_SOCKET);
	assert_string_equal(d.serial.path, "/x");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_record),
		cmocka_unit_test(printed_members),
		cmocka_unit_test(refusals),
		cmocka_unit_test(bounds),
		cmocka_unit_test(path_of_another_mode),
	};

	return cmocka_run_group_tests_name("config_json", tests, NULL, NULL);
}
