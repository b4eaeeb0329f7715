/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The checks that a VM must pass before it is started. */
#pragma once

#include "config/vm_config.h"
#include "session.h"

/* 0 when nothing speaks against starting `config` here and now as `user` (NULL: who calls); else
 * the first finding that does, with its remedy as the hint and how many more there are. */
int preflight(struct session *s, const struct vm_config *config, const char *user, struct err *e);
