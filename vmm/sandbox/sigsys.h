/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reports a system call that the filter stopped. */
#pragma once

#include "base/err.h"

/* From now on a SIGSYS of any thread writes one line to standard error, with call and thread, and
 * ends the process by that signal. */
int sigsys_report(struct err *e);
