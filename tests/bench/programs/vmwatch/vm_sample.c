/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the kernel's own counters about a VMM: debugfs, tracepoints through perf, /proc. */

#include "vmwatch.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DEBUGFS "/sys/kernel/debug"

static ssize_t read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n;
}

static uint64_t read_number(const char *path)
{
	char text[64];

	return read_text(path, text, sizeof(text)) > 0 ? strtoull(text, NULL, 10) : 0;
}

int vm_count_userspace_exits(pid_t pid)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.config = read_number(DEBUGFS "/tracing/events/kvm/kvm_userspace_exit/id"),
		.inherit = 1,
	};

	if (!attr.config)
		return -1;
	return (int)syscall(SYS_perf_event_open, &attr, pid, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

/* A vCPU thread is known by the call that it sits in or, while it runs, by its name. */
static bool is_vcpu(const char *task)
{
	char path[96], text[256];

	snprintf(path, sizeof(path), "%s/comm", task);
	read_text(path, text, sizeof(text));
	if (strstr(text, "KVM") || strstr(text, "vcpu"))
		return true;
	snprintf(path, sizeof(path), "%s/syscall", task);
	read_text(path, text, sizeof(text));
	/* ioctl(fd, KVM_RUN, ...) */
	return !strncmp(text, "16 0x", 5) && strstr(text, " 0xae80 ");
}

/* Worker of the kernel that every VM brings, in whatever process: no thread of the VMM. */
static bool is_kernel_worker(const char *task)
{
	char path[96], text[64];

	snprintf(path, sizeof(path), "%s/comm", task);
	read_text(path, text, sizeof(text));
	return !strncmp(text, "kvm-nx-lpage-re", 15) || !strncmp(text, "vhost-", 6);
}

static void sample_threads(pid_t pid, struct vm_sample *out)
{
	char path[64], task[80], file[96];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		uint64_t ns;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(task, sizeof(task), "%s/%.12s", path, entry->d_name);
		snprintf(file, sizeof(file), "%s/schedstat", task);
		ns = read_number(file);
		out->threads += !is_kernel_worker(task);
		if (is_vcpu(task))
			out->vcpu_ns += ns;
		else
			out->other_ns += ns;
	}
	if (dir)
		closedir(dir);
}

void vm_sample(pid_t pid, int exits_fd, bool cpu, struct vm_sample *out)
{
	if (exits_fd >= 0 &&
	    read(exits_fd, &out->userspace_exits, sizeof(out->userspace_exits)) < 0)
		out->userspace_exits = 0;
	out->exits = read_number(DEBUGFS "/kvm/exits");
	if (cpu)
		sample_threads(pid, out);
}

uint64_t vm_resident(pid_t pid)
{
	uint64_t total = 0, kib;
	bool ram = false;
	char line[512];
	FILE *f;

	snprintf(line, sizeof(line), "/proc/%d/smaps", pid);
	f = fopen(line, "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "Size: %ju kB", (uintmax_t *)&kib) == 1)
			ram = kib >= 48 << 10;
		else if (!ram && sscanf(line, "Rss: %ju kB", (uintmax_t *)&kib) == 1)
			total += kib;
	}
	if (f)
		fclose(f);
	return total;
}

uint64_t vm_descriptors(pid_t pid)
{
	struct dirent *entry;
	uint64_t count = 0;
	char path[64];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		count += entry->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return count;
}
