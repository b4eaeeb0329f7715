/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options of the VMM itself, back to words. */
#pragma once

#include "config/to_cli.h"
#include "config/vmm_options.h"

/* Appends what differs from the defaults, except for the API socket. 0 or -ENOMEM. */
int vmm_options_words(const struct vmm_options *options, struct cli_words *words);
