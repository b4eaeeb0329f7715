/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The numbers of /proc/PID/stat (proc(5)). */
#include "vm/proc_stat.h"

#include "base/file.h"
#include "base/parse.h"

#include <stdio.h>
#include <string.h>

int proc_stat_read(pid_t pid, char *line, size_t size)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	return file_read_line(path, line, size, NULL);
}

bool proc_stat_stopped(const char *stat)
{
	/* Field 3 follows the name. */
	const char *p = strrchr(stat, ')');

	return p && (!strncmp(p, ") T", 3) || !strncmp(p, ") t", 3));
}

uint64_t proc_stat_field(const char *stat, enum proc_stat_field field)
{
	/* Field 2 is the name, in parentheses, and may hold anything. */
	const char *p = strrchr(stat, ')');
	char word[24];
	uint64_t v;

	for (int i = 2; p && i < (int)field; i++)
		p = strchr(p + 1, ' ');
	if (!p)
		return 0;
	snprintf(word, sizeof(word), "%.*s", (int)strcspn(p + 1, " "), p + 1);
	return parse_uint(word, 0, UINT64_MAX, &v, NULL) ? 0 : v;
}
