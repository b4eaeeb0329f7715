/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of the `vdpa-vmm` command line. */
#include "config/cli_options.h"

#include "config/vm_options.h"
#include "config/vmm_options.h"

#include <string.h>

#define KEY(n, s, k)                                                                               \
	{                                                                                          \
		.name = (n), .kind = CLI_KEY, .section = (s), .key = (k)                           \
	}
#define FLAG(n, s, k)                                                                              \
	{                                                                                          \
		.name = (n), .kind = CLI_FLAG, .section = (s), .key = (k)                          \
	}
#define RECORD(n, k, s)                                                                            \
	{                                                                                          \
		.name = (n), .kind = (k), .section = (s)                                           \
	}
#define UNSUPPORTED(n)                                                                             \
	{                                                                                          \
		.name = (n), .kind = CLI_UNSUPPORTED                                               \
	}

const struct cli_option cli_options[] = {
	RECORD("api-socket", CLI_ENDPOINT, &vmm_section_api_socket),
	UNSUPPORTED("balloon"),
	{
		.name = "cmdline",
		.kind = CLI_KEY,
		.section = &vm_section_payload,
		.key = "cmdline",
		.takes_empty = true,
	},
	RECORD("console", CLI_RECORD, &vm_section_console),
	RECORD("cpus", CLI_RECORD, &vm_section_cpus),
	UNSUPPORTED("dbus-object-path"),
	UNSUPPORTED("dbus-service-name"),
	UNSUPPORTED("dbus-system-bus"),
	UNSUPPORTED("debug-console"),
	UNSUPPORTED("device"),
	RECORD("disk", CLI_RECORDS, &vm_section_disk),
	RECORD("event-monitor", CLI_RECORD, &vmm_section_event_monitor),
	UNSUPPORTED("firmware"),
	UNSUPPORTED("fs"),
	UNSUPPORTED("fw-cfg-config"),
	UNSUPPORTED("gdb"),
	UNSUPPORTED("generic-vhost-user"),
	{ .name = "help", .letter = 'h', .kind = CLI_HELP, .help = "print this help" },
	UNSUPPORTED("host-data"),
	UNSUPPORTED("igvm"),
	KEY("initramfs", &vm_section_payload, "initramfs"),
	UNSUPPORTED("ivshmem"),
	KEY("kernel", &vm_section_payload, "kernel"),
	FLAG("landlock", &vm_section_vm, "landlock"),
	RECORD("landlock-rules", CLI_RECORDS, &vm_section_landlock_rules),
	KEY("log-file", &vmm_section_vmm, "log-file"),
	UNSUPPORTED("log-format"),
	RECORD("memory", CLI_RECORD, &vm_section_memory),
	UNSUPPORTED("memory-zone"),
	UNSUPPORTED("net"),
	FLAG("no-shutdown", &vmm_section_vmm, "no-shutdown"),
	UNSUPPORTED("numa"),
	RECORD("pci-segment", CLI_RECORDS, &vm_section_pci_segment),
	RECORD("platform", CLI_RECORD, &vm_section_platform),
	UNSUPPORTED("pmem"),
	UNSUPPORTED("pvmemcontrol"),
	UNSUPPORTED("pvpanic"),
	UNSUPPORTED("rate-limit-group"),
	RECORD("restore", CLI_RECORD, &vmm_section_restore),
	RECORD("rng", CLI_RECORD, &vm_section_rng),
	UNSUPPORTED("rtc"),
	KEY("seccomp", &vmm_section_vmm, "seccomp"),
	RECORD("serial", CLI_RECORD, &vm_section_serial),
	UNSUPPORTED("sgx-epc"),
	UNSUPPORTED("tpm"),
	UNSUPPORTED("user-device"),
	{ .letter = 'v', .name = "v", .kind = CLI_VERBOSE, .help = "log more; up to -vvv" },
	RECORD("vdpa", CLI_RECORDS, &vm_section_vdpa),
	{ .name = "version", .letter = 'V', .kind = CLI_VERSION, .help = "print the version" },
	UNSUPPORTED("vsock"),
	UNSUPPORTED("watchdog"),
	{ .name = NULL },
};

const struct cli_option *cli_option_find(const char *name)
{
	for (const struct cli_option *o = cli_options; o->name; o++)
		if (strcmp(o->name, name) == 0 && o->kind != CLI_VERBOSE)
			return o;
	return NULL;
}

const struct option *cli_option_key(const struct cli_option *o)
{
	return option_find(o->section, o->key);
}
