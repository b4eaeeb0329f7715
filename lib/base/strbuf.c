/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A growable string. */
#include "base/strbuf.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>

void strbuf_free(struct strbuf *sb)
{
	free(sb->text);
	*sb = (struct strbuf){ 0 };
}

bool strbuf_grow(struct strbuf *sb, size_t extra)
{
	size_t want, size = sb->size ? sb->size : 64;
	char *text;

	if (sb->failed)
		return false;
	if (__builtin_add_overflow(sb->len + 1, extra, &want)) {
		sb->failed = true;
		return false;
	}
	if (want <= sb->size)
		return true;
	/* Doubled, so that a text put together from words is not moved for each of them. */
	while (size < want)
		size = size > SIZE_MAX / 2 ? want : size * 2;
	text = realloc(sb->text, size);
	if (!text) {
		sb->failed = true;
		return false;
	}
	sb->text = text;
	sb->size = size;
	return true;
}

void strbuf_puts(struct strbuf *sb, const char *text)
{
	strbuf_append(sb, text, strlen(text));
}

void strbuf_put_quoted(struct strbuf *sb, const char *text)
{
	strbuf_putc(sb, '"');
	for (; *text; text++) {
		if (*text == '"')
			strbuf_putc(sb, '"');
		strbuf_putc(sb, *text);
	}
	strbuf_putc(sb, '"');
}

void strbuf_printf(struct strbuf *sb, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || !strbuf_grow(sb, (size_t)n)) {
		sb->failed = true;
		return;
	}
	va_start(ap, fmt);
	vsnprintf(sb->text + sb->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	sb->len += (size_t)n;
}

const char *strbuf_text(const struct strbuf *sb)
{
	return sb->text ? sb->text : "";
}

char *strbuf_steal(struct strbuf *sb)
{
	char *text = NULL;

	if (!sb->failed)
		text = sb->text ? sb->text : strdup("");
	else
		free(sb->text);
	*sb = (struct strbuf){ 0 };
	return text;
}
