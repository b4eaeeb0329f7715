/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Taking a datagram of netlink messages apart, everything in it checked. */
#pragma once

#include "vdpa/netlink.h"

#include <netlink/msg.h>

/* Where one request stands while its answers come in. */
struct nl_progress {
	const struct vdpa_nl_request *req;
	uint16_t family;
	uint32_t seq;
	bool done;        /* nothing more belongs to the request */
	bool interrupted; /* the dump is not consistent */
	int result;       /* first failure: negative errno, `err` filled */
	char *warning;    /* buffer for text that came with a success */
	size_t warning_size;
	struct err *err;
};

/* Handles all messages of a datagram of `len` bytes; what does not belong to the request is
 * skipped, what is malformed ends it with -EPROTO. */
void nl_progress_feed(struct nl_progress *p, uint8_t *buf, size_t len);
