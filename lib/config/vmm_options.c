/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the VMM's command line says about the VMM itself: rows, defaults. */
#include "config/vmm_options.h"

static const struct option endpoint_rows[] = {
	{
		.key = "path",
		.help = "path of the UNIX socket or file",
		.unit = "path",
		OPTION_TO_STRING(struct vmm_endpoint, path),
	},
	{
		.key = "fd",
		.help = "descriptor that is open already",
		.unit = "fd",
		OPTION_TO_INT(struct vmm_endpoint, fd),
	},
};

const struct option_section vmm_section_api_socket = {
	.name = "api-socket",
	.help = "serve the HTTP API on a UNIX socket",
	.options = endpoint_rows,
	.n_options = ARRAY_SIZE(endpoint_rows),
	.size = sizeof(struct vmm_endpoint),
	.offset = offsetof(struct vmm_options, api_socket),
};

const struct option_section vmm_section_event_monitor = {
	.name = "event-monitor",
	.help = "report events, as JSON objects",
	.options = endpoint_rows,
	.n_options = ARRAY_SIZE(endpoint_rows),
	.size = sizeof(struct vmm_endpoint),
	.offset = offsetof(struct vmm_options, event_monitor),
};

static const struct option restore_rows[] = {
	{
		.key = "source_url",
		.help = "folder of a snapshot, as file:///path",
		.unit = "url",
		OPTION_TO_STRING(struct vmm_restore, source_url),
	},
	{
		.key = "prefault",
		.help = "touch all guest memory before the guest goes on",
		.fallback = "off",
		OPTION_TO_TOGGLE(struct vmm_restore, prefault),
	},
	{
		.key = "resume",
		.help = "let the guest run at once",
		.fallback = "off",
		OPTION_TO_TOGGLE(struct vmm_restore, resume),
	},
	{
		.key = "memory_restore_mode",
		.type = OPTION_STRING,
		.fallback = "copy",
		.flags = OPTION_UNSUPPORTED,
	},
	{ .key = "net_fds", .type = OPTION_STRING, .flags = OPTION_UNSUPPORTED },
	{ .key = "vfio_fds", .type = OPTION_STRING, .flags = OPTION_UNSUPPORTED },
	{ .key = "iommufd_fd", .type = OPTION_STRING, .flags = OPTION_UNSUPPORTED },
	{ .key = "zone_updates", .type = OPTION_STRING, .flags = OPTION_UNSUPPORTED },
};

const struct option_section vmm_section_restore = {
	.name = "restore",
	.help = "restore a virtual machine from a snapshot",
	.options = restore_rows,
	.n_options = ARRAY_SIZE(restore_rows),
	.size = sizeof(struct vmm_restore),
	.offset = offsetof(struct vmm_options, restore),
};

static const char *const seccomp_words[] = {
	[VMM_SECCOMP_TRUE] = "true",
	[VMM_SECCOMP_LOG] = "log",
	[VMM_SECCOMP_ERRNO] = "errno",
	[VMM_SECCOMP_FALSE] = "false",
	NULL,
};

static const struct option vmm_rows[] = {
	{
		.key = "log-file",
		.help = "log to a file instead of standard error",
		.unit = "path",
		OPTION_TO_STRING(struct vmm_options, log_file),
	},
	{
		.key = "seccomp",
		.help = "what a system call outside the filter does",
		.fallback = "true",
		.choices = seccomp_words,
		OPTION_TO_CHOICE(struct vmm_options, seccomp, enum vmm_seccomp),
	},
	{
		.key = "no-shutdown",
		.help = "keep the VMM when the guest powers off",
		.fallback = "off",
		OPTION_TO_TOGGLE(struct vmm_options, no_shutdown),
	},
};

const struct option_section vmm_section_vmm = {
	.name = "vmm",
	.help = "the VMM itself",
	.flat = true,
	.options = vmm_rows,
	.n_options = ARRAY_SIZE(vmm_rows),
	.size = sizeof(struct vmm_options),
};

/* The options as a whole first: its defaults clear the struct. */
static const struct option_section *const sections[] = {
	&vmm_section_vmm,
	&vmm_section_api_socket,
	&vmm_section_event_monitor,
	&vmm_section_restore,
};

int vmm_options_init(struct vmm_options *options)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(sections) && !r; i++)
		r = option_record_init(sections[i], (char *)options + sections[i]->offset);
	if (r)
		vmm_options_clear(options);
	return r;
}

void vmm_options_clear(struct vmm_options *options)
{
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
		option_record_clear(sections[i], (char *)options + sections[i]->offset);
}
