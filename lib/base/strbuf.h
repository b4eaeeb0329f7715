/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A growable string. */
#pragma once

#include "base/cleanup.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/*
 * Starts as `_strbuf_ struct strbuf sb = {0};`. Appending to a buffer that ran out of memory does
 * nothing and `failed` stays set, so that a caller checks once, at the end.
 */
struct strbuf {
	char *text; /* owned, NUL-terminated; NULL while empty */
	size_t len, size;
	bool failed;
};

#define _strbuf_ _cleanup_(strbuf_free)

void strbuf_free(struct strbuf *sb);

/* Makes room for `extra` more characters and the NUL; false where there is no memory. */
bool strbuf_grow(struct strbuf *sb, size_t extra);

/* Room for `n` more characters, which count from now on and which the caller writes at once; NULL
 * where there is no memory. */
static inline char *strbuf_room(struct strbuf *sb, size_t n)
{
	char *at;

	if ((sb->failed || n >= sb->size - sb->len) && !strbuf_grow(sb, n))
		return NULL;
	at = sb->text + sb->len;
	sb->len += n;
	at[n] = '\0';
	return at;
}

/* The two that listings call by the thousand are no calls. */
static inline void strbuf_append(struct strbuf *sb, const char *text, size_t len)
{
	char *at = strbuf_room(sb, len);

	if (at)
		memcpy(at, text, len);
}

static inline void strbuf_putc(struct strbuf *sb, char c)
{
	char *at = strbuf_room(sb, 1);

	if (at)
		*at = c;
}

void strbuf_puts(struct strbuf *sb, const char *text);
/* Between double quotes, those in the text doubled. */
void strbuf_put_quoted(struct strbuf *sb, const char *text);
void strbuf_printf(struct strbuf *sb, const char *fmt, ...) _printf_(2, 3);

/* The text so far, "" when empty; borrowed until the next call. */
const char *strbuf_text(const struct strbuf *sb);

/* Hands the text over (caller frees); NULL when memory ran out. The buffer is empty again. */
char *strbuf_steal(struct strbuf *sb);
