/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs a system program without a shell and keeps what it says. */
#pragma once

#include "base/err.h"
#include "base/strbuf.h"

/*
 * Runs argv[0] (a bare name, looked for in the system's folders) with a minimal environment, no
 * input, and waits. Standard output and error are appended to `output` (may be NULL). 0 when it
 * exits with 0; -ENOENT: no such program; -ETIMEDOUT: it did not end and was left behind; -EIO with
 * its last words otherwise.
 */
int run_program(const char *const argv[], unsigned int timeout_ms, struct strbuf *output,
		struct err *e);
