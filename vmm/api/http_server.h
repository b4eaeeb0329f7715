/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Serves the API over HTTP/1.1 on a listening socket, from the main loop. */
#pragma once

#include "base/err.h"
#include "vmm.h"

struct http_server;

/*
 * `fd` is borrowed. A client that is slow, or stops in the middle of a request, holds up nobody and
 * is dropped when nothing moved for `idle_seconds`.
 */
int http_server_create(struct vmm *vmm, int fd, unsigned int idle_seconds, struct http_server **out,
		       struct err *e);

/* Drops all connections; NULL is fine. */
void http_server_destroy(struct http_server *server);
