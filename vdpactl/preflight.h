/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The checks that a VM must pass before it is started. */
#pragma once

#include "config/vm_config.h"
#include "session.h"

/* 0 when nothing speaks against starting `config` here and now as `user` (NULL: who calls); else
 * all findings that do, with the remedy of the first as the hint, and how to see the others where
 * it is of a `profile` (NULL: it is of none). */
int preflight(struct session *s, const struct vm_config *config, const char *profile,
	      const char *user, struct err *e);
