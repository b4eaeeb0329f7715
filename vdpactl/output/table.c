/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cells gathered into aligned columns. */
#include "output/table.h"

#include "output/escape.h"

#include <ctype.h>
#include <string.h>

void table_clear(struct table *t)
{
	strbuf_free(&t->text);
	free(t->cells);
	*t = (struct table){ 0 };
}

void table_row(struct table *t)
{
	t->n_rows++;
	t->next = 0;
}

static size_t column_of(struct table *t, const char *label)
{
	size_t i;

	if (t->next < t->n_columns && t->columns[t->next].label == label)
		return t->next++;
	for (i = 0; i < t->n_columns; i++)
		if (!strcmp(t->columns[i].label, label))
			break;
	if (i == TABLE_MAX_COLUMNS)
		return i - 1;
	if (i == t->n_columns) {
		t->columns[i].label = label;
		t->columns[i].width = strlen(label);
		t->n_columns++;
	}
	t->next = i + 1;
	return i;
}

static struct table_cell *add_cell(struct table *t)
{
	if (t->n_cells == t->size) {
		size_t size = t->size ? t->size * 2 : 64;
		struct table_cell *cells = reallocarray(t->cells, size, sizeof(*cells));

		if (!cells) {
			t->text.failed = true;
			return NULL;
		}
		t->cells = cells;
		t->size = size;
	}
	return &t->cells[t->n_cells++];
}

void table_cell(struct table *t, const char *label, const char *text)
{
	struct table_cell *cell = t->n_rows && !t->text.failed ? add_cell(t) : NULL;
	size_t column;

	if (!cell)
		return;
	column = column_of(t, label);
	*cell = (struct table_cell){
		.offset = t->text.len,
		.row = (uint32_t)(t->n_rows - 1),
		.column = (uint32_t)column,
	};
	cell->columns = (uint32_t)escape_text(&t->text, text);
	cell->len = (uint32_t)(t->text.len - cell->offset);
	if (cell->columns > t->columns[column].width)
		t->columns[column].width = cell->columns;
}

/* The cells of a row in the order of columns, from the `first` on; returns the next row's first. */
static size_t cells_of_row(const struct table *t, size_t row, size_t first,
			   const struct table_cell *cells[TABLE_MAX_COLUMNS])
{
	static const struct table_cell none;

	for (size_t i = 0; i < t->n_columns; i++)
		cells[i] = &none;
	for (; first < t->n_cells && t->cells[first].row == row; first++)
		cells[t->cells[first].column] = &t->cells[first];
	return first;
}

static void pad(struct strbuf *sb, size_t n)
{
	static const char blanks[] = "                                ";

	while (n) {
		size_t part = n < sizeof(blanks) - 1 ? n : sizeof(blanks) - 1;

		strbuf_append(sb, blanks, part);
		n -= part;
	}
}

/* What a cell shows; nothing is a dash. */
static const char *cell_text(const struct table *t, const struct table_cell *c, size_t *len,
			     size_t *columns)
{
	*len = c->len ? c->len : 1;
	*columns = c->len ? c->columns : 1;
	return c->len ? t->text.text + c->offset : "-";
}

/* Into room that is taken once: a listing has thousands of cells. */
static void print_row(const struct table *t, const struct table_cell *const *cells,
		      struct strbuf *sb)
{
	size_t len, columns, size = 1;
	size_t owed = 0; /* blanks that are written only if something follows */
	char *at;

	for (size_t i = 0; i < t->n_columns; i++) {
		cell_text(t, cells[i], &len, &columns);
		size += owed + len;
		owed = t->columns[i].width - columns + 2;
	}
	at = strbuf_room(sb, size);
	owed = 0;
	for (size_t i = 0; at && i < t->n_columns; i++) {
		const char *text = cell_text(t, cells[i], &len, &columns);

		at = mempcpy((char *)memset(at, ' ', owed) + owed, text, len);
		owed = t->columns[i].width - columns + 2;
	}
	if (at)
		*at = '\n';
}

void table_print(const struct table *t, struct strbuf *sb, bool colour)
{
	const struct table_cell *cells[TABLE_MAX_COLUMNS];
	size_t first = 0;

	if (!t->n_rows)
		return;
	if (t->text.failed) {
		sb->failed = true;
		return;
	}
	if (colour)
		strbuf_puts(sb, "\033[1m");
	for (size_t i = 0; i < t->n_columns; i++) {
		strbuf_puts(sb, t->columns[i].label);
		if (i + 1 < t->n_columns)
			pad(sb, t->columns[i].width - strlen(t->columns[i].label) + 2);
	}
	strbuf_puts(sb, colour ? "\033[0m\n" : "\n");
	for (size_t row = 0; row < t->n_rows; row++) {
		first = cells_of_row(t, row, first, cells);
		print_row(t, cells, sb);
	}
}

void table_print_records(struct table *t, struct strbuf *sb, const char *indent)
{
	const struct table_cell *cells[TABLE_MAX_COLUMNS];
	size_t width = 0, first = 0;

	for (size_t i = 0; i < t->n_columns; i++)
		if (strlen(t->columns[i].label) > width)
			width = strlen(t->columns[i].label);
	for (size_t row = 0; row < t->n_rows; row++) {
		first = cells_of_row(t, row, first, cells);
		for (size_t i = 0; i < t->n_columns; i++) {
			const struct table_cell *c = cells[i];

			if (!c->len)
				continue;
			strbuf_puts(sb, indent);
			/* Labels are written as column heads. */
			for (const char *p = t->columns[i].label; *p; p++)
				strbuf_putc(sb, (char)tolower((unsigned char)*p));
			pad(sb, width - strlen(t->columns[i].label) + 2);
			strbuf_append(sb, t->text.text + c->offset, c->len);
			strbuf_putc(sb, '\n');
		}
	}
	if (t->text.failed)
		sb->failed = true;
	table_clear(t);
}
