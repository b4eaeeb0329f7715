/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files of completions/, carried in the program. */
#pragma once

#include <stddef.h>

struct completion_shim {
	const char *shell, *text;
};

extern const struct completion_shim completion_shims[];
extern const size_t completion_shims_n;
