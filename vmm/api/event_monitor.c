/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --event-monitor. */
#include "api/event_monitor.h"

#include "api/json_build.h"
#include "base/file.h"
#include "config/config_json.h"
#include "log.h"
#include "rate_limit.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum {
	EVENTS_BURST = 4096,
};

struct event_monitor {
	int fd; /* owned */
	bool regular;
	struct timespec start;
	pthread_mutex_t lock; /* all below, and one event at a time */
	uint64_t lost;
	struct rate_limit
		limit; /* of a regular file: a guest that resets devices must not fill it */
};

int event_monitor_open(const char *path, int fd, struct event_monitor **out, struct err *e)
{
	struct event_monitor *monitor;
	_close_ int own = fd;
	struct stat st;

	if (path) {
		/* O_NONBLOCK: a FIFO without reader is an error and not a wait. */
		own = file_open_output(path, O_WRONLY | O_TRUNC | O_NONBLOCK, 0600, e);
		if (own < 0)
			return err_prefix(e, "--event-monitor");
	}
	if (fstat(own, &st) < 0 || (fcntl(own, F_GETFL) & O_ACCMODE) == O_RDONLY) {
		own = -1; /* not ours to close */
		return err_set(e, -EBADF,
			       "--event-monitor: fd=%d is not a descriptor open for writing", fd);
	}
	if (fcntl(own, F_SETFD, FD_CLOEXEC) < 0)
		return err_errno(e, -errno, "--event-monitor: fd=%d", own);
	monitor = calloc(1, sizeof(*monitor));
	if (!monitor)
		return err_nomem(e);
	monitor->fd = steal_fd(&own);
	monitor->regular = S_ISREG(st.st_mode);
	monitor->limit.burst = EVENTS_BURST;
	pthread_mutex_init(&monitor->lock, NULL);
	clock_gettime(CLOCK_MONOTONIC, &monitor->start);
	*out = monitor;
	return 0;
}

void event_monitor_close(struct event_monitor *monitor)
{
	if (!monitor)
		return;
	close(monitor->fd);
	pthread_mutex_destroy(&monitor->lock);
	free(monitor);
}

static struct json_object *timestamp(const struct event_monitor *monitor)
{
	struct json_object *stamp = json_object_new_object();
	struct timespec now;
	int64_t secs, nanos;

	clock_gettime(CLOCK_MONOTONIC, &now);
	secs = now.tv_sec - monitor->start.tv_sec;
	nanos = now.tv_nsec - monitor->start.tv_nsec;
	if (nanos < 0) {
		secs--;
		nanos += 1000000000;
	}
	json_build_add(stamp, "secs", json_object_new_int64(secs));
	json_build_add(stamp, "nanos", json_object_new_int64(nanos));
	return stamp;
}

static void property(struct json_object **all, const char *key, struct json_object *value)
{
	if (!*all)
		*all = json_object_new_object();
	json_build_add(*all, key, value);
}

/* A disk that is full takes a part: the file keeps whole events. */
static void take_back(const struct event_monitor *monitor, ssize_t written)
{
	off_t end = written > 0 && monitor->regular ? lseek(monitor->fd, -written, SEEK_CUR) : -1;

	if (end >= 0 && ftruncate(monitor->fd, end) < 0)
		log_debug("event monitor: a part of an event stays: %s", strerror(errno));
}

/* A pipe that poll() finds writable takes PIPE_BUF bytes at once, and no event is longer. */
static bool write_event(struct event_monitor *monitor, const char *text, size_t len)
{
	struct pollfd p = { .fd = monitor->fd, .events = POLLOUT };
	uint64_t dropped; /* counted in `lost` */
	struct timespec now;
	ssize_t done;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (monitor->regular && !rate_limit_allow(&monitor->limit, now.tv_sec, &dropped))
		return false;
	if (!monitor->regular && (poll(&p, 1, 0) != 1 || !(p.revents & POLLOUT)))
		return false;
	done = write(monitor->fd, text, len);
	if (done == (ssize_t)len)
		return true;
	take_back(monitor, done);
	return false;
}

void event_monitor_emit(struct event_monitor *monitor, const char *source, const char *event,
			const char *id, const char *bdf)
{
	struct json_object *all, *properties = NULL;
	char text[4096]; /* PIPE_BUF */
	const char *whole;
	int n;

	if (!monitor)
		return;
	pthread_mutex_lock(&monitor->lock);
	if (id)
		property(&properties, "id", json_object_new_string(id));
	if (bdf)
		property(&properties, "bdf", json_object_new_string(bdf));
	if (monitor->lost)
		property(&properties, "lost", json_object_new_uint64(monitor->lost));
	all = json_object_new_object();
	json_build_add(all, "timestamp", timestamp(monitor));
	json_build_add(all, "source", json_object_new_string(source));
	json_build_add(all, "event", json_object_new_string(event));
	json_build_add(all, "properties", properties);
	whole = config_json_text(all, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
					      JSON_C_TO_STRING_NOSLASHESCAPE);
	n = whole ? snprintf(text, sizeof(text), "%s\n\n", whole) : 0;
	if (n > 0 && (size_t)n < sizeof(text) && write_event(monitor, text, (size_t)n))
		monitor->lost = 0;
	else
		monitor->lost++;
	json_object_put(all);
	pthread_mutex_unlock(&monitor->lock);
}
