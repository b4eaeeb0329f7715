/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who has a character device open. */
#pragma once

#include "base/err.h"
#include "base/roots.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct holder {
	dev_t rdev; /* what it has open */
	pid_t pid;
	char comm[32]; /* program name as the kernel has it; may hold any byte but NUL */
};

struct holder_list {
	struct holder *items; /* owned */
	size_t n;
	bool complete; /* false: some processes could not be looked into (not root) */
};

#define _holder_list_ _cleanup_(holder_list_clear)

/* Every process with a descriptor of `rdev`; fills `out` (uninitialised before). It reads all of
 * /proc/PID/fd, so it belongs on failure paths and into commands that ask for it. */
int holder_find(const struct host_roots *roots, dev_t rdev, struct holder_list *out, struct err *e);

/* The same for all devices of a major number at once, for a list of many; holder_select then gives
 * those of one, at the end of which `out` is cleared like any other. */
int holder_find_all(const struct host_roots *roots, unsigned int major_number,
		    struct holder_list *all, struct err *e);
int holder_select(const struct holder_list *all, dev_t rdev, struct holder_list *out,
		  struct err *e);

void holder_list_clear(struct holder_list *list);

/* "PID 1234 (vdpa-vmm), PID 1240 (fio)", or "another process" when none could be found. */
void holder_describe(const struct holder_list *list, char *buf, size_t size);
