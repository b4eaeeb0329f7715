/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The numbers of /proc/PID/stat and /proc/PID/task/TID/stat (proc(5)). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* As proc(5) counts them. */
enum proc_stat_field {
	PROC_STAT_UTIME = 14, /* clock ticks in user mode, with those of a guest */
	PROC_STAT_STIME = 15,
	PROC_STAT_START = 22, /* clock ticks from the boot to the start */
};

/* The line of a process, NUL-terminated in `line`. */
int proc_stat_read(pid_t pid, char *line, size_t size);

/* Has a signal or a debugger stopped it? */
bool proc_stat_stopped(const char *stat);

/* A number of the file's one line; 0 where there is none. */
uint64_t proc_stat_field(const char *stat, enum proc_stat_field field);
