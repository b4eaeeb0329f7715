/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reports a system call that the filter stopped; the handler may call nothing but the kernel. */
#include "sandbox/sigsys.h"

#include "log.h"
#include "terminal.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

/* Made by the makefile from this architecture's <asm/unistd.h>. */
static const char *const call_names[] = {
#include "sandbox/syscall_names.inc"
};

struct line {
	char text[256];
	size_t len;
};

static void add(struct line *l, const char *text)
{
	size_t n = strnlen(text, sizeof(l->text) - l->len);

	memcpy(l->text + l->len, text, n);
	l->len += n;
}

static void add_number(struct line *l, unsigned int v, unsigned int base)
{
	char digits[12];
	size_t i = sizeof(digits) - 1;

	digits[i] = '\0';
	do {
		digits[--i] = "0123456789abcdef"[v % base];
		v /= base;
	} while (v);
	add(l, digits + i);
}

static void report(int signo, siginfo_t *info, void *context)
{
	unsigned int nr = (unsigned int)info->si_syscall;
	struct line l = { .len = 0 };
	char thread[17] = "?";

	(void)context;
	terminal_restore();
	prctl(PR_GET_NAME, thread);
	add(&l, "Probable seccomp violation: si_syscall=");
	add_number(&l, nr, 10);
	add(&l, " si_arch=0x");
	add_number(&l, info->si_arch, 16);
	add(&l, " thread=");
	add(&l, thread);
	add(&l, " call=");
	add(&l, nr < ARRAY_SIZE(call_names) && call_names[nr] ? call_names[nr] : "unknown");
	add(&l, "\n");
	if (write(STDERR_FILENO, l.text, l.len) < 0)
		_exit(128 + signo);
	/* Whoever asked for a log file may have no standard error to look at. */
	if (log_descriptor() != STDERR_FILENO && write(log_descriptor(), l.text, l.len) < 0)
		_exit(128 + signo);
	/* SA_RESETHAND has put the default action back: this ends the process. */
	raise(signo);
}

int sigsys_report(struct err *e)
{
	struct sigaction action = {
		.sa_sigaction = report,
		.sa_flags = SA_SIGINFO | SA_RESETHAND | SA_NODEFER,
	};

	if (sigaction(SIGSYS, &action, NULL) < 0)
		return err_errno(e, -errno, "could not set the handler of SIGSYS");
	return 0;
}
