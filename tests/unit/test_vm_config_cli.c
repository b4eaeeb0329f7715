/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The `vdpa-vmm` command line to a configuration. */
#include "config_cli.h"

#include "config/cli_options.h"

#include <errno.h>

/* CONTRACT of the command line: the record of a VM with nothing but a kernel. */
static void defaults(void **state)
{
	_vm_config_ struct vm_config c;
	_vmm_options_ struct vmm_options o;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(CLI(&c, &o, &e, "--kernel", "vmlinux"), 0);
	assert_int_equal(vm_config_check(&c, &e), 0);
	assert_int_equal(c.cpus.boot, 1);
	assert_int_equal(c.cpus.max, 1);
	assert_int_equal(c.cpus.max_phys_bits, 46);
	assert_int_equal(c.memory.size, 536870912);
	assert_true(c.memory.thp);
	assert_false(c.memory.shared || c.memory.hugepages || c.memory.mergeable ||
		     c.memory.prefault || c.memory.reserve);
	assert_int_equal(c.memory.hugepage_size, 0);
	assert_int_equal(c.serial.mode, CONSOLE_NULL);
	assert_int_equal(c.console.mode, CONSOLE_TTY);
	assert_int_equal(c.console.pci.device_id, PCI_DEVICE_AUTO);
	assert_string_equal(c.rng.src, "/dev/urandom");
	assert_false(c.has_platform);
	assert_int_equal(c.platform.num_pci_segments, 1);
	assert_int_equal(c.platform.iommu_address_width, 64);
	assert_false(vm_config_has_iommu(&c));
	assert_int_equal(c.n_disks + c.n_vdpas + c.n_pci_segments + c.n_landlock_rules, 0);
	assert_true(o.has_vm);
	assert_int_equal(o.seccomp, VMM_SECCOMP_TRUE);
	assert_int_equal(o.api_socket.fd, -1);
	assert_null(o.api_socket.path);
}

static void walk_through(void **state)
{
	_vm_config_ struct vm_config c;
	_vmm_options_ struct vmm_options o;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(CLI(&c, &o, &e, "--cpus", "boot=1", "--memory", "size=1G,hugepages=on",
			     "--disk", "path=image.raw", "--kernel", "vmlinux", "--cmdline",
			     "root=/dev/vda1 console=hvc0", "--vdpa",
			     "path=/dev/vhost-vdpa-0,num_queues=1"),
			 0);
	assert_int_equal(vm_config_check(&c, &e), 0);
	assert_int_equal(vm_config_assign_ids(&c, &e), 0);
	assert_int_equal(c.memory.size, 1 << 30);
	assert_true(c.memory.hugepages);
	assert_string_equal(c.disks[0].path, "image.raw");
	assert_string_equal(c.payload.cmdline, "root=/dev/vda1 console=hvc0");
	assert_string_equal(c.vdpas[0].path, "/dev/vhost-vdpa-0");
	assert_int_equal(c.vdpas[0].num_queues, 1);
	assert_int_equal(c.vdpas[0].fd, -1);
	assert_string_equal(c.console.pci.id, "__console");
	assert_string_equal(c.disks[0].pci.id, "_disk0");
	assert_string_equal(c.rng.pci.id, "__rng");
	assert_string_equal(c.vdpas[0].pci.id, "_vdpa1");
}

static void several_values(void **state)
{
	_vm_config_ struct vm_config c;
	_vmm_options_ struct vmm_options o;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(CLI(&c, &o, &e, "--vdpa", "path=a", "path=b,num_queues=auto", "-v",
			     "--vdpa=device=c", "--kernel=k", "-vv", "--disk", "path=d",
			     "--cmdline", "", "--landlock", "--no-shutdown"),
			 0);
	assert_int_equal(c.n_vdpas, 3);
	assert_string_equal(c.vdpas[1].path, "b");
	assert_int_equal(c.vdpas[1].num_queues, 0);
	assert_string_equal(c.vdpas[2].device, "c");
	assert_int_equal(o.verbosity, 3);
	assert_true(o.no_shutdown && c.landlock);
}

static void vmm_options_only(void **state)
{
	_vm_config_ struct vm_config c;
	_vmm_options_ struct vmm_options o;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(CLI(&c, &o, &e, "--api-socket", "/run/a=b,c", "--event-monitor", "fd=3",
			     "--seccomp", "errno", "--log-file", "-", "--restore",
			     "source_url=file:///s,resume=true,memory_restore_mode=copy",
			     "--serial", "file=/x"),
			 0);
	assert_false(o.has_vm);
	assert_string_equal(o.api_socket.path, "/run/a=b,c");
	assert_int_equal(o.event_monitor.fd, 3);
	assert_int_equal(o.seccomp, VMM_SECCOMP_ERRNO);
	assert_string_equal(o.log_file, "-");
	assert_string_equal(o.restore.source_url, "file:///s");
	assert_true(o.restore.resume);
	assert_false(o.restore.has_console);
	assert_true(o.restore.has_serial);
}

static void help_and_version_win(void **state)
{
	_vm_config_ struct vm_config c;
	_vmm_options_ struct vmm_options o;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(CLI(&c, &o, &e, "--bogus", "-vV"), 0);
	assert_true(o.want_version);
	assert_int_equal(o.verbosity, 1);
	vm_config_clear(&c);
	vmm_options_clear(&o);
	assert_int_equal(CLI(&c, &o, &e, "--net", "x", "--help"), 0);
	assert_true(o.want_help);
}

static const struct {
	const char *words[6];
	int r;
	bool misuse;
	const char *text, *hint;
} refused[] = {
	{ { "--vpda", "path=x" }, -EINVAL, true, "unknown option '--vpda'", "--vdpa" },
	{ { "-x" }, -EINVAL, true, "unknown option '-x'", "" },
	{ { "word" }, -EINVAL, true, "unexpected argument 'word'", "" },
	{ { "--" }, -EINVAL, true, "unexpected argument '--'", "" },
	{ { "--version=1" }, -EINVAL, true, "'--version' takes no value", "" },
	{ { "--help=" }, -EINVAL, true, "'--help' takes no value", "" },
	{ { "--vdpa" }, -EINVAL, true, "a value is required for '--vdpa'", "--vdpa=VALUE" },
	{ { "--cmdline", "-x" }, -EINVAL, true, "a value is required", "--cmdline=VALUE" },
	{ { "--cpus", "boot=1", "--cpus", "boot=2" }, -EINVAL, true, "more than once", "" },
	{ { "--disk", "path=d" }, -EINVAL, true, "'--disk' needs a kernel", "--kernel" },
	{ { "--net", "tap=x" }, -EOPNOTSUPP, false, "--net is not supported by this VMM", "" },
	{ { "--vdpa", "pth=x" }, -EINVAL, false, "--vdpa: unknown option: pth", "'path'" },
	{ { "--vdpa", "path=a, iommu=on" }, -EINVAL, false, "unknown option:  iommu", "" },
	{ { "--vdpa", "create=on" }, -EINVAL, false, "--vdpa: create is for profiles only", "" },
	{ { "--memory", "size=1KM" }, -EINVAL, false, "--memory: size: '1KM' is not a size", "" },
	{ { "--memory", "size=17179869184G" }, -ERANGE, false, "--memory: size: ", "" },
	{ { "--memory", "hugepages=on,hugepage_size=0" },
	  -ERANGE,
	  false,
	  "--memory: hugepage_size: '0' is out of range (1 or more)",
	  "" },
	{ { "--cpus", "affinity=[0@[1]]" },
	  -EOPNOTSUPP,
	  false,
	  "--cpus: affinity is not supported by this VMM",
	  "" },
	{ { "--cpus", "nested=off" }, -EOPNOTSUPP, false, "nested is not supported", "" },
	{ { "--disk", "path=a,image_type=qcow2" }, -EINVAL, false, "not one of unknown, raw", "" },
	{ { "--console", "" }, -EINVAL, false, "--console: invalid console mode given", "" },
	{ { "--console", "iommu=on" }, -EINVAL, false, "invalid console mode given", "" },
	{ { "--console", "bogus" },
	  -EINVAL,
	  false,
	  "--console: invalid console mode given: bogus",
	  "" },
	{ { "--console", "tty=x" }, -EINVAL, false, "--console: tty takes no value", "" },
	{ { "--console", "file=" }, -EINVAL, false, "path missing when using file console mode" },
	{ { "--console", "file" }, -EINVAL, false, "invalid syntax: file", "" },
	{ { "--serial", "tty,iommu=on" }, -EINVAL, false, "unknown option: iommu", "" },
	{ { "--seccomp", "maybe" }, -EINVAL, false, "--seccomp: 'maybe' is not one of true", "" },
	{ { "--event-monitor", "" }, -EINVAL, false, "--event-monitor: path or fd required", "" },
	{ { "--api-socket", "" }, -EINVAL, false, "--api-socket: path or fd required", "" },
	{ { "--api-socket", "path=" }, -EINVAL, false, "--api-socket: path or fd required", "" },
	{ { "--api-socket", "path=/s,fd=0" },
	  -EINVAL,
	  false,
	  "--api-socket: only one of path and fd can be given",
	  "" },
	{ { "--event-monitor", "path=/s,fd=0" }, -EINVAL, false, "only one of path and fd", "" },
	{ { "--kernel", "k", "--initramfs", "" },
	  -EINVAL,
	  true,
	  "a value is required for '--initramfs'",
	  "" },
	{ { "--log-file=" }, -EINVAL, true, "a value is required for '--log-file'", "" },
	{ { "--seccomp", "" }, -EINVAL, true, "a value is required for '--seccomp'", "" },
	{ { "--kernel", "" }, -EINVAL, true, "a value is required for '--kernel'", "" },
	{ { "--restore", "resume=on" }, -EINVAL, false, "--restore: source_url missing", "" },
	{ { "--restore", "source_url=file:///s", "--disk", "path=d" },
	  -EINVAL,
	  true,
	  "'--disk' cannot go with '--restore'",
	  "the snapshot brings its machine along" },
	{ { "--restore", "source_url=file:///s,memory_restore_mode=ondemand" },
	  -EOPNOTSUPP,
	  false,
	  "--restore: memory_restore_mode is not supported by this VMM",
	  "" },
	{ { "--restore", "source_url=file:///s,net_fds=[a@[3]]" },
	  -EOPNOTSUPP,
	  false,
	  "--restore: net_fds is not supported by this VMM",
	  "" },
};

static void refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		_vm_config_ struct vm_config c;
		_vmm_options_ struct vmm_options o;
		const char *words[9] = { "vdpa-vmm" };
		struct err e = { 0 };
		size_t n = 1;

		for (size_t w = 0; w < 6 && refused[i].words[w]; w++)
			words[n++] = refused[i].words[w];
		assert_int_equal(cli_words(&c, &o, &e, words), refused[i].r);
		assert_int_equal(e.misuse, refused[i].misuse);
		assert_non_null(strstr(e.text, refused[i].text));
		assert_true(!refused[i].hint || strstr(e.hint, refused[i].hint));
	}
}

/* Scope's "never reported as unknown": every option of cloud-hypervisor is in the table. */
static void known_options(void **state)
{
	static const char *const names[] = {
		"api-socket",    "balloon",       "cmdline",     "console",
		"cpus",          "debug-console", "device",      "disk",
		"event-monitor", "firmware",      "fs",          "generic-vhost-user",
		"initramfs",     "kernel",        "landlock",    "landlock-rules",
		"log-file",      "log-format",    "memory",      "memory-zone",
		"net",           "no-shutdown",   "numa",        "pci-segment",
		"platform",      "pmem",          "pvpanic",     "rate-limit-group",
		"restore",       "rng",           "rtc",         "seccomp",
		"serial",        "tpm",           "user-device", "vdpa",
		"version",       "vsock",         "watchdog",    "help",
	};
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_non_null(cli_option_find(names[i]));
	for (const struct cli_option *o = cli_options; o->name; o++, n++) {
		assert_true(n == 0 || strcmp(o[-1].name, o->name) < 0);
		if (o->key)
			assert_non_null(cli_option_key(o));
	}
	assert_true(n <= 64); /* from_cli counts repetitions in a table of this size */
}

static void help_shows_all(void **state)
{
	_strbuf_ struct strbuf help = { 0 };

	(void)state;
	cli_help(&help);
	for (const struct cli_option *o = cli_options; o->name; o++) {
		char head[64];

		if (o->kind == CLI_VERBOSE)
			continue;
		snprintf(head, sizeof(head), "--%s%s", o->name, o->kind == CLI_FLAG ? "\n" : "");
		assert_int_equal(strstr(strbuf_text(&help), head) != NULL,
				 o->kind != CLI_UNSUPPORTED);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(walk_through),
		cmocka_unit_test(several_values),
		cmocka_unit_test(vmm_options_only),
		cmocka_unit_test(help_and_version_win),
		cmocka_unit_test(refusals),
		cmocka_unit_test(known_options),
		cmocka_unit_test(help_shows_all),
	};

	return cmocka_run_group_tests_name("vm_config_cli", tests, NULL, NULL);
}
