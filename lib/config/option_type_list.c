/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options that hold several numbers: lists such as [0,2-4] and the CPU topology a:b:c:d. */
#include "config/option_type.h"

#include "base/parse.h"

#include <errno.h>
#include <string.h>

static void *at(void *record, uint16_t offset)
{
	return (char *)record + offset;
}

static const void *at_const(const void *record, uint16_t offset)
{
	return (const char *)record + offset;
}

static int set_topology(const struct option *o, void *record, const char *text, struct err *e)
{
	uint16_t parts[4];
	const char *p = text;

	for (int i = 0; i < 4; i++) {
		size_t n = strcspn(p, ":");
		char word[8];
		uint64_t v;

		if (n == 0 || n >= sizeof(word) || (p[n] == ':') != (i < 3))
			return err_set(e, -EINVAL,
				       "'%s' is not four numbers "
				       "(threads per core:cores per die:dies per package:packages)",
				       text);
		memcpy(word, p, n);
		word[n] = '\0';
		if (parse_uint(word, 0, UINT16_MAX, &v, e))
			return -EINVAL;
		parts[i] = (uint16_t)v;
		p += n + 1;
	}
	/* All zero would be "absent". */
	if (!parts[0] || !parts[1] || !parts[2] || !parts[3])
		return err_set(e, -EINVAL, "no part of the CPU topology can be zero");
	memcpy(at(record, o->offset), parts, sizeof(parts));
	return 0;
}

static void get_topology(const struct option *o, const void *record, struct strbuf *out)
{
	const uint16_t *t = at_const(record, o->offset);

	if (t[0])
		strbuf_printf(out, "%u:%u:%u:%u", t[0], t[1], t[2], t[3]);
}

static void unset_topology(const struct option *o, void *record)
{
	memset(at(record, o->offset), 0, o->width);
}

const struct option_type_ops option_type_topology = {
	.set = set_topology,
	.unset = unset_topology,
	.get = get_topology,
};

struct list {
	uint16_t *values;
	size_t n, size;
};

/* A list may name every value once and no more, which bounds what a short text can ask for. */
static int list_add(struct list *list, uint64_t first, uint64_t last, struct err *e)
{
	if (list->n + (last - first + 1) > UINT16_MAX + 1)
		return err_set(e, -E2BIG, "a list of more than 65536 numbers");
	if (list->n + (last - first + 1) > list->size) {
		size_t size = 2 * (list->n + (last - first + 1));
		uint16_t *values = realloc(list->values, size * sizeof(*values));

		if (!values)
			return err_nomem(e);
		list->values = values;
		list->size = size;
	}
	for (uint64_t v = first; v <= last; v++)
		list->values[list->n++] = (uint16_t)v;
	return 0;
}

/* One element: "3", or "2-4", which must grow. */
static int list_element(struct list *list, char *word, struct err *e)
{
	char *dash = strchr(word, '-');
	uint64_t first, last;
	int r;

	if (dash)
		*dash = '\0';
	r = parse_uint(word, 0, UINT16_MAX, &first, e);
	if (!r)
		r = dash ? parse_uint(dash + 1, 0, UINT16_MAX, &last, e) : 0;
	if (r)
		return r;
	if (!dash)
		last = first;
	else if (last <= first)
		return err_set(e, -EINVAL, "range '%s-%s' does not grow", word, dash + 1);
	return list_add(list, first, last, e);
}

static char *trim(char *word)
{
	size_t n;

	word += strspn(word, " \t");
	n = strlen(word);
	while (n && (word[n - 1] == ' ' || word[n - 1] == '\t'))
		word[--n] = '\0';
	return word;
}

static int parse_list(const char *text, struct list *list, struct err *e)
{
	_free_ char *copy = strdup(text);
	char *p = copy, *word;
	size_t n;
	int r = 0;

	if (!copy)
		return err_nomem(e);
	n = strlen(copy);
	if (*p == '[' && n > 1 && p[n - 1] == ']') {
		p[n - 1] = '\0';
		p++;
	}
	if (!*trim(p))
		return 0;
	while (!r && (word = strsep(&p, ",")))
		r = list_element(list, trim(word), e);
	return r;
}

static size_t *list_length(const struct option *o, void *record)
{
	return at(record, o->companion);
}

static uint16_t **list_values(const struct option *o, void *record)
{
	return at(record, o->offset);
}

static int set_list(const struct option *o, void *record, const char *text, struct err *e)
{
	struct list list = { 0 };
	int r = parse_list(text, &list, e);

	if (r) {
		free(list.values);
		return r;
	}
	free(*list_values(o, record));
	*list_values(o, record) = list.values;
	*list_length(o, record) = list.n;
	return 0;
}

static void unset_list(const struct option *o, void *record)
{
	free(*list_values(o, record));
	*list_values(o, record) = NULL;
	*list_length(o, record) = 0;
}

static void get_list(const struct option *o, const void *record, struct strbuf *out)
{
	const uint16_t *const *values = at_const(record, o->offset);
	const size_t *n = at_const(record, o->companion);

	for (size_t i = 0; i < *n; i++)
		strbuf_printf(out, "%s%u", i ? "," : "[", (*values)[i]);
	if (*n)
		strbuf_putc(out, ']');
}

static int dup_list(const struct option *o, void *record)
{
	uint16_t **values = list_values(o, record);
	size_t *n = list_length(o, record);
	uint16_t *copy = NULL;

	if (*n)
		copy = malloc(*n * sizeof(*copy));
	if (copy)
		memcpy(copy, *values, *n * sizeof(*copy));
	*values = copy;
	if (*n && !copy) {
		*n = 0;
		return -ENOMEM;
	}
	return 0;
}

const struct option_type_ops option_type_list = {
	.set = set_list,
	.unset = unset_list,
	.get = get_list,
	.dup = dup_list,
};
