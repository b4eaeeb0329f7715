/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Landlock: which files the process may still open, made from the configuration. */
#pragma once

#include "base/err.h"
#include "config/vm_config.h"

/*
 * Restricts the calling thread, and all that it starts from now on, for good to the files that
 * `config` names and to what the VMM itself needs (/dev/kvm, hugepages in sysfs). `api_socket` (may
 * be NULL) stays removable. Needs no_new_privs and Landlock ABI 3 (Linux 6.2): -EOPNOTSUPP. A rule
 * for a path that does not exist is -ENOENT.
 */
int landlock_restrict(const struct vm_config *config, const char *api_socket, struct err *e);
