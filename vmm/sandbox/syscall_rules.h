/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What each kind of thread may ask of the kernel. */
#pragma once

#include <stdint.h>

enum {
	ON_MAIN = 1,
	ON_VCPU = 2,
	ON_ALL = ON_MAIN | ON_VCPU,
	ANY_ARGUMENT = -1,
};

struct syscall_rule {
	int call;             /* as SCMP_SYS gives it */
	int threads;          /* ON_... */
	int argument;         /* its number, or ANY_ARGUMENT */
	uint32_t mask, value; /* the low 32 bits of that argument, masked, must be this */
};

/* Ends with a row whose `threads` is 0. */
extern const struct syscall_rule syscall_rules[];
