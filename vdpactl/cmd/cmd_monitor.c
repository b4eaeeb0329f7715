/* SPDX-License-Identifier: GPL-3.0-or-later */
/* monitor: devices coming, going and changing drivers, as it happens. */
#include "cmd/cmds.h"

#include "vdpa/uevent.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>

struct monitor_args {
	struct arg_number count;
};

static const struct arg rows[] = {
	{
		.name = "count",
		.style = ARG_OPTION,
		.type = ARG_NUMBER,
		.value = "N",
		.help = "end after N events; without end where it is not given",
		.min = 1,
		.max = UINT32_MAX,
		ARG_FIELD(monitor_args, count, struct arg_number),
	},
};

/* Each event is a document of its own, written at once. */
static int put_event(struct session *s, const struct uevent *event, struct err *e)
{
	bool json = s->out.json;
	struct timespec now;
	char text[32];
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &tm);
	strftime(text, sizeof(text), "%H:%M:%S", &tm);
	if (json) {
		/* The document that the command began with becomes the first event. */
		if (s->out.writer.depth == 0)
			out_start(&s->out, true, s->out.pretty);
		out_uint(&s->out, "time", NULL, (uint64_t)now.tv_sec);
		out_str(&s->out, "event", NULL, uevent_action_name(event->action));
		out_str(&s->out, "device", NULL, event->name);
		out_str(&s->out, "driver", NULL, *event->driver ? event->driver : NULL);
		out_finish(&s->out);
	} else {
		out_line(&s->out, "%s %-6s %s%s%s", text, uevent_action_name(event->action),
			 event->name, *event->driver ? " " : "", event->driver);
	}
	return session_flush(s, e);
}

static int run(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct monitor_args *a = args;
	_close_ int fd = -1;
	uint64_t seen = 0;
	int r = uevent_open(&fd, e);

	(void)n;
	while (!r && (!a->count.given || seen < a->count.value)) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		struct uevent event;
		bool more = true;

		if (poll(&p, 1, -1) < 0 && errno != EINTR)
			return err_errno(e, -errno, "cannot wait for events");
		while (more && (!a->count.given || seen < a->count.value)) {
			r = uevent_read(fd, &event, &more, e);
			if (r < 0)
				return r;
			if (r == 0)
				continue;
			seen++;
			r = put_event(s, &event, e);
			if (r)
				return r;
		}
		r = 0;
	}
	/* The last event closed its own document. */
	s->out.json = false;
	return r;
}

const struct command command_monitor = {
	.path = "monitor",
	.summary = "Print device and binding events as they happen",
	.help = "With --json, each event is one line of JSON.",
	.example = "vdpactl monitor --json",
	COMMAND_ARGS(rows, monitor_args),
	.run = run,
};
