/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options of the VMM itself, which a profile has no place for. */
#pragma once

#include "config/vmm_options.h"
#include "session.h"

/* Says which there are, so that nobody looks for them in the profile: on standard error, or with
 * --json in "left_out". */
int left_out_tell(struct session *s, const struct vmm_options *options, struct err *e);
