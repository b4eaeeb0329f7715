/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cells gathered into aligned columns. */
#pragma once

#include "base/strbuf.h"

#include <stdint.h>

enum {
	TABLE_MAX_COLUMNS = 32
};

struct table_cell {
	size_t offset; /* of the escaped text in `text` */
	uint32_t len, columns;
	uint32_t row, column;
};

struct table {
	struct {
		const char *label; /* borrowed: a literal */
		size_t width;
	} columns[TABLE_MAX_COLUMNS];
	size_t n_columns, n_rows, next; /* next: where the coming cell probably belongs */
	struct strbuf text;
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
