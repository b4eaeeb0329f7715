/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The folder that a snapshot is: config.json, state.json, and guest memory as it is in `memory`. */
#pragma once

#include "base/err.h"
#include "memory.h"

#include <stddef.h>

struct json_object;

struct snapshot {
	struct json_object *config, *state; /* owned */
	int memory;                         /* open file */
	char *folder;                       /* owned; for messages */
};

/* Opens a folder given as "file:///path"; the texts are parsed, and not yet believed. */
int snapshot_open(const char *url, struct snapshot **out, struct err *e);
void snapshot_close(struct snapshot *snapshot); /* NULL is fine */

/* Reads guest memory, which is fresh: all zero. */
int snapshot_load_memory(const struct snapshot *snapshot, const struct guest_memory *mem,
			 struct err *e);

/*
 * Writes all three files, readable by their owner alone and safe on the disk, into a folder that is
 * there and holds none of them yet; on failure it holds none of them again.
 */
int snapshot_write(const char *url, struct json_object *config, struct json_object *state,
		   const struct guest_memory *mem, struct err *e);

#define _snapshot_ _cleanup_(cleanup_snapshot)
DEFINE_CLEANUP(struct snapshot, snapshot, snapshot_close)
