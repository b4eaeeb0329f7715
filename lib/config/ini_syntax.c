/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of a profile's lines that reading, printing and editing share. */
#include "config/ini_syntax.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <string.h>

static int bad_head(const char *text, struct err *e)
{
	return err_set(e, -EINVAL, "'[%s]' is not a section head ([name] or [name \"label\"])",
		       text);
}

/* Tells inih what our files are like: it keeps that in variables of the process. */
static void configure(void)
{
	ini_allow_multiline = false;
	ini_allow_inline_comments = false;
	ini_use_stack = false;
	ini_allow_realloc = false;
	ini_initial_alloc = INI_MAX_LINE_BYTES;
	ini_max_line = INI_MAX_LINE_BYTES;
	ini_stop_on_first_error = true;
}

/* Puts "FILE:LINE: " in front of the error and stops. */
static void refuse(struct ini_reader *in)
{
	if (in->file)
		err_prefix(in->e, "%s:%u", in->file, in->line);
	in->failed = true;
}

/* inih says nothing of a section without keys, and cuts long heads: they are taken from the lines
 * that it is given. */
static int take_head(struct ini_reader *in, char *line)
{
	char *start = line + strspn(line, " \t\r");
	char *close = *start == '[' ? strchr(start, ']') : NULL;
	int r;

	if (!close)
		return 0;
	*close = '\0';
	r = in->head(in->ctx, start + 1);
	*close = ']';
	return r;
}

/* inih's reader: one line, as fgets. Its buffer is as long as the longest line that is taken. */
static char *next_line(char *buf, int size, void *stream)
{
	struct ini_reader *in = stream;
	const char *newline;
	size_t n;
	int r;

	if (in->failed || in->pos == in->end)
		return NULL;
	newline = memchr(in->pos, '\n', (size_t)(in->end - in->pos));
	n = (size_t)((newline ? newline + 1 : in->end) - in->pos);
	in->line++;
	if (n < (size_t)size) {
		memcpy(buf, in->pos, n);
		buf[n] = '\0';
		in->pos += n;
		r = take_head(in, buf);
	} else {
		r = err_set(in->e, -EINVAL, "the line is too long");
	}
	if (r)
		refuse(in);
	return r ? NULL : buf;
}

/* inih's handler: 0 stops. */
static int take_key(void *user, const char *section, const char *key, const char *value)
{
	struct ini_reader *in = user;

	(void)section;
	if (in->key(in->ctx, key, value))
		refuse(in);
	return !in->failed;
}

int ini_read(struct ini_reader *in)
{
	int r;

	configure();
	if (in->end - in->pos >= 3 && memcmp(in->pos, "\xef\xbb\xbf", 3) == 0)
		in->pos += 3; /* byte order mark */
	r = ini_parse_stream(next_line, in, take_key, in);
	if (r == -2)
		return err_nomem(in->e);
	if (r && !in->failed) {
		err_set(in->e, -EINVAL, "neither [section] nor key = value");
		refuse(in);
	}
	return in->failed ? in->e->code : 0;
}

int ini_head_parse(const char *text, struct ini_head *head, struct err *e)
{
	const char *name = text + strspn(text, " \t");
	size_t name_len = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789_-.");
	const char *rest = name + name_len + strspn(name + name_len, " \t");
	size_t label_len = 0;

	*head = (struct ini_head){ .has_label = *rest == '"' };
	if (head->has_label) {
		label_len = strcspn(++rest, "\"");
		if (rest[label_len] != '"' ||
		    rest[label_len + 1 + strspn(rest + label_len + 1, " \t")])
			return bad_head(text, e);
	}
	if (!name_len || name_len > INI_MAX_HEAD || label_len > INI_MAX_LABEL ||
	    (*rest && !head->has_label) || (head->has_label && !label_len))
		return bad_head(text, e);
	memcpy(head->name, name, name_len);
	memcpy(head->label, rest, label_len);
	return 0;
}

bool ini_label_fits(const char *name, const char *label)
{
	if (!*label || strpbrk(label, "\"[]") || strlen(name) + strlen(label) + 3 > INI_MAX_HEAD)
		return false;
	return ini_value_check(label, NULL) == 0;
}

void ini_head_print(const char *name, const char *label, struct strbuf *out)
{
	if (label)
		strbuf_printf(out, "[%s \"%s\"]\n", name, label);
	else
		strbuf_printf(out, "[%s]\n", name);
}

/* Between the outer quotes only doubled ones? */
static bool is_quoted(const char *value, size_t n)
{
	if (n < 2 || value[0] != '"' || value[n - 1] != '"')
		return false;
	for (size_t i = 1; i < n - 1; i++)
		if (value[i] == '"' && (i + 1 == n - 1 || value[++i] != '"'))
			return false;
	return true;
}

void ini_value_unquote(char *value)
{
	size_t n = strlen(value);
	char *out = value;

	if (!is_quoted(value, n))
		return;
	for (size_t i = 1; i < n - 1; i++) {
		*out++ = value[i];
		i += value[i] == '"';
	}
	*out = '\0';
}

void ini_value_print(const char *value, struct strbuf *out)
{
	size_t n = strlen(value);

	if (!n || !(isspace((unsigned char)value[0]) || isspace((unsigned char)value[n - 1]) ||
		    is_quoted(value, n)))
		strbuf_puts(out, value);
	else
		strbuf_put_quoted(out, value);
}

int ini_value_check(const char *value, struct err *e)
{
	for (const char *p = value; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return err_set(e, -EINVAL, "control character 0x%02x in the value",
				       (unsigned int)(unsigned char)*p);
	return 0;
}
