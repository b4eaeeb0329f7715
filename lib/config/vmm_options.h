/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the VMM's command line says about the VMM itself, not about the machine. */
#pragma once

#include "config/option.h"

enum vmm_seccomp {
	VMM_SECCOMP_TRUE, /* a forbidden call ends the VMM, which says which call it was */
	VMM_SECCOMP_LOG,
	VMM_SECCOMP_ERRNO, /* a forbidden call fails with EPERM */
	VMM_SECCOMP_FALSE,
};

/* Where to serve or write: a path, or a descriptor that is open already. */
struct vmm_endpoint {
	char *path; /* owned; NULL where absent */
	int fd;     /* -1 where absent */
};

struct vmm_restore {
	char *source_url; /* owned; NULL: do not restore */
	bool prefault, resume;
	/* --console or --serial came with it: in place of what the snapshot has. */
	bool has_console, has_serial;
};

struct vmm_options {
	struct vmm_endpoint api_socket, event_monitor;
	struct vmm_restore restore;
	char *log_file; /* owned; NULL: standard error */
	enum vmm_seccomp seccomp;
	unsigned int verbosity; /* 0 warnings, 1 information, 2 debug, 3 trace */
	bool no_shutdown, want_help, want_version;
	bool has_vm; /* an option of the machine was given, and so was a kernel */
};

extern const struct option_section vmm_section_api_socket, vmm_section_event_monitor,
	vmm_section_restore, vmm_section_vmm;

/* Sets the defaults. 0 or -ENOMEM. */
int vmm_options_init(struct vmm_options *options);
void vmm_options_clear(struct vmm_options *options);

#define _vmm_options_ _cleanup_(vmm_options_clear)
