/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cells gathered into aligned columns. */
#include "output/table.h"

#include "output/escape.h"

#include <ctype.h>
#include <string.h>

/* In front of each text. */
struct head {
	uint32_t len, columns;
};

void table_clear(struct table *t)
{
	strbuf_free(&t->texts);
	free(t->cells);
	*t = (struct table){ 0 };
}

static void add_cell(struct table *t, size_t column, size_t text)
{
	if (t->n_cells == t->size) {
		size_t size = t->size ? t->size * 2 : 64;
		struct table_cell *cells = reallocarray(t->cells, size, sizeof(*cells));

		if (!cells) {
			t->texts.failed = true;
			return;
		}
		t->cells = cells;
		t->size = size;
	}
	t->cells[t->n_cells++] = (struct table_cell){
		.column = (uint32_t)column % (TABLE_MAX_COLUMNS + 1),
		.text = (uint32_t)text % TABLE_TEXTS_MAX,
	};
}

void table_row(struct table *t)
{
	t->n_rows++;
	t->next = 0;
	add_cell(t, TABLE_ROW, 0);
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

static size_t add_text(struct table *t, size_t column, const char *text)
{
	struct head head = { 0 };
	size_t at = t->texts.len + sizeof(head);

	strbuf_append(&t->texts, (const char *)&head, sizeof(head));
	head.columns = (uint32_t)escape_text(&t->texts, text);
	head.len = (uint32_t)(t->texts.len - at);
	strbuf_putc(&t->texts, '\0');
	if (t->texts.len > TABLE_TEXTS_MAX)
		t->texts.failed = true;
	if (t->texts.failed)
		return 0;
	memcpy(t->texts.text + at - sizeof(head), &head, sizeof(head));
	if (head.columns > t->columns[column].width)
		t->columns[column].width = head.columns;
	return at;
}

void table_cell(struct table *t, const char *label, const char *text)
{
	size_t column, last;

	if (!t->n_rows || t->texts.failed)
		return;
	column = column_of(t, label);
	last = t->columns[column].last;
	if (!last || strcmp(t->texts.text + last, text) != 0)
		last = t->columns[column].last = add_text(t, column, text);
	if (last)
		add_cell(t, column, last);
}

/* What a column shows; nothing is a dash. */
struct shown {
	const char *text;
	struct head head;
};

/* The cells of a row, of which the first is at `first`, in the order of columns; returns the next
 * row's first. */
static size_t cells_of_row(const struct table *t, size_t first,
			   struct shown shown[TABLE_MAX_COLUMNS])
{
	for (size_t i = 0; i < t->n_columns; i++)
		shown[i].head = (struct head){ 0 };
	for (first++; first < t->n_cells && t->cells[first].column != TABLE_ROW; first++) {
		struct shown *s = &shown[t->cells[first].column];

		s->text = t->texts.text + t->cells[first].text;
		memcpy(&s->head, s->text - sizeof(s->head), sizeof(s->head));
	}
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

/* Into room that is taken once: a listing has thousands of cells. */
static void print_row(const struct table *t, const struct shown *shown, struct strbuf *sb)
{
	static const struct shown none = { .text = "-", .head = { .len = 1, .columns = 1 } };
	size_t size = 1;
	size_t owed = 0; /* blanks that are written only if something follows */
	char *at;

	for (size_t i = 0; i < t->n_columns; i++)
		size += t->columns[i].width + 2 + shown[i].head.len;
	if ((sb->failed || size >= sb->size - sb->len) && !strbuf_grow(sb, size))
		return;
	at = sb->text + sb->len;
	for (size_t i = 0; i < t->n_columns; i++) {
		const struct shown *s = shown[i].head.len ? &shown[i] : &none;

		at = mempcpy((char *)memset(at, ' ', owed) + owed, s->text, s->head.len);
		owed = t->columns[i].width - s->head.columns + 2;
	}
	*at++ = '\n';
	*at = '\0';
	sb->len = (size_t)(at - sb->text);
}

void table_print(const struct table *t, struct strbuf *sb, bool colour)
{
	struct shown shown[TABLE_MAX_COLUMNS];
	size_t first = 0;

	if (!t->n_rows)
		return;
	if (t->texts.failed) {
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
		first = cells_of_row(t, first, shown);
		print_row(t, shown, sb);
	}
}

void table_print_records(struct table *t, struct strbuf *sb, const char *indent)
{
	struct shown shown[TABLE_MAX_COLUMNS];
	size_t width = 0, first = 0;

	if (t->texts.failed) {
		sb->failed = true;
		table_clear(t);
		return;
	}
	for (size_t i = 0; i < t->n_columns; i++)
		if (strlen(t->columns[i].label) > width)
			width = strlen(t->columns[i].label);
	for (size_t row = 0; row < t->n_rows; row++) {
		first = cells_of_row(t, first, shown);
		for (size_t i = 0; i < t->n_columns; i++) {
			if (!shown[i].head.len)
				continue;
			strbuf_puts(sb, indent);
			/* Labels are written as column heads. */
			for (const char *p = t->columns[i].label; *p; p++)
				strbuf_putc(sb, (char)tolower((unsigned char)*p));
			pad(sb, width - strlen(t->columns[i].label) + 2);
			strbuf_append(sb, shown[i].text, shown[i].head.len);
			strbuf_putc(sb, '\n');
		}
	}
	table_clear(t);
}
