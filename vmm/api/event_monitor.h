/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --event-monitor: what happens to the VM and its devices, as JSON objects one after another. */
#pragma once

#include "base/err.h"

struct event_monitor;

/* Writes to `path`, which is created or truncated, or for NULL to `fd`, which is taken over. Time
 * counts from this call. */
int event_monitor_open(const char *path, int fd, struct event_monitor **out, struct err *e);
void event_monitor_close(struct event_monitor *monitor); /* NULL is fine */

/*
 * Reports an event of a source ("vm", "vmm", "virtio-device", "vdpa"); `id` and `bdf` become
 * properties where they are not NULL. Any thread; never waits: what a slow reader leaves no room
 * for is dropped, and counted in the next event that fits as the property "lost". A NULL monitor
 * takes everything and does nothing.
 */
void event_monitor_emit(struct event_monitor *monitor, const char *source, const char *event,
			const char *id, const char *bdf);
