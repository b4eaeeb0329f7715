/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The present state of the host in the form that apply reads. */
#pragma once

#include "base/strbuf.h"
#include "session.h"

/* Appends it to `sb`, which stays the caller's; on failure with a part of it there. Without vDPA in
 * the kernel there are no devices, which is no failure. */
int host_save(struct session *s, struct strbuf *sb, struct err *e);
