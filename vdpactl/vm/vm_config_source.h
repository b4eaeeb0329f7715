/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a command takes a VM's configuration from: a profile, or options of vdpa-vmm. */
#pragma once

#include "command/command.h"
#include "config/vm_config.h"
#include "config/vmm_options.h"

struct vm_source {
	struct vm_config config;    /* owned */
	struct vmm_options options; /* owned */
	bool given;                 /* there was a profile or an option */
};

#define _vm_source_ _cleanup_(vm_source_clear)
void vm_source_clear(struct vm_source *source);

/* vm_config_check without the values that it puts in: what is printed or written back is what was
 * given. */
int vm_source_check(struct vm_config *config, struct err *e);

/* The same, where the configuration came with options of the VMM: --restore is refused, since a
 * snapshot brings its configuration along. */
int vm_source_settle(struct vm_source *source, struct err *e);

/*
 * Fills an uninitialised `source` from `profile` (NULL: none) or `words` (of ARG_VM_OPTIONS); both
 * together are misuse, and so are wrong words. Rules across keys are checked. On failure it holds
 * nothing to release.
 */
int vm_source_get(const char *profile, const struct arg_words *words, struct vm_source *source,
		  struct err *e);

/* As vm_source_get without asking for a kernel: for a VM that is only looked at. */
int vm_source_get_partial(const char *profile, const struct arg_words *words,
			  struct vm_source *source, struct err *e);
