/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The VMM's log: one line per message, on standard error or in a file, from any thread. */
#pragma once

#include "base/err.h"

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_TRACE,
};

/* Once, before threads start: `path` NULL is standard error, else created or truncated. */
int log_open(const char *path, enum log_level level, struct err *e);

/* Where the log goes; for the handler of a fatal signal, which may call nothing but the kernel. */
int log_descriptor(void);

/*
 * Drops messages above the level that was set; until log_open that is warn. Guests can cause
 * messages, and must not fill the host's disk: after a burst of 1000 there is one a second, with
 * the number of those that are missing. Errors, and logs at debug level, have no limit.
 */
void log_write(enum log_level level, const char *fmt, ...) _printf_(2, 3);

#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...)  log_write(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...)  log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)
