/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kernel events about vDPA devices: created, removed, bound, unbound. Generic netlink has none. */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum uevent_action {
	UEVENT_ADD,
	UEVENT_REMOVE,
	UEVENT_BIND,
	UEVENT_UNBIND,
	UEVENT_CHANGE,
};

enum {
	UEVENT_TEXT_MAX = 2048, /* the kernel's own limit for all of an event */
};

struct uevent {
	enum uevent_action action;
	char name[UEVENT_TEXT_MAX]; /* of the vDPA device */
	char path[UEVENT_TEXT_MAX]; /* DEVPATH below /sys */
	char driver[32];            /* of bind and unbind; "" if absent */
	uint64_t seqnum;
};

/* Opens the socket that hears the kernel's events in *fd: non-blocking, for poll. */
int uevent_open(int *fd, struct err *e);

/*
 * Reads one event: 1 and `out` filled for one of the vdpa bus, 0 for none waiting or another
 * subsystem's (read again until *more is false), negative errno. -ENOBUFS: events were lost; the
 * caller lists anew. Messages not from the kernel, or malformed, are skipped.
 */
int uevent_read(int fd, struct uevent *out, bool *more, struct err *e);

/* Parses one kernel message of `len` bytes; 1 for a vdpa event, 0 for anything else. */
int uevent_parse(const char *msg, size_t len, struct uevent *out);

const char *uevent_action_name(enum uevent_action action);
