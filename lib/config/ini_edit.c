/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Edits of a profile's text that leave every other byte as it was. */
#include "config/ini_edit.h"

#include "base/strbuf.h"
#include "config/ini_syntax.h"
#include "config/vm_options.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

enum line_kind {
	LINE_BLANK,
	LINE_COMMENT,
	LINE_HEAD,
	LINE_KEY,
	LINE_OTHER,
};

struct line {
	enum line_kind kind;
	const char *start, *next;  /* next: of the following line */
	const char *key, *key_end; /* of LINE_KEY */
	const char *value, *value_end;
	struct ini_head head; /* of LINE_HEAD */
};

/* Where a section and a key of it stand; NULL where there is none. */
struct found {
	const char *head;     /* the line of the head */
	const char *last_key; /* the end of the last line with a key, or of the head */
	const char *end;      /* where what belongs to the next section begins */
	const char *key_line, *key_next, *value, *value_end;
	size_t n; /* sections that match */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static const char *skip_blanks(const char *p, const char *end)
{
	while (p < end && is_blank(*p))
		p++;
	return p;
}

static const char *trim_end(const char *start, const char *end)
{
	while (end > start && is_blank(end[-1]))
		end--;
	return end;
}

static enum line_kind read_head(struct line *line, const char *p, const char *end)
{
	const char *close = memchr(p, ']', (size_t)(end - p));
	_free_ char *text = close ? strndup(p + 1, (size_t)(close - p - 1)) : NULL;

	return text && ini_head_parse(text, &line->head, NULL) == 0 ? LINE_HEAD : LINE_OTHER;
}

static struct line read_line(const char *start)
{
	const char *end = start + strcspn(start, "\n");
	struct line line = { .start = start, .next = *end ? end + 1 : end };
	const char *p = skip_blanks(start, end), *separator = p;

	if (p == end) {
		line.kind = LINE_BLANK;
	} else if (*p == '#' || *p == ';') {
		line.kind = LINE_COMMENT;
	} else if (*p == '[') {
		line.kind = read_head(&line, p, end);
	} else {
		while (separator < end && *separator != '=' && *separator != ':')
			separator++;
		line.kind = separator < end ? LINE_KEY : LINE_OTHER;
		line.key = p;
		line.key_end = trim_end(p, separator);
		line.value = separator < end ? skip_blanks(separator + 1, end) : end;
		line.value_end = trim_end(line.value, end);
	}
	return line;
}

static bool head_matches(const struct ini_head *head, const struct ini_place *place)
{
	return strcmp(head->name, place->section) == 0 &&
	       head->has_label == (place->label != NULL) &&
	       (!place->label || strcmp(head->label, place->label) == 0);
}

static bool key_matches(const struct line *line, const struct ini_place *place)
{
	size_t n = (size_t)(line->key_end - line->key);

	return place->key && strlen(place->key) == n && memcmp(line->key, place->key, n) == 0;
}

static void found_key(struct found *f, const struct line *line)
{
	f->key_line = line->start;
	f->key_next = line->next;
	f->value = line->value;
	f->value_end = line->value_end;
}

/* Comments that touch the next head are its own; blank lines stay with what is above them. */
static struct found find(const char *text, const struct ini_place *place)
{
	struct found f = { 0 };
	const char *comments = NULL; /* the first of the comment lines right above */
	bool inside = false;

	if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
		text += 3;
	for (const char *p = text; *p;) {
		struct line line = read_line(p);

		if (line.kind == LINE_HEAD) {
			if (inside)
				f.end = comments ? comments : line.start;
			inside = head_matches(&line.head, place);
			if (inside && place->last)
				f = (struct found){ .n = f.n };
			if (inside) {
				f.head = line.start;
				f.last_key = line.next;
				f.n++;
			}
		}
		if (inside && line.kind == LINE_KEY) {
			f.last_key = line.next;
			if (key_matches(&line, place))
				found_key(&f, &line);
		}
		if (line.kind != LINE_COMMENT)
			comments = NULL;
		else if (!comments)
			comments = line.start;
		p = line.next;
		if (inside && !*p)
			f.end = p;
	}
	return f;
}

static int result(struct strbuf *sb, char **out, struct err *e)
{
	if (!sb->text && !sb->failed)
		strbuf_puts(sb, "");
	*out = sb->text ? strbuf_steal(sb) : sb->failed ? NULL : strdup("");
	return *out ? 0 : err_nomem(e);
}

static const char *shown(const struct ini_place *place, char *buf, size_t size)
{
	snprintf(buf, size, place->label ? "[%s \"%s\"]" : "[%s]", place->section, place->label);
	return buf;
}

static int no_section(const struct ini_place *place, struct err *e)
{
	char buf[128];

	return err_set(e, -ENOENT, "no section %s", shown(place, buf, sizeof(buf)));
}

static int several_sections(const struct ini_place *place, struct err *e)
{
	const struct option_section *section = vm_section_find(place->section);
	char buf[128];

	err_set(e, -EINVAL, "several sections %s", shown(place, buf, sizeof(buf)));
	if (section && section->label && !place->label)
		return err_hint(
			e, "with 'vdpactl profile edit', give each a name, as in [%s \"NAME\"]",
			place->section);
	return err_hint(e, "change them with 'vdpactl profile edit'");
}

static int there_already(const struct ini_place *place, const struct option_section *section,
			 struct err *e)
{
	char buf[128];

	err_set(e, -EEXIST, "there is a section %s already", shown(place, buf, sizeof(buf)));
	if (section && section->label && !place->label)
		return err_hint(e, "give the new one a name, as in %s.NAME", place->section);
	return err_hint(e, "change it with 'vdpactl profile set'");
}

static int check_place(const struct ini_place *place, struct err *e)
{
	char buf[128];
	struct ini_head head;

	if (ini_head_parse(place->section, &head, NULL) || head.has_label ||
	    (place->label && !ini_label_fits(place->section, place->label)))
		return err_set(e, -EINVAL, "%s cannot be the head of a section",
			       shown(place, buf, sizeof(buf)));
	return 0;
}

static int check_key(const char *key, struct err *e)
{
	size_t n = strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

	if (n && !key[n])
		return 0;
	return err_set(e, -EINVAL, "'%s' cannot be a key", key);
}

static void print_key(const struct ini_place *place, const char *value, struct strbuf *out)
{
	strbuf_printf(out, "%s = ", place->key);
	ini_value_print(value, out);
	strbuf_putc(out, '\n');
}

static void end_line(struct strbuf *out)
{
	if (out->len && out->text[out->len - 1] != '\n')
		strbuf_putc(out, '\n');
}

/* The text and a new section head behind it. */
static void append_head(const char *text, const struct ini_place *place, struct strbuf *out)
{
	strbuf_puts(out, text);
	end_line(out);
	if (out->len)
		strbuf_putc(out, '\n');
	ini_head_print(place->section, place->label, out);
}

int ini_edit_set(const char *text, const struct ini_place *place, const char *value, char **out,
		 struct err *e)
{
	const struct option_section *section = vm_section_find(place->section);
	struct found f = find(text, place);
	_strbuf_ struct strbuf sb = { 0 };
	int r = check_place(place, e);

	if (!r)
		r = check_key(place->key, e);
	if (!r)
		r = ini_value_check(value, e);
	if (r)
		return r;
	if (f.n > 1 && !place->last)
		return several_sections(place, e);
	if (!f.n && section && section->list) {
		no_section(place, e);
		return err_hint(e, "'vdpactl profile add' adds one");
	}
	if (f.value) {
		strbuf_append(&sb, text, (size_t)(f.value - text));
		ini_value_print(value, &sb);
		strbuf_puts(&sb, f.value_end);
	} else if (f.head) {
		strbuf_append(&sb, text, (size_t)(f.last_key - text));
		end_line(&sb);
		print_key(place, value, &sb);
		strbuf_puts(&sb, f.last_key);
	} else {
		append_head(text, place, &sb);
		print_key(place, value, &sb);
	}
	return result(&sb, out, e);
}

static int cut(const char *text, const char *from, const char *to, char **out, struct err *e)
{
	_strbuf_ struct strbuf sb = { 0 };

	strbuf_append(&sb, text, (size_t)(from - text));
	strbuf_puts(&sb, to);
	return result(&sb, out, e);
}

int ini_edit_unset(const char *text, const struct ini_place *place, char **out, struct err *e)
{
	struct found f = find(text, place);
	char buf[128];

	if (!f.n)
		return no_section(place, e);
	if (f.n > 1)
		return several_sections(place, e);
	if (!f.key_line)
		return err_set(e, -ENOENT, "section %s has no '%s'", shown(place, buf, sizeof(buf)),
			       place->key);
	return cut(text, f.key_line, f.key_next, out, e);
}

int ini_edit_add(const char *text, const struct ini_place *place, char **out, struct err *e)
{
	const struct option_section *section = vm_section_find(place->section);
	struct found f = find(text, place);
	_strbuf_ struct strbuf sb = { 0 };
	int r = check_place(place, e);

	if (r)
		return r;
	if (f.n && !(section && section->list && !section->label))
		return there_already(place, section, e);
	append_head(text, place, &sb);
	return result(&sb, out, e);
}

int ini_edit_remove(const char *text, const struct ini_place *place, char **out, struct err *e)
{
	struct found f = find(text, place);

	if (!f.n)
		return no_section(place, e);
	if (f.n > 1)
		return several_sections(place, e);
	return cut(text, f.head, f.end, out, e);
}
