/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a configuration to a running VMM. */
#pragma once

#include "config/to_cli.h"
#include "config/vm_config.h"
#include "config/vmm_options.h"
#include "host/try_open.h"
#include "session.h"
#include "vm/vm_folder.h"

struct vm_launch {
	struct vm_folder folder;
	struct vm_config *config;          /* borrowed */
	const struct vmm_options *options; /* of the VMM itself; borrowed, may be NULL */
	const struct try_user *user;       /* whom the VMM becomes; NULL: who calls; borrowed */
	bool detached;
};

/* The command line of the VMM, argv[0] included. Where `detached`, consoles on the terminal become
 * sockets in the folder. */
int vm_launch_words(const struct vm_launch *l, struct cli_words *words, struct err *e);

/* -EEXIST when a VM of that name runs. */
int vm_launch_check_name(const struct vm_folder *f, struct err *e);

/*
 * Starts the VM: folder, devices, memory-lock limit, VMM. Detached it returns once the guest runs,
 * else when the VMM has ended. What it made is taken away again when it fails and when the VM ends.
 */
int vm_launch_run(struct session *s, const struct vm_launch *l, struct err *e);

/* Takes away what a VM that ended left behind: devices it created, its folder; unless that is
 * another's than this process' and its `keeper`'s (0: none) by now. What cannot be taken away stays
 * for the next who tries. */
int vm_launch_clean(struct session *s, const struct vm_folder *f, pid_t keeper, struct err *e);

/* The same, where nobody starts a VM of that name and none runs. */
int vm_launch_clean_dead(struct session *s, const struct vm_folder *f, struct err *e);
