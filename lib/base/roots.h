/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the kernel's file systems and the configuration folders are, so that tests can redirect
 * them. */
#pragma once

/* Absolute folders without a slash at the end; all borrowed, none NULL. */
struct host_roots {
	const char *sys;     /* /sys */
	const char *dev;     /* /dev */
	const char *proc;    /* /proc */
	const char *etc;     /* /etc */
	const char *run;     /* /run */
	const char *modules; /* /lib/modules/RELEASE is a folder of it */
};

/* This host. Functions that take roots accept NULL for it. */
extern const struct host_roots host_roots_default;

/* `roots`, or this host's for NULL. */
const struct host_roots *host_roots_or_default(const struct host_roots *roots);
