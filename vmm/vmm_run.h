/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run of the VMM process, from parsed options to its end. */
#pragma once

#include "base/err.h"
#include "config/vm_config.h"
#include "config/vmm_options.h"
#include "vmm.h"

/*
 * Confines the process, serves the API socket and, with options->has_vm, creates and boots the VM
 * of `config`; returns when the process is to end, with its status in *exit_code. A failure before
 * or while the VM boots is returned with *fault filled, everything is released then; fault->what is
 * NULL where fault->err says it all. The configuration is checked
 * before any side effect; it stays the caller's to clear. No thread may exist yet.
 */
int vmm_run(const struct vmm_options *options, struct vm_config *config, int *exit_code,
	    struct vmm_fault *fault);
