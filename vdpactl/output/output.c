/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Field lists that become an aligned table, records or JSON. */
#include "output/output.h"

#include "base/file.h"
#include "base/parse.h"
#include "output/escape.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

static const char none_text[] = "(none)\n";

void out_start(struct output *o, bool json, bool pretty)
{
	o->json = json;
	o->pretty = pretty;
	o->writer = (struct json_writer){ .sb = &o->sb, .pretty = pretty };
	o->in_item = false;
	o->start = o->sb.len;
	o->none = 0;
	table_clear(&o->table);
	if (json)
		jsonw_open(&o->writer, NULL, '{');
}

/* Text fields outside any item, for example of a command that shows one thing, are lines. */
static void end_loose_fields(struct output *o)
{
	if (!o->in_item)
		table_print_records(&o->table, &o->sb, "");
}

void out_finish(struct output *o)
{
	if (o->json) {
		while (o->writer.depth)
			jsonw_close(&o->writer);
		strbuf_putc(&o->sb, '\n');
		return;
	}
	end_loose_fields(o);
}

void out_free(struct output *o)
{
	strbuf_free(&o->sb);
	table_clear(&o->table);
}

static void end_item(struct output *o)
{
	if (!o->in_item)
		return;
	o->in_item = false;
	if (o->json)
		jsonw_close(&o->writer);
	else if (o->shape == OUT_RECORDS)
		table_print_records(&o->table, &o->sb, o->kind == OUT_MAP ? "  " : "");
}

void out_begin(struct output *o, const char *key, enum out_shape shape, enum out_kind kind,
	       const char *name_label)
{
	o->shape = shape;
	o->kind = kind;
	o->n_items = 0;
	if (o->json) {
		jsonw_open(&o->writer, key, kind == OUT_MAP ? '{' : '[');
		return;
	}
	end_loose_fields(o);
	if (kind == OUT_MAP && shape == OUT_TABLE) {
		o->table.columns[0].label = name_label;
		o->table.columns[0].width = strlen(name_label);
		o->table.n_columns = 1;
	}
}

void out_end(struct output *o)
{
	end_item(o);
	if (o->json) {
		jsonw_close(&o->writer);
		return;
	}
	/* To a person, silence could mean anything. */
	if (!o->n_items && o->terminal) {
		strbuf_puts(&o->sb, none_text);
		o->none = o->sb.len;
	} else if (o->shape == OUT_TABLE) {
		table_print(&o->table, &o->sb, o->colour);
	}
	table_clear(&o->table);
}

void out_unsay_none(struct output *o)
{
	if (o->json || o->sb.failed || !o->none || o->none != o->sb.len)
		return;
	o->sb.len -= strlen(none_text);
	o->sb.text[o->sb.len] = '\0';
	o->none = 0;
}

void out_item(struct output *o, const char *name)
{
	end_item(o);
	o->in_item = true;
	o->n_items++;
	if (o->json) {
		jsonw_open(&o->writer, o->kind == OUT_MAP ? name : NULL, '{');
		return;
	}
	if (o->shape == OUT_RECORDS && o->kind == OUT_MAP) {
		escape_text(&o->sb, name);
		strbuf_puts(&o->sb, ":\n");
	} else if (o->shape == OUT_RECORDS && o->n_items > 1) {
		strbuf_putc(&o->sb, '\n');
	}
	table_row(&o->table);
	if (o->shape == OUT_TABLE && o->kind == OUT_MAP)
		table_cell(&o->table, o->table.columns[0].label, name);
}

static void text_field(struct output *o, const char *label, const char *text)
{
	if (!label)
		return;
	if (!o->table.n_rows)
		table_row(&o->table);
	table_cell(&o->table, label, text ? text : "");
}

void out_str(struct output *o, const char *key, const char *label, const char *text)
{
	if (!o->json)
		text_field(o, label, text);
	else if (key && text)
		jsonw_str(&o->writer, key, text);
}

void out_uint(struct output *o, const char *key, const char *label, uint64_t v)
{
	char buf[21];

	if (o->json) {
		if (key)
			jsonw_uint(&o->writer, key, v);
		return;
	}
	if (!label)
		return;
	format_uint(v, buf);
	text_field(o, label, buf);
}

void out_bool(struct output *o, const char *key, const char *label, bool v)
{
	if (!o->json)
		text_field(o, label, v ? "yes" : "no");
	else if (key)
		jsonw_bool(&o->writer, key, v);
}

void out_size(struct output *o, const char *key, const char *label, uint64_t bytes)
{
	char buf[32];

	if (o->json) {
		out_uint(o, key, label, bytes);
		return;
	}
	format_size(bytes, buf, sizeof(buf));
	text_field(o, label, buf);
}

void out_list(struct output *o, const char *key, const char *label, const char *const *list,
	      size_t n)
{
	_strbuf_ struct strbuf sb = { 0 };

	if (o->json) {
		if (!key)
			return;
		jsonw_open(&o->writer, key, '[');
		for (size_t i = 0; i < n; i++)
			jsonw_str(&o->writer, NULL, list[i]);
		jsonw_close(&o->writer);
		return;
	}
	if (!label)
		return;
	for (size_t i = 0; i < n; i++) {
		if (i)
			strbuf_putc(&sb, ' ');
		strbuf_puts(&sb, list[i]);
	}
	text_field(o, label, strbuf_text(&sb));
	o->sb.failed |= sb.failed;
}

void out_raw(struct output *o, const char *key, const char *json)
{
	if (!json)
		o->sb.failed = true;
	else if (o->json)
		jsonw_raw(&o->writer, key, json);
}

void out_open(struct output *o, const char *key)
{
	if (o->json)
		jsonw_open(&o->writer, key, '{');
}

void out_close(struct output *o)
{
	if (o->json)
		jsonw_close(&o->writer);
}

void out_line(struct output *o, const char *fmt, ...)
{
	_free_ char *text = NULL;
	va_list ap;
	int n;

	if (o->json)
		return;
	end_loose_fields(o);
	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0) {
		text = NULL;
		o->sb.failed = true;
		return;
	}
	/* Line breaks are the caller's own, all else may be foreign. */
	for (char *line = text, *end; line; line = end ? end + 1 : NULL) {
		end = strchr(line, '\n');
		if (end)
			*end = '\0';
		escape_text(&o->sb, line);
		strbuf_putc(&o->sb, '\n');
	}
}

void out_error(struct output *o, const struct err *e, const char *file, unsigned line)
{
	if (o->sb.text)
		o->sb.text[o->sb.len = o->start] = '\0';
	out_start(o, true, o->pretty);
	jsonw_open(&o->writer, "error", '{');
	jsonw_str(&o->writer, "code", err_code_name(e));
	jsonw_str(&o->writer, "message", e->text);
	if (e->hint[0])
		jsonw_str(&o->writer, "hint", e->hint);
	if (file) {
		jsonw_str(&o->writer, "file", file);
		jsonw_uint(&o->writer, "line", line);
	}
	jsonw_close(&o->writer);
	out_finish(o);
}

int out_flush(struct output *o, int fd)
{
	int r = o->sb.failed ? -ENOMEM : file_write_all(fd, strbuf_text(&o->sb), o->sb.len);

	strbuf_free(&o->sb);
	return r;
}
