/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A configuration as a command line of QEMU. */
#pragma once

#include "config/to_cli.h"
#include "config/vm_config.h"

/* Appends the words of qemu-system-x86_64; vDPA devices by `path`, which is resolved for those that
 * are named. What QEMU has no counterpart of is left out. */
int qemu_words(const struct vm_config *config, struct cli_words *words, struct err *e);
