/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A deletion that is under way in the kernel, seen from other processes: until it ends, whoever
 * uses generic netlink waits with it, and cannot be killed. */
#pragma once

#include "base/err.h"

/* For who deletes: a descriptor for nl_turn_begin, or -1 where there is none (the deletion goes on
 * without being seen). */
int nl_turn_open(void);
void nl_turn_begin(int fd);
void nl_turn_end(int fd);

/* Waits a moment for deletions of other processes; -EBUSY where one does not end. */
int nl_turn_wait(struct err *e);
