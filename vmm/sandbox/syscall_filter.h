/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The system-call filters (seccomp): one for each kind of thread. */
#pragma once

#include "base/err.h"
#include "config/vmm_options.h"

enum filter_thread {
	FILTER_MAIN, /* also the limit for every thread that it starts */
	FILTER_VCPU,
	FILTER_THREADS,
};

struct syscall_filters; /* immutable */

/*
 * Makes the filters ready and, for VMM_SECCOMP_TRUE, sets the handler of SIGSYS. *out is NULL for
 * VMM_SECCOMP_FALSE.
 */
int syscall_filters_create(enum vmm_seccomp mode, struct syscall_filters **out, struct err *e);
void syscall_filters_destroy(struct syscall_filters *filters); /* NULL is fine */

/*
 * Puts the calling thread, and all that it starts from now on, under a filter for good; needs
 * no_new_privs. The main thread comes first. NULL filters do nothing. Any thread.
 */
int syscall_filter_enter(const struct syscall_filters *filters, enum filter_thread thread,
			 struct err *e);
