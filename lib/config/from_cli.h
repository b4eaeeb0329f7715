/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The `vdpa-vmm` command line, in cloud-hypervisor's grammar. */
#pragma once

#include "config/vm_config.h"
#include "config/vmm_options.h"

/*
 * Reads argv[1..argc) into an uninitialised configuration and options; on failure both hold
 * nothing to release. A wrong option or a missing value is misuse (`e->misuse`, exit status 2), an
 * option of cloud-hypervisor that is out of scope -EOPNOTSUPP. With --help or --version among the
 * arguments nothing else but -v is looked at. Rules between options: vm_config_check.
 */
int vm_cli_parse(int argc, char *const *argv, struct vm_config *config, struct vmm_options *options,
		 struct err *e);

/* As vm_cli_parse without asking for a kernel: for a VM that is only looked at. */
int vm_cli_parse_partial(int argc, char *const *argv, struct vm_config *config,
			 struct vmm_options *options, struct err *e);
