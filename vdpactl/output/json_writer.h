/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON written straight into a buffer. */
#pragma once

#include "base/strbuf.h"

#include <stdint.h>

enum {
	JSON_MAX_DEPTH = 16
};

struct json_writer {
	struct strbuf *sb; /* borrowed */
	bool pretty;
	unsigned depth;
	bool filled[JSON_MAX_DEPTH]; /* a member was written at this depth */
	char close[JSON_MAX_DEPTH];
};

/* `key` is NULL inside an array and for the outermost value. `bracket` is '{' or '['. */
void jsonw_open(struct json_writer *j, const char *key, char bracket);
void jsonw_close(struct json_writer *j);
void jsonw_str(struct json_writer *j, const char *key, const char *text);
void jsonw_uint(struct json_writer *j, const char *key, uint64_t v);
void jsonw_bool(struct json_writer *j, const char *key, bool v);
/* `text` is JSON already, on one line and without blanks; it is broken like the rest. */
void jsonw_raw(struct json_writer *j, const char *key, const char *text);
