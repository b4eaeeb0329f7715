/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Foreign text made safe to print: on a terminal and inside JSON. */
#include "output/escape.h"

#include <string.h>

/*
 * Length in bytes of the well-formed UTF-8 character at `s` and its code point, or 0 where the
 * bytes are none (overlong forms and surrogates included). `s` is NUL-terminated.
 */
static unsigned utf8_decode(const char *s, unsigned *code)
{
	static const unsigned lowest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *u = (const unsigned char *)s;
	unsigned len, c;

	if (u[0] < 0x80) {
		*code = u[0];
		return 1;
	}
	if ((u[0] & 0xe0) == 0xc0)
		len = 2;
	else if ((u[0] & 0xf0) == 0xe0)
		len = 3;
	else if ((u[0] & 0xf8) == 0xf0)
		len = 4;
	else
		return 0;
	c = u[0] & (0x7fu >> len);
	for (unsigned i = 1; i < len; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (u[i] & 0x3f);
	}
	if (c < lowest[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*code = c;
	return len;
}

/* Would the character act on a terminal rather than show? Bidirectional overrides count. */
static bool is_control(unsigned c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

/* Bytes that need no thought in either form. */
static const bool plain[256] = {
	[' ' ... '!'] = true,
	['#' ... '['] = true,
	[']' ... '~'] = true,
};

/* Copies those that `s` begins with, at most `max`; returns how many. */
static size_t copy_plain(char *to, const char *s, size_t max)
{
	size_t n = 0;

	for (; n < max && plain[(unsigned char)s[n]]; n++)
		to[n] = s[n];
	return n;
}

/* How much can be appended before the buffer must grow. */
static size_t room_in(const struct strbuf *sb)
{
	return sb->text && !sb->failed ? sb->size - sb->len - 1 : 0;
}

/* Appends those that `s` begins with, looking at each once, as far as there is room; returns how
 * many. */
static size_t append_plain(struct strbuf *sb, const char *s)
{
	size_t room = room_in(sb), n = room ? copy_plain(sb->text + sb->len, s, room) : 0;

	if (!n)
		return 0;
	sb->len += n;
	sb->text[sb->len] = '\0';
	return n;
}

size_t escape_text(struct strbuf *sb, const char *text)
{
	size_t columns = 0;

	while (*text) {
		size_t run = append_plain(sb, text);
		unsigned code, len;

		text += run;
		columns += run;
		if (!*text)
			break;
		len = utf8_decode(text, &code);
		if (len && !is_control(code)) {
			strbuf_append(sb, text, len);
			columns++;
			text += len;
			continue;
		}
		for (unsigned i = 0; i < (len ? len : 1); i++) {
			strbuf_printf(sb, "\\x%02x", (unsigned)(unsigned char)*text++);
			columns += 4;
		}
	}
	return columns;
}

/* Nearly every text, and every key. */
static bool put_plain_string(struct strbuf *sb, const char *text)
{
	size_t room = room_in(sb), n;
	char *at;

	if (room < 2)
		return false;
	at = sb->text + sb->len;
	n = copy_plain(at + 1, text, room - 2);
	if (text[n])
		return false;
	at[0] = at[n + 1] = '"';
	at[n + 2] = '\0';
	sb->len += n + 2;
	return true;
}

void escape_json(struct strbuf *sb, const char *text)
{
	if (put_plain_string(sb, text))
		return;
	strbuf_putc(sb, '"');
	while (*text) {
		unsigned code, len;

		text += append_plain(sb, text);
		if (!*text)
			break;
		len = utf8_decode(text, &code);
		if (!len) {
			strbuf_printf(sb, "\\\\x%02x", (unsigned)(unsigned char)*text++);
			continue;
		}
		if (code == '"' || code == '\\')
			strbuf_putc(sb, '\\');
		if (code < 0x20 || code == 0x7f)
			strbuf_printf(sb, "\\u%04x", code);
		else
			strbuf_append(sb, text, len);
		text += len;
	}
	strbuf_putc(sb, '"');
}
