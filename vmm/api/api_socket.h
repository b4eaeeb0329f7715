/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The listening UNIX socket of --api-socket, and the lock that keeps a second VMM off it. */
#pragma once

#include "base/err.h"

struct api_socket {
	int fd;      /* listening, non-blocking; -1 when closed */
	int lock_fd; /* holds `PATH.lock`; -1 for an inherited socket */
	char *path;  /* owned; NULL for an inherited socket */
};

/*
 * Listens on `path`, or for NULL takes over `fd`, which must listen already. A socket that a dead
 * VMM left is removed; one that is served, and a file that is no socket, are refused (-EADDRINUSE,
 * -EEXIST).
 */
int api_socket_open(const char *path, int fd, struct api_socket *out, struct err *e);

/* Stops listening; removes the socket when `remove` says so. It may be called twice. */
void api_socket_close(struct api_socket *socket, bool remove);
