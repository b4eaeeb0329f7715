/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel's error codes mean for each command of the family "vdpa". */
#pragma once

#include "vdpa/netlink.h"

/* Records kernel error `code` (negative errno) of `cmd` on object `what` (may be NULL) in words,
 * with a hint, and with the kernel's own text (`extack`, may be empty). Returns the code. */
int nl_error(struct err *e, int code, enum vdpa_cmd cmd, const char *what, const char *extack);
