/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cells gathered into aligned columns. */
#pragma once

#include "base/strbuf.h"

#include <stdint.h>

enum {
	TABLE_MAX_COLUMNS = 31,
	TABLE_ROW = TABLE_MAX_COLUMNS, /* in place of a column: a row begins */
	TABLE_TEXTS_MAX = 1 << 27,
};

/* What a column shows in a row. */
struct table_cell {
	uint32_t column : 5, text : 27; /* the latter: where in `texts`, behind its head */
};

struct table {
	struct {
		const char *label; /* borrowed: a literal */
		size_t width;
		size_t last; /* the text of its last cell, 0 for none */
	} columns[TABLE_MAX_COLUMNS];
	size_t n_columns, n_rows, next; /* next: where the coming cell probably belongs */
	/* Escaped, each behind its head and with its NUL; cells of a column that show the same one
	 * below the other have one. */
	struct strbuf texts;
	struct table_cell *cells; /* those that are filled, row by row; owned */
	size_t n_cells, size;
};

void table_clear(struct table *t);
void table_row(struct table *t);
/* Puts foreign `text` in the column named `label` of the current row. */
void table_cell(struct table *t, const char *label, const char *text);
/* Appends the table to `sb`: a head line and the rows, no blanks at the end of a line. */
void table_print(const struct table *t, struct strbuf *sb, bool colour);
/* Appends the current rows as "label: value" lines, and empties the table. */
void table_print_records(struct table *t, struct strbuf *sb, const char *indent);
