/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON written straight into a buffer. */
#include "output/json_writer.h"

#include "base/parse.h"
#include "output/escape.h"

#include <string.h>

static void new_line(struct json_writer *j, unsigned depth)
{
	if (!j->pretty)
		return;
	strbuf_putc(j->sb, '\n');
	for (unsigned i = 0; i < depth; i++)
		strbuf_append(j->sb, "    ", 4);
}

/* Separator, line break and key in front of a value. */
static void lead(struct json_writer *j, const char *key)
{
	if (j->depth) {
		if (j->filled[j->depth - 1])
			strbuf_putc(j->sb, ',');
		j->filled[j->depth - 1] = true;
		new_line(j, j->depth);
	}
	if (!key)
		return;
	escape_json(j->sb, key);
	strbuf_putc(j->sb, ':');
	if (j->pretty)
		strbuf_putc(j->sb, ' ');
}

void jsonw_open(struct json_writer *j, const char *key, char bracket)
{
	lead(j, key);
	strbuf_putc(j->sb, bracket);
	if (j->depth == JSON_MAX_DEPTH) {
		j->sb->failed = true;
		return;
	}
	j->close[j->depth] = bracket == '{' ? '}' : ']';
	j->filled[j->depth++] = false;
}

void jsonw_close(struct json_writer *j)
{
	bool filled = j->filled[--j->depth];

	if (filled)
		new_line(j, j->depth);
	strbuf_putc(j->sb, j->close[j->depth]);
}

void jsonw_str(struct json_writer *j, const char *key, const char *text)
{
	lead(j, key);
	escape_json(j->sb, text);
}

void jsonw_uint(struct json_writer *j, const char *key, uint64_t v)
{
	char buf[21];
	size_t n = format_uint(v, buf);

	lead(j, key);
	strbuf_append(j->sb, buf, n);
}

/* Past the string that begins at `p`, which is put as it is. */
static const char *put_string(struct json_writer *j, const char *p)
{
	const char *end = p + 1;

	while (*end && *end != '"')
		end += *end == '\\' && end[1] ? 2 : 1;
	end += *end == '"';
	strbuf_append(j->sb, p, (size_t)(end - p));
	return end;
}

/* Breaks and indents a text of one line like what is written piece by piece. */
static void put_pretty(struct json_writer *j, const char *p)
{
	unsigned depth = j->depth;

	while (*p) {
		bool opens = *p == '{' || *p == '[', closes = *p == '}' || *p == ']';
		bool empty = opens && (p[1] == '}' || p[1] == ']');

		if (*p == '"') {
			p = put_string(j, p);
			continue;
		}
		if (closes)
			new_line(j, --depth);
		strbuf_putc(j->sb, *p);
		if (empty)
			strbuf_putc(j->sb, *++p);
		else if (opens)
			new_line(j, ++depth);
		else if (*p == ',')
			new_line(j, depth);
		else if (*p == ':')
			strbuf_putc(j->sb, ' ');
		p++;
	}
}

void jsonw_raw(struct json_writer *j, const char *key, const char *text)
{
	lead(j, key);
	if (j->pretty)
		put_pretty(j, text);
	else
		strbuf_puts(j->sb, text);
}

void jsonw_bool(struct json_writer *j, const char *key, bool v)
{
	jsonw_raw(j, key, v ? "true" : "false");
}
