/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of HTTP/1.1 answers that the VMM API uses: status line, headers, a body of known length.
 */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	HTTP_MAX_HEAD = 16 << 10,
	HTTP_MAX_REPLY_BODY = 64 << 20, /* a client trusts no peer with more memory than this */
};

struct http_head {
	int status;      /* 100..599 */
	size_t head_len; /* bytes up to the empty line, included */
	size_t body_len; /* of Content-Length; 0 for 204 and 304 */
	bool until_eof;  /* no length was given: the body ends with the connection */
};

/*
 * Reads the head of an answer from what arrived so far. 1: whole, *head is filled; 0: more is
 * needed; negative errno: this is no answer that we take (-EPROTO; -EFBIG over the bounds;
 * -EOPNOTSUPP for a transfer coding, which this API does not use).
 */
int http_head_parse(const char *text, size_t len, struct http_head *head, struct err *e);
