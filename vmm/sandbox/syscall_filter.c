/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The system-call filters, compiled when the VMM was built; a thread enters one with a single
 * system call, so that a vCPU needs neither memory nor files for it.
 */
#include "sandbox/syscall_filter.h"

#include "base/cleanup.h"
#include "sandbox/sigsys.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/syscall.h>

#include "sandbox/filters.inc"

static const struct {
	const struct sock_filter *filter;
	unsigned short len;
} compiled[FILTER_THREADS] = {
	[FILTER_MAIN] = { main_filter, ARRAY_SIZE(main_filter) },
	[FILTER_VCPU] = { vcpu_filter, ARRAY_SIZE(vcpu_filter) },
};

struct syscall_filters {
	struct sock_fprog programs[FILTER_THREADS]; /* instructions owned */
};

DEFINE_CLEANUP(struct syscall_filters, filters, syscall_filters_destroy)

/* What the kernel does with a call that no rule allows. */
static uint32_t default_action(enum vmm_seccomp mode)
{
	static const uint32_t actions[] = {
		[VMM_SECCOMP_TRUE] = SECCOMP_RET_TRAP,
		[VMM_SECCOMP_LOG] = SECCOMP_RET_LOG,
		[VMM_SECCOMP_ERRNO] = SECCOMP_RET_ERRNO | EPERM,
		[VMM_SECCOMP_FALSE] = SECCOMP_RET_ALLOW,
	};

	return actions[mode];
}

/* The compiled filter with the mode's action where it traps. */
static int fill(enum vmm_seccomp mode, enum filter_thread thread, struct sock_fprog *program)
{
	size_t size = compiled[thread].len * sizeof(*program->filter);

	program->filter = malloc(size);
	if (!program->filter)
		return -ENOMEM;
	memcpy(program->filter, compiled[thread].filter, size);
	program->len = compiled[thread].len;
	for (unsigned int i = 0; i < program->len; i++) {
		struct sock_filter *f = &program->filter[i];

		if (f->code == (BPF_RET | BPF_K) && f->k == SECCOMP_RET_TRAP)
			f->k = default_action(mode);
	}
	return 0;
}

int syscall_filters_create(enum vmm_seccomp mode, struct syscall_filters **out, struct err *e)
{
	_cleanup_(cleanup_filters) struct syscall_filters *filters = NULL;
	int r = 0;

	*out = NULL;
	if (mode == VMM_SECCOMP_FALSE)
		return 0;
	filters = calloc(1, sizeof(*filters));
	if (!filters)
		return err_nomem(e);
	for (unsigned int i = 0; i < FILTER_THREADS; i++) {
		r = fill(mode, (enum filter_thread)i, &filters->programs[i]);
		if (r < 0)
			return err_nomem(e);
	}
	if (mode == VMM_SECCOMP_TRUE)
		r = sigsys_report(e);
	if (r < 0)
		return r;
	*out = steal_ptr(&filters);
	return 0;
}

void syscall_filters_destroy(struct syscall_filters *filters)
{
	if (!filters)
		return;
	for (unsigned int i = 0; i < FILTER_THREADS; i++)
		free(filters->programs[i].filter);
	free(filters);
}

int syscall_filter_enter(const struct syscall_filters *filters, enum filter_thread thread,
			 struct err *e)
{
	if (!filters)
		return 0;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filters->programs[thread]) < 0)
		return err_errno(e, -errno, "could not enter the system-call filter");
	return 0;
}
