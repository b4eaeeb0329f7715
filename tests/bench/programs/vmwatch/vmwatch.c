/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs a VMM and prints what it had cost at each mark, a line `@NAME` of its guest's console:
 * vmwatch [-e MARK] [-i MARK] [-s SECONDS] [-x MARK:COMMAND] [-l LOG] [-t SECONDS] VMM
 * [ARGUMENT...]
 *
 *   -e MARK          ends the VMM at this mark (`first`: the first `@`, with which a kernel of
 *                    entry_probe begins)
 *   -i MARK          at this mark, waits (-s) and prints an `idle` line with memory, threads, CPU
 *   -x MARK:COMMAND  at this mark, starts a shell command (at most four of these); its output is
 *                    read for marks too
 *   -l LOG           file for everything that the VMM writes
 * Lines: NAME ns exits userspace-exits vcpu-ns other-ns, times since exec.
 */

#include "vmwatch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	MAX_HOOKS = 4
};

struct hook {
	const char *mark;
	char *command;
};

struct watch {
	const char *end, *idle;
	struct hook hooks[MAX_HOOKS];
	int n_hooks;
	FILE *log;
	long idle_seconds, limit;
	pid_t pid;
	int exits_fd, out, hook_out[2];
	uint64_t start;
	bool ended;
	char line[4096];
	size_t used;
};

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void print_sample(struct watch *w, const char *name, uint64_t at, bool cpu)
{
	struct vm_sample s = { 0 };

	vm_sample(w->pid, w->exits_fd, cpu, &s);
	printf("%s %ju %ju %ju %ju %ju\n", name, (uintmax_t)(at - w->start), (uintmax_t)s.exits,
	       (uintmax_t)s.userspace_exits, (uintmax_t)s.vcpu_ns, (uintmax_t)s.other_ns);
}

/* Memory, threads and descriptors once, CPU and exits over the interval. */
static void print_idle(struct watch *w)
{
	struct vm_sample a = { 0 }, b = { 0 };
	uint64_t start;

	sleep(1); /* let the end of the boot pass */
	start = now();
	vm_sample(w->pid, w->exits_fd, true, &a);
	sleep((unsigned int)w->idle_seconds);
	vm_sample(w->pid, w->exits_fd, true, &b);
	printf("idle %ju %ju %ju %ju %ju\n", (uintmax_t)(now() - start),
	       (uintmax_t)(b.exits - a.exits), (uintmax_t)(b.userspace_exits - a.userspace_exits),
	       (uintmax_t)(b.vcpu_ns - a.vcpu_ns), (uintmax_t)(b.other_ns - a.other_ns));
	printf("size %ju %ju %ju\n", (uintmax_t)vm_resident(w->pid), (uintmax_t)b.threads,
	       (uintmax_t)vm_descriptors(w->pid));
}

static void run_hook(struct watch *w, const struct hook *hook)
{
	if (fork())
		return;
	dup2(w->hook_out[1], 1);
	execl("/bin/sh", "sh", "-c", hook->command, NULL);
	_exit(127);
}

static void at_mark(struct watch *w, const char *name, uint64_t at)
{
	print_sample(w, name, at, true);
	if (w->idle && !strcmp(name, w->idle))
		print_idle(w);
	for (int i = 0; i < w->n_hooks; i++)
		if (!strcmp(name, w->hooks[i].mark))
			run_hook(w, &w->hooks[i]);
	w->ended = w->end && !strcmp(name, w->end);
}

static void take_line(struct watch *w, uint64_t at)
{
	char *mark = strchr(w->line, '@');

	if (mark) {
		mark[strcspn(mark, "\r\n")] = '\0';
		at_mark(w, mark + 1, at);
	} else if (strstr(w->line, "fio-3")) {
		printf("fio %s\n", w->line);
	}
}

static void take_output(struct watch *w, const char *data, size_t n, uint64_t at)
{
	if (w->log)
		fwrite(data, 1, n, w->log);
	for (size_t i = 0; i < n && !w->ended; i++) {
		if (w->used < sizeof(w->line) - 1)
			w->line[w->used++] = data[i];
		if (data[i] != '\n')
			continue;
		w->line[w->used - 1] = '\0';
		w->used = 0;
		take_line(w, at);
	}
}

static void watch(struct watch *w)
{
	struct pollfd p[2] = { { .fd = w->out, .events = POLLIN },
			       { .fd = w->hook_out[0], .events = POLLIN } };
	bool first = true;
	char data[4096];
	ssize_t n;

	while (!w->ended) {
		int64_t left = w->limit * 1000 - (int64_t)((now() - w->start) / 1000000);

		if (left <= 0 || poll(p, 2, (int)left) <= 0) {
			fprintf(stderr, "vmwatch: no end within %ld s\n", w->limit);
			return;
		}
		n = read(p[1].revents ? p[1].fd : p[0].fd, data, sizeof(data));
		if (n <= 0)
			return;
		if (first && !p[1].revents && memchr(data, '@', (size_t)n)) {
			at_mark(w, "first", now());
			first = false;
		}
		take_output(w, data, (size_t)n, now());
	}
}

/* Starts the VMM with its output on a pipe and a standard input that never says anything. */
static int start(struct watch *w, char **argv)
{
	int out[2], in[2], go[2];
	char c = 0;

	if (pipe2(out, O_CLOEXEC) || pipe2(in, O_CLOEXEC) || pipe2(go, O_CLOEXEC) ||
	    pipe2(w->hook_out, O_CLOEXEC))
		return -1;
	w->pid = fork();
	if (!w->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setpgid(0, 0);
		dup2(in[0], 0);
		dup2(out[1], 1);
		dup2(out[1], 2);
		if (read(go[0], &c, 1) == 1)
			execvp(argv[0], argv);
		_exit(127);
	}
	close(out[1]);
	w->out = out[0];
	w->exits_fd = vm_count_userspace_exits(w->pid);
	w->start = now();
	return write(go[1], &c, 1) == 1 ? 0 : -1;
}

static int finish(struct watch *w)
{
	int status = 0;

	/* The group, as a tracer that dies leaves its tracee running. */
	kill(-w->pid, SIGKILL);
	waitpid(w->pid, &status, 0);
	if (w->log)
		fclose(w->log);
	fflush(stdout);
	return w->ended ? 0 : 1;
}

static struct hook split_hook(char *text)
{
	struct hook hook = { .mark = text, .command = strchr(text, ':') };

	*hook.command++ = '\0';
	return hook;
}

int main(int argc, char **argv)
{
	struct watch w = { .limit = 60, .idle_seconds = 5, .exits_fd = -1, .out = -1 };
	int option;

	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	while ((option = getopt(argc, argv, "+e:i:s:x:l:t:")) != -1) {
		if (option == 'e')
			w.end = optarg;
		else if (option == 'i')
			w.idle = optarg;
		else if (option == 's')
			w.idle_seconds = strtol(optarg, NULL, 10);
		else if (option == 'l')
			w.log = fopen(optarg, "we");
		else if (option == 't')
			w.limit = strtol(optarg, NULL, 10);
		else if (option == 'x' && w.n_hooks < MAX_HOOKS && strchr(optarg, ':'))
			w.hooks[w.n_hooks++] = split_hook(optarg);
		else
			return 2;
	}
	if (optind == argc || start(&w, argv + optind))
		return 2;
	watch(&w);
	return finish(&w);
}
