/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One command at a time changes the host's settings. */
#pragma once

#include "base/err.h"
#include "base/roots.h"

/*
 * Waits until no other command reads settings to change them: what is read from now on until *lock
 * is closed is what is changed. It counts per descriptor, so whoever has it must not ask again.
 * Only root can have it: another user could keep all commands waiting.
 */
int host_lock(const struct host_roots *roots, int *lock, struct err *e);
