/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hugepages: the pools that guests' memory comes from. */
#include "cmd/cmds.h"

#include "base/checked.h"
#include "base/parse.h"
#include "host/host_lock.h"
#include "host/hugepages.h"

#include <errno.h>
#include <signal.h>

struct hugepages_args {
	struct arg_number amount, page, node;
};

enum {
	MAX_NODE = 1023
};

static const struct arg show_rows[] = {
	{
		.name = "page",
		.style = ARG_KEYWORD,
		.type = ARG_SIZE,
		.value = "SIZE",
		.help = "pools of that page size only",
		ARG_FIELD(hugepages_args, page, struct arg_number),
	},
};

static const struct arg change_rows[] = {
	{
		.name = "AMOUNT",
		.style = ARG_POSITIONAL,
		.type = ARG_SIZE,
		.help = "memory, for example 1G",
		.required = true,
		ARG_FIELD(hugepages_args, amount, struct arg_number),
	},
	{
		.name = "page",
		.style = ARG_KEYWORD,
		.type = ARG_SIZE,
		.value = "SIZE",
		.help = "page size; the kernel's default where it is not given",
		ARG_FIELD(hugepages_args, page, struct arg_number),
	},
	{
		.name = "node",
		.style = ARG_KEYWORD,
		.type = ARG_NUMBER,
		.value = "NODE",
		.help = "NUMA node; the kernel's choice where it is not given",
		.max = MAX_NODE,
		ARG_FIELD(hugepages_args, node, struct arg_number),
	},
};

static void put_pool(struct output *o, const struct hugepage_pool *p, bool is_default)
{
	out_item(o, NULL);
	out_size(o, "page_size", "PAGE", p->size);
	out_bool(o, "default", NULL, is_default);
	if (p->node >= 0)
		out_uint(o, "node", "NODE", (uint64_t)p->node);
	else
		out_str(o, NULL, "NODE", "all");
	out_uint(o, "total", "TOTAL", p->total);
	out_uint(o, "free", "FREE", p->free);
	out_uint(o, "reserved", "RESERVED", p->reserved);
	out_uint(o, "surplus", "SURPLUS", p->surplus);
	out_size(o, "available_bytes", "AVAILABLE", hugepage_pool_available(p) * p->size);
}

/* NULL: -ENOENT. */
static const struct hugepage_pool *find_pool(const struct hugepages_args *a,
					     const struct hugepage_list *list, struct err *e)
{
	const struct hugepage_pool *pool =
		hugepage_pool_find(list, a->page.value, a->node.given ? (int)a->node.value : -1);
	char size[32] = "the default";

	if (pool)
		return pool;
	if (a->page.given)
		format_size(a->page.value, size, sizeof(size));
	err_set(e, -ENOENT, "there is no pool of pages of %s size%s", size,
		a->node.given ? " on that NUMA node" : "");
	err_hint(e, "see 'vdpactl hugepages show'");
	return NULL;
}

static int run_show(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct hugepages_args *a = args;
	_hugepage_list_ struct hugepage_list list = { 0 };
	int r = hugepage_list_get(NULL, &list, e);

	(void)n;
	if (r)
		return r;
	if (a->page.given && !find_pool(a, &list, e))
		return -ENOENT;
	out_begin(&s->out, "hugepages", OUT_TABLE, OUT_LIST, NULL);
	for (size_t i = 0; i < list.n; i++)
		if (!a->page.given || list.items[i].size == a->page.value)
			put_pool(&s->out, &list.items[i], list.items[i].size == list.default_size);
	out_end(&s->out);
	return 0;
}

/* Clearing many pages takes long; Ctrl-C lets the kernel stop in the middle. */
static volatile sig_atomic_t interrupted;

static void on_interrupt(int signo)
{
	(void)signo;
	interrupted = 1;
}

/* Resizes the pool; where it is interrupted, it has what it had. */
static int resize(const struct hugepage_pool *pool, uint64_t total, uint64_t *got, struct err *e)
{
	const struct sigaction catch = { .sa_handler = on_interrupt };
	struct sigaction before;
	int r;

	interrupted = 0;
	sigaction(SIGINT, &catch, &before);
	r = hugepage_pool_resize(NULL, pool, total, got, e);
	sigaction(SIGINT, &before, NULL);
	if (r != -ENOSPC || !interrupted)
		return r;
	return err_set(e, -EINTR, "interrupted: the pool has its %llu pages again",
		       (unsigned long long)*got);
}

/* `sign` +1 reserves, -1 releases. */
static int change(struct session *s, const struct hugepages_args *a, int sign, struct err *e)
{
	_hugepage_list_ struct hugepage_list list = { 0 };
	const struct hugepage_pool *pool;
	uint64_t pages, total, got = 0;
	_close_ int lock = -1;
	int r = host_lock(NULL, &lock, e);

	if (!r)
		r = hugepage_list_get(NULL, &list, e);
	if (r)
		return r;
	pool = find_pool(a, &list, e);
	if (!pool)
		return -ENOENT;
	pages = a->amount.value / pool->size + (a->amount.value % pool->size != 0);
	if (sign < 0 && pages > hugepage_pool_available(pool))
		return err_set(e, -EBUSY, "only %llu pages of the pool are not in use",
			       (unsigned long long)hugepage_pool_available(pool));
	if (sign < 0)
		total = pool->total - pages;
	else if (add_wraps(pool->total, pages, &total))
		return err_set(e, -ERANGE, "the amount is out of range");
	r = resize(pool, total, &got, e);
	if (r)
		return r;
	out_size(&s->out, "page_size", "page", pool->size);
	out_uint(&s->out, "before", "before", pool->total);
	out_uint(&s->out, "total", "now", got);
	return 0;
}

static int run_reserve(struct session *s, const void *args, size_t n, struct err *e)
{
	(void)n;
	return change(s, args, 1, e);
}

static int run_release(struct session *s, const void *args, size_t n, struct err *e)
{
	(void)n;
	return change(s, args, -1, e);
}

const struct command command_hugepages_show = {
	.path = "hugepages show",
	.alias = "hugepages list",
	.summary = "Show the hugepage pools of this host and of each NUMA node",
	COMMAND_ARGS(show_rows, hugepages_args),
	.run = run_show,
};

const struct command command_hugepages_reserve = {
	.path = "hugepages reserve",
	.summary = "Add memory to a hugepage pool, until the next boot",
	.example = "vdpactl hugepages reserve 1G page 2M",
	COMMAND_ARGS(change_rows, hugepages_args),
	.run = run_reserve,
};

const struct command command_hugepages_release = {
	.path = "hugepages release",
	.summary = "Take unused memory from a hugepage pool",
	.example = "vdpactl hugepages release 1G",
	COMMAND_ARGS(change_rows, hugepages_args),
	.run = run_release,
};
