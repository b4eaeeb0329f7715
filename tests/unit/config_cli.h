/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Command lines for the tests of the configuration. */
#pragma once

#include "unit.h"

#include "config/from_cli.h"
#include "config/vm_config_check.h"

/* Parses `vdpa-vmm WORD...`; the words end with NULL. */
#define CLI(config, options, e, ...)                                                               \
	cli_words((config), (options), (e), (const char *const[]){ "vdpa-vmm", __VA_ARGS__, NULL })

static inline int cli_words(struct vm_config *config, struct vmm_options *options, struct err *e,
			    const char *const *words)
{
	char *argv[64];
	int argc = 0;

	for (; words[argc] && argc < 63; argc++)
		argv[argc] = (char *)(uintptr_t)words[argc];
	argv[argc] = NULL;
	return vm_cli_parse(argc, argv, config, options, e);
}
