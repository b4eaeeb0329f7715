/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Field lists that become an aligned table, records or JSON: a command names each field once. */
#pragma once

#include "base/err.h"
#include "base/strbuf.h"
#include "output/json_writer.h"
#include "output/table.h"

#include <stdint.h>

enum out_shape {
	OUT_TABLE,   /* text: one line an item, fields as columns */
	OUT_RECORDS, /* text: one block an item, fields as lines */
};

enum out_kind {
	OUT_MAP,  /* JSON: "key": { NAME: {...} } */
	OUT_LIST, /* JSON: "key": [ {...} ] */
};

/* All that a command prints goes here and leaves in one write when the command ends. */
struct output {
	bool json, pretty, colour;
	bool terminal; /* a person looks on: an empty list says so */
	struct strbuf sb;
	size_t start; /* where in `sb` the current command's document begins */
	size_t none;  /* where "(none)" ends that was said last, 0 if nowhere */
	struct json_writer writer;
	enum out_shape shape;
	enum out_kind kind;
	struct table table;
	bool in_item;
	size_t n_items;
};

/* Starts a command's document (JSON: an object) and ends it; between them the calls below. */
void out_start(struct output *o, bool json, bool pretty);
void out_finish(struct output *o);
void out_free(struct output *o);

/* A collection of items under `key`. `name_label` heads the column of names (OUT_MAP). */
void out_begin(struct output *o, const char *key, enum out_shape shape, enum out_kind kind,
	       const char *name_label);
void out_end(struct output *o);

/* The next item; `name` is foreign text (NULL in an OUT_LIST). */
void out_item(struct output *o, const char *name);

/*
 * A field of the current item, or of the document outside any item. `key` is the JSON key, `label`
 * the column head or line label; a NULL label leaves the field out of the text, a NULL key out of
 * JSON. A NULL text is absent: no member in JSON, "-" in a table.
 */
void out_str(struct output *o, const char *key, const char *label, const char *text);
void out_uint(struct output *o, const char *key, const char *label, uint64_t v);
void out_bool(struct output *o, const char *key, const char *label, bool v);
void out_list(struct output *o, const char *key, const char *label, const char *const *list,
	      size_t n);
/* Number in JSON, 128M in text. */
void out_size(struct output *o, const char *key, const char *label, uint64_t bytes);
/* JSON text of one line without blanks, where another program's answer is passed on; no text form.
 */
void out_raw(struct output *o, const char *key, const char *json);

/* A nested JSON object; in text its fields follow like the others. */
void out_open(struct output *o, const char *key);
void out_close(struct output *o);

/* Words for people; nothing with --json. Foreign text goes through "%s" of out_line only. */
void out_line(struct output *o, const char *fmt, ...) _printf_(2, 3);

/* Takes back an "(none)" that was the last to be said, where better words or an error follow. */
void out_unsay_none(struct output *o);

/* Makes an error the whole document: what was written of it is dropped. `file`: the command file
 * that it is in, at `line`, or NULL. */
void out_error(struct output *o, const struct err *e, const char *file, unsigned line);

/* Writes what has gathered to descriptor `fd`. 0 or negative errno. */
int out_flush(struct output *o, int fd);
