/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The VMM's log: one line per message, on standard error or in a file, from any thread. */
#include "log.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "rate_limit.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

enum {
	LOG_BURST = 1000,
};

/* The one exception from "no file-scope state": a process has one log. All but the limit is written
 * before threads start and only read afterwards. */
static struct {
	int fd;
	bool is_tty;
	enum log_level level;
	pthread_mutex_t lock; /* the limit */
	struct rate_limit limit;
} sink = {
	.fd = STDERR_FILENO,
	.level = LOG_LEVEL_WARN,
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.limit = { .burst = LOG_BURST },
};

static const char *const level_names[] = {
	[LOG_LEVEL_ERROR] = "ERROR", [LOG_LEVEL_WARN] = "WARN",   [LOG_LEVEL_INFO] = "INFO",
	[LOG_LEVEL_DEBUG] = "DEBUG", [LOG_LEVEL_TRACE] = "TRACE",
};

int log_open(const char *path, enum log_level level, struct err *e)
{
	int fd = STDERR_FILENO;

	if (path) {
		fd = file_open_output(path, O_WRONLY | O_TRUNC | O_APPEND, 0600, e);
		if (fd < 0)
			return err_prefix(e, "log file");
	}
	sink.fd = fd;
	/* Asked once: later a system-call filter may forbid it. */
	sink.is_tty = isatty(fd);
	sink.level = level;
	return 0;
}

int log_descriptor(void)
{
	return sink.fd;
}

/* One write, so that lines of different threads do not mix; a full disk loses lines. */
_printf_(3, 0) static void write_line(enum log_level level, const struct timespec *now,
				      const char *fmt, va_list args)
{
	char line[1280], thread[16] = "";

	prctl(PR_GET_NAME, thread);
	int len = snprintf(line, sizeof(line),
			   "vdpa-vmm: %lld.%06lds: <%s> %s: ", (long long)now->tv_sec,
			   now->tv_nsec / 1000, thread, level_names[level]);

	len += vsnprintf(line + len, sizeof(line) - (size_t)len, fmt, args);
	if (len > (int)sizeof(line) - 2)
		len = (int)sizeof(line) - 2;
	/* Raw terminals do not return the carriage. */
	if (sink.is_tty)
		line[len++] = '\r';
	line[len++] = '\n';
	ssize_t done _unused_ = write(sink.fd, line, (size_t)len);
}

_printf_(2, 3) static void write_words(const struct timespec *now, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	write_line(LOG_LEVEL_WARN, now, fmt, args);
	va_end(args);
}

/* Errors are few, since the machine ends with most; who asks for debug messages wants them all. */
static bool within_limit(enum log_level level, const struct timespec *now)
{
	uint64_t dropped = 0;

	if (level == LOG_LEVEL_ERROR || sink.level >= LOG_LEVEL_DEBUG)
		return true;
	pthread_mutex_lock(&sink.lock);
	bool allowed = rate_limit_allow(&sink.limit, now->tv_sec, &dropped);

	pthread_mutex_unlock(&sink.lock);
	if (allowed && dropped)
		write_words(now, "%" PRIu64 " messages were too many and are not here", dropped);
	return allowed;
}

void log_write(enum log_level level, const char *fmt, ...)
{
	struct timespec now;
	va_list args;

	if (level > sink.level)
		return;
	clock_gettime(CLOCK_BOOTTIME, &now);
	if (!within_limit(level, &now))
		return;
	va_start(args, fmt);
	write_line(level, &now, fmt, args);
	va_end(args);
}
