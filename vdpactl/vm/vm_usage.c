/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a VMM uses of the host, from /proc. */
#include "vm/vm_usage.h"

#include "base/file.h"
#include "vm/proc_stat.h"

#include <dirent.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Clock ticks of a thread, 0 if it is no vCPU. Guest time is part of user time (proc(5)). */
static uint64_t vcpu_ticks(const char *stat)
{
	const char *name = strchr(stat, '(');

	if (!name || strncmp(name, "(vcpu", 5) != 0)
		return 0;
	return proc_stat_field(stat, PROC_STAT_UTIME) + proc_stat_field(stat, PROC_STAT_STIME);
}

static uint64_t vcpu_time(pid_t pid)
{
	_closedir_ DIR *d = NULL;
	const struct dirent *entry;
	long hz = sysconf(_SC_CLK_TCK);
	uint64_t ticks = 0;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	d = opendir(path);
	while (d && (entry = readdir(d))) {
		char file[64 + NAME_MAX + 8], stat[1024];

		snprintf(file, sizeof(file), "%s/%s/stat", path, entry->d_name);
		if (entry->d_name[0] != '.' && !file_read_line(file, stat, sizeof(stat), NULL))
			ticks += vcpu_ticks(stat);
	}
	return hz > 0 ? ticks * 1000 / (uint64_t)hz : 0;
}

void vm_usage_get(pid_t pid, struct vm_usage *out)
{
	uint64_t hugepages;
	char path[64];

	*out = (struct vm_usage){ .vcpu_ms = vcpu_time(pid) };
	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	if (!file_read_kib(path, "VmRSS", &out->rss))
		out->rss = 0;
	if (file_read_kib(path, "HugetlbPages", &hugepages))
		out->rss += hugepages;
}

uint64_t vm_uptime(pid_t pid)
{
	char stat[1024];
	long hz = sysconf(_SC_CLK_TCK);
	struct timespec now;
	uint64_t start;

	if (hz <= 0 || proc_stat_read(pid, stat, sizeof(stat)) ||
	    clock_gettime(CLOCK_BOOTTIME, &now) < 0)
		return 0;
	start = proc_stat_field(stat, PROC_STAT_START) / (uint64_t)hz;
	return (uint64_t)now.tv_sec > start ? (uint64_t)now.tv_sec - start : 0;
}
