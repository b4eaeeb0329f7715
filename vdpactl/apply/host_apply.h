/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the state a host is in to the state a file describes. */
#pragma once

#include "apply/host_file.h"
#include "session.h"

struct host_apply {
	struct session *session; /* borrowed */
	bool dry;                /* change nothing */
	bool quiet;              /* say nothing */
	size_t changes;
};

/* Brings one item about. What it changes, or would, is put into the session's output. */
int host_apply_item(struct host_apply *a, const struct host_item *item, struct err *e);

/* Removes devices that the file does not name; where nothing is to be changed, looks whether each
 * could be. */
int host_apply_prune(struct host_apply *a, const struct host_file *f, struct err *e);

/* Puts one change: `sign` is "+", "~" or "-". */
void host_apply_say(struct host_apply *a, const char *sign, enum host_kind kind, const char *name,
		    const char *fmt, ...) _printf_(5, 6);

/* Of devices alone. */
int host_apply_device(struct host_apply *a, const struct host_item *item, struct err *e);
