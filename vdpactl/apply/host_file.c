/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The desired state of a host as an INI file. */
#include "apply/host_file.h"

#include "base/file.h"
#include "base/parse.h"
#include "config/ini_syntax.h"
#include "config/vm_config_check.h"
#include "vdpa/dev.h"

#include <errno.h>
#include <string.h>

static const char *const kind_names[HOST_KINDS] = {
	[HOST_MODULE] = "module",   [HOST_HUGEPAGES] = "hugepages", [HOST_MEMLOCK] = "memlock",
	[HOST_PROFILE] = "profile", [HOST_DEVICE] = "device",
};

const char *host_kind_name(enum host_kind kind)
{
	return kind_names[kind];
}

static void item_clear(struct host_item *item)
{
	for (size_t i = 0; i < item->n; i++) {
		free(item->values[i].key);
		free(item->values[i].value);
	}
	free(item->values);
	free(item->name);
}

void host_file_clear(struct host_file *f)
{
	for (size_t i = 0; i < f->n; i++)
		item_clear(&f->items[i]);
	free(f->items);
	free(f->path);
	*f = (struct host_file){ 0 };
}

const char *host_item_get(const struct host_item *item, const char *key)
{
	for (size_t i = 0; i < item->n; i++)
		if (!strcmp(item->values[i].key, key))
			return item->values[i].value;
	return NULL;
}

struct reading {
	struct ini_reader reader;
	struct host_file *f;
	struct err *e;
};

static int find_kind(const char *name, enum host_kind *kind, struct err *e)
{
	for (unsigned k = 0; k < HOST_KINDS; k++) {
		if (strcmp(kind_names[k], name) != 0)
			continue;
		*kind = (enum host_kind)k;
		return 0;
	}
	err_set(e, -EINVAL, "unknown section '%s'", name);
	return err_hint(e, "module, hugepages, memlock, profile or device");
}

/* What the names of a kind must look like. */
static int check_name(enum host_kind kind, const char *name, struct err *e)
{
	uint64_t size;

	switch (kind) {
	case HOST_DEVICE:
		return vdpa_dev_check_name(name, e);
	case HOST_PROFILE:
		return vm_name_check(name, e);
	case HOST_HUGEPAGES:
		return parse_size(name, &size, e);
	case HOST_MODULE:
	case HOST_MEMLOCK:
	case HOST_KINDS:
		break;
	}
	return *name ? 0 : err_set(e, -EINVAL, "an empty name");
}

static int begin_item(void *ctx, const char *text)
{
	struct reading *in = ctx;
	struct host_file *f = in->f;
	struct host_item *items;
	struct ini_head head;
	enum host_kind kind = HOST_KINDS;
	int r = ini_head_parse(text, &head, in->e);

	if (!r)
		r = find_kind(head.name, &kind, in->e);
	if (r)
		return r;
	if (!head.has_label)
		return err_set(in->e, -EINVAL, "section '%s' needs a name: [%s \"NAME\"]",
			       head.name, head.name);
	r = check_name(kind, head.label, in->e);
	if (r)
		return r;
	/* Several pools of one page size differ in their node: check_pools. */
	for (size_t i = 0; i < f->n && kind != HOST_HUGEPAGES; i++)
		if (f->items[i].kind == kind && !strcmp(f->items[i].name, head.label))
			return err_set(in->e, -EEXIST, "%s '%s' is given at line %u already",
				       head.name, head.label, f->items[i].line);
	items = realloc(f->items, (f->n + 1) * sizeof(*items));
	if (!items)
		return err_nomem(in->e);
	f->items = items;
	items[f->n] = (struct host_item){ .kind = kind, .line = in->reader.line };
	items[f->n].name = strdup(head.label);
	return items[f->n++].name ? 0 : err_nomem(in->e);
}

static int check_value(const struct host_item *item, const char *key, const char *value,
		       struct err *e)
{
	if (host_item_get(item, key))
		return err_set(e, -EEXIST, "'%s' is given twice", key);
	if (item->kind == HOST_MODULE)
		return 0;
	for (size_t i = 0; i < host_keys_n; i++)
		if (host_keys[i].kind == item->kind && !strcmp(host_keys[i].name, key))
			return host_keys[i].check(value, e) ? err_prefix(e, "%s", key) : 0;
	return err_set(e, -EINVAL, "unknown key '%s'", key);
}

static int add_value(void *ctx, const char *key, const char *text)
{
	struct reading *in = ctx;
	_free_ char *value = strdup(text);
	struct host_value *values;
	struct host_item *item;
	int r;

	if (!value)
		return err_nomem(in->e);
	ini_value_unquote(value);
	if (!in->f->n)
		return err_set(in->e, -EINVAL, "'%s' stands before the first section", key);
	item = &in->f->items[in->f->n - 1];
	r = check_value(item, key, value, in->e);
	if (r)
		return r;
	values = realloc(item->values, (item->n + 1) * sizeof(*values));
	if (!values)
		return err_nomem(in->e);
	item->values = values;
	values[item->n].key = strdup(key);
	values[item->n].value = steal_ptr(&value);
	return values[item->n++].key ? 0 : err_nomem(in->e);
}

/* Is `item` of the pages that `other` is of? Those of a node are of the whole host too. */
static bool same_pages(const struct host_item *item, const struct host_item *other)
{
	const char *node_text = host_item_get(item, "node");
	const char *other_text = host_item_get(other, "node");
	uint64_t size = 0, other_size = 0, node = 0, other_node = 0;

	if (item->kind != HOST_HUGEPAGES || other->kind != HOST_HUGEPAGES)
		return false;
	/* The reader has checked them. */
	(void)parse_size(item->name, &size, NULL);
	(void)parse_size(other->name, &other_size, NULL);
	if (node_text)
		(void)parse_uint(node_text, 0, INT32_MAX, &node, NULL);
	if (other_text)
		(void)parse_uint(other_text, 0, INT32_MAX, &other_node, NULL);
	return size == other_size && (!node_text || !other_text || node == other_node);
}

/* Of two sections for the same pages the second would undo the first. */
static int check_pools(const struct host_file *f, struct err *e)
{
	for (size_t i = 0; i < f->n; i++)
		for (size_t k = 0; k < i; k++) {
			if (!same_pages(&f->items[i], &f->items[k]))
				continue;
			err_set(e, -EEXIST, "%s:%u: line %u sets pages of that size already",
				f->path, f->items[i].line, f->items[k].line);
			return err_hint(e, "one section for the whole host, or one for each node");
		}
	return 0;
}

/* What no section can do without. */
static int check_whole(const struct host_file *f, struct err *e)
{
	static const char *const needed[HOST_KINDS] = {
		[HOST_HUGEPAGES] = "pages",
		[HOST_MEMLOCK] = "limit",
		[HOST_PROFILE] = "source",
		[HOST_DEVICE] = "mgmtdev",
	};

	for (size_t i = 0; i < f->n; i++) {
		const char *key = needed[f->items[i].kind];

		if (key && !host_item_get(&f->items[i], key))
			return err_set(e, -EINVAL, "%s:%u: '%s' is missing", f->path,
				       f->items[i].line, key);
	}
	return check_pools(f, e);
}

static int parse(struct host_file *f, const char *text, size_t len, struct err *e)
{
	struct reading in = {
		.reader = {
			.pos = text,
			.end = text + len,
			.file = f->path,
			.head = begin_item,
			.key = add_value,
			.ctx = &in,
			.e = e,
		},
		.f = f,
		.e = e,
	};
	int r = ini_read(&in.reader);

	if (!r)
		return check_whole(f, e);
	/* A wrong value in a file is no misuse of the command. */
	e->misuse = false;
	return r;
}

int host_file_read(const char *path, struct host_file *f, struct err *e)
{
	bool input = !strcmp(path, "-");
	_free_ char *text = NULL;
	size_t len = 0;
	int r;

	*f = (struct host_file){ .path = strdup(path) };
	r = f->path ? file_read(input ? "/dev/stdin" : path, INI_MAX_FILE, &text, &len, e)
		    : err_nomem(e);
	if (!r && text && strlen(text) != len)
		r = err_set(e, -EINVAL, "%s: control characters in the text", path);
	if (!r)
		r = parse(f, text, len, e);
	if (r)
		host_file_clear(f);
	return r;
}

void host_print_head(struct strbuf *sb, enum host_kind kind, const char *name)
{
	if (sb->len)
		strbuf_putc(sb, '\n');
	ini_head_print(kind_names[kind], name, sb);
}

void host_print_key(struct strbuf *sb, const char *key, const char *value)
{
	strbuf_printf(sb, "%s = ", key);
	ini_value_print(value, sb);
	strbuf_putc(sb, '\n');
}
