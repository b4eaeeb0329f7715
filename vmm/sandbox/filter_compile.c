/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Compiles the rules of system calls to filters, as C arrays on standard output: run when the VMM
 * is built and no part of it. At each start it would cost more than all else up to the guest's
 * kernel.
 */
#include "base/cleanup.h"
#include "sandbox/syscall_rules.h"

#include <errno.h>
#include <linux/filter.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

static void release_context(scmp_filter_ctx *ctx)
{
	if (*ctx)
		seccomp_release(*ctx);
}

static int add_rules(scmp_filter_ctx ctx, int thread)
{
	for (const struct syscall_rule *rule = syscall_rules; rule->threads; rule++) {
		const struct scmp_arg_cmp cmp = {
			.arg = (unsigned int)rule->argument,
			.op = SCMP_CMP_MASKED_EQ,
			.datum_a = rule->mask,
			.datum_b = rule->value,
		};
		unsigned int n = rule->argument == ANY_ARGUMENT ? 0 : 1;
		int r;

		if (!(rule->threads & thread))
			continue;
		r = seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, rule->call, n, &cmp);
		if (r < 0)
			return r;
	}
	return 0;
}

/* libseccomp before 2.6 exports to a file only. */
static int print(scmp_filter_ctx ctx, const char *name)
{
	_close_ int fd = memfd_create("filter", MFD_CLOEXEC);
	struct sock_filter f;
	ssize_t n;
	int r;

	if (fd < 0)
		return -errno;
	r = seccomp_export_bpf(ctx, fd);
	if (r < 0)
		return r;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	printf("static const struct sock_filter %s[] = {\n", name);
	while ((n = read(fd, &f, sizeof(f))) == sizeof(f))
		printf("\t{ 0x%02x, %u, %u, 0x%08x },\n", f.code, f.jt, f.jf, f.k);
	printf("};\n");
	return n ? -EIO : 0;
}

static int compile(const char *name, int thread)
{
	/* What is not allowed traps; a start in another mode changes that. */
	_cleanup_(release_context) scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_TRAP);
	int r;

	if (!ctx)
		return -ENOMEM;
	/* A sorted tree: a long list would make each KVM_RUN walk it. */
	r = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (r == 0)
		r = add_rules(ctx, thread);
	return r < 0 ? r : print(ctx, name);
}

int main(void)
{
	int r = compile("main_filter", ON_MAIN);

	if (r == 0)
		r = compile("vcpu_filter", ON_VCPU);
	if (r < 0)
		fprintf(stderr, "could not compile the system-call filters: %s\n", strerror(-r));
	return r < 0 || fflush(stdout) != 0;
}
