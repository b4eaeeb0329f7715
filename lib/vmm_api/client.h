/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Speaks to a VMM over its API socket: ours, or one that serves the same HTTP API. */
#pragma once

#include "base/err.h"
#include "vmm_api/http_reply.h"
#include "vmm_api/routes.h"

#include <sys/types.h>

/* Starts as all zero. */
struct vmm_reply {
	int status; /* HTTP: 200 with a body, 204 without */
	char *body; /* owned, NUL-terminated JSON; NULL without one */
};

void vmm_reply_clear(struct vmm_reply *reply);
#define _vmm_reply_ _cleanup_(vmm_reply_clear)

/* Whom to ask. */
struct vmm_peer {
	const char *socket;  /* path; borrowed */
	pid_t pid;           /* of the process that must serve it; 0: whichever does */
	unsigned timeout_ms; /* for a request and its answer together */
};

enum {
	VMM_CLIENT_TIMEOUT_MS = 60000, /* booting may have to clear a lot of memory */
};

/* -EPERM unless it is process `pid` that serves what `fd` is connected to, whatever `path` led
 * there. */
int vmm_client_check_peer(int fd, pid_t pid, const char *path, struct err *e);

/*
 * One request and its answer; blocks until it is there, or peer->timeout_ms have passed.
 * `body` is JSON text or NULL. 0 only for an answer of 2xx. A refusal by the VMM fills *reply too,
 * and *e with its causes joined by ": " (404 -ENOENT, 409 -EEXIST, 400 -EINVAL, 501 -EOPNOTSUPP,
 * others -EIO). -ECONNREFUSED: nobody serves the socket; -EPERM: another process does; -ETIMEDOUT;
 * -EPROTO: not an HTTP answer.
 */
int vmm_client_request(const struct vmm_peer *peer, enum vmm_request request, const char *body,
		       struct vmm_reply *reply, struct err *e);
