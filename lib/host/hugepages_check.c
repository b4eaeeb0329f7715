/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Check: enough hugepages are free for the VM. */
#include "host/checks.h"
#include "host/host_lock.h"
#include "host/hugepages.h"
#include "host/persist.h"

#include "base/checked.h"
#include "base/parse.h"

#include <errno.h>

/* Where the host has no memory for so many more pages, reserving them is no remedy: true, and what
 * is lacking is said. */
static bool lacks_memory(const struct check_options *o, const struct hugepage_pool *pool,
			 uint64_t pages, struct finding *f)
{
	uint64_t needed, available;

	if (hugepage_memory_suffices(o->roots, pool, pages, &needed, &available))
		return false;
	finding_remedy(f,
		       "free memory, or give the VM less: %llu more pages need %llu MiB, which is "
		       "%llu MiB more than this host has available",
		       (unsigned long long)pages, (unsigned long long)needed >> 20,
		       (unsigned long long)((needed - available - 1) >> 20) + 1);
	return true;
}

static void report_short(const struct check_options *o, const struct hugepage_pool *pool,
			 const char *size, uint64_t need, struct report *r)
{
	uint64_t available = hugepage_pool_available(pool);
	struct finding *f;
	char missing[32];

	f = report_add(r, check_hugepages.id, FINDING_FAIL, size,
		       "%llu pages are needed, %llu are free (of %llu)", (unsigned long long)need,
		       (unsigned long long)available, (unsigned long long)pool->total);
	if (lacks_memory(o, pool, need - available, f))
		return;
	finding_remedy(f, "reserve more pages");
	format_size((need - available) * pool->size, missing, sizeof(missing));
	finding_command(f, "vdpactl hugepages reserve %s page %s", missing, size);
	finding_fix(f, size, pool->total + (need - available), pool->node);
}

/* Pages may be on any node; where one node is short of them the VM still starts, only slower. */
static void report_nodes(const struct check_options *o, const struct hugepage_list *list,
			 const struct hugepage_pool *pool, const char *size, uint64_t need,
			 struct report *r)
{
	const struct hugepage_pool *best = NULL;
	unsigned int nodes = 0;
	struct finding *f;
	char missing[32];

	for (size_t i = 0; i < list->n; i++) {
		const struct hugepage_pool *p = &list->items[i];

		if (p->node < 0 || p->size != pool->size)
			continue;
		nodes++;
		if (!best || hugepage_pool_available(p) > hugepage_pool_available(best))
			best = p;
	}
	if (nodes < 2 || hugepage_pool_available(best) >= need)
		return;
	f = report_add(r, check_hugepages.id, FINDING_WARN, size,
		       "no NUMA node has %llu free pages by itself (the best has %llu): the "
		       "guest's memory will be spread",
		       (unsigned long long)need, (unsigned long long)hugepage_pool_available(best));
	need -= hugepage_pool_available(best);
	if (lacks_memory(o, best, need, f))
		return;
	finding_remedy(f, "reserve the pages on one node");
	format_size(need * best->size, missing, sizeof(missing));
	finding_command(f, "vdpactl hugepages reserve %s page %s node %d", missing, size,
			best->node);
	finding_fix(f, size, best->total + need, best->node);
}

static void report_config(const struct check_options *o, const struct hugepage_list *list,
			  struct report *r)
{
	const struct memory_config *m = &o->config->memory;
	const struct hugepage_pool *pool = hugepage_pool_find(list, m->hugepage_size, -1);
	uint64_t page = m->hugepage_size ? m->hugepage_size : list->default_size;
	uint64_t need;
	char size[32];

	format_size(page, size, sizeof(size));
	if (!pool) {
		finding_remedy(report_add(r, check_hugepages.id, FINDING_FAIL, size,
					  "this host has no hugepages of that size"),
			       "choose a size that 'vdpactl hugepages show' lists, or boot with "
			       "hugepagesz=%s",
			       size);
		return;
	}
	if (m->size % pool->size) {
		finding_remedy(report_add(r, check_hugepages.id, FINDING_FAIL, size,
					  "the memory size is no multiple of the page size"),
			       "round --memory size= to the page size");
		return;
	}
	if (mul_wraps(m->size / pool->size, o->vms ? o->vms : 1, &need))
		need = UINT64_MAX;
	if (hugepage_pool_available(pool) < need) {
		report_short(o, pool, size, need, r);
		return;
	}
	report_add(r, check_hugepages.id, FINDING_OK, size, "%llu pages are needed, %llu are free",
		   (unsigned long long)need, (unsigned long long)hugepage_pool_available(pool));
	report_nodes(o, list, pool, size, need, r);
}

static void report_host(const struct hugepage_list *list, struct report *r)
{
	struct finding *f;

	for (size_t i = 0; i < list->n; i++) {
		const struct hugepage_pool *p = &list->items[i];
		char size[32];

		if (p->node >= 0)
			continue;
		format_size(p->size, size, sizeof(size));
		report_add(r, check_hugepages.id, FINDING_OK, size, "%llu free of %llu%s",
			   (unsigned long long)hugepage_pool_available(p),
			   (unsigned long long)p->total,
			   p->size == list->default_size ? " (default size)" : "");
	}
	if (list->n)
		return;
	f = report_add(r, check_hugepages.id, FINDING_WARN, "none",
		       "this kernel has no hugepages: hugepages=on will not work");
	finding_remedy(f, "boot a kernel with CONFIG_HUGETLBFS");
}

static int probe(const struct check_options *o, struct report *r, struct err *e)
{
	_hugepage_list_ struct hugepage_list list = { 0 };
	int code = hugepage_list_get(o->roots, &list, e);

	if (code)
		return code;
	if (!o->config)
		report_host(&list, r);
	else if (o->config->memory.hugepages)
		report_config(o, &list, r);
	return 0;
}

/* Brings the pool to the pages of the finding, where another command has not done so meanwhile. */
static int reserve(const struct check_options *o, const struct finding *f, uint64_t *page,
		   bool dry_run, struct strbuf *log, struct err *e)
{
	_hugepage_list_ struct hugepage_list list = { 0 };
	const struct hugepage_pool *pool;
	char more[32], where[32] = "";
	_close_ int lock = -1;
	uint64_t got;
	int r = dry_run ? 0 : host_lock(o->roots, &lock, e);

	if (!r)
		r = hugepage_list_get(o->roots, &list, e);
	if (r)
		return r;
	pool = hugepage_pool_find(&list, *page, (int)f->target.node);
	if (!pool)
		return err_set(e, -ENOENT, "no hugepages of '%s'", f->target.object);
	if (*page == list.default_size && pool->node < 0)
		*page = 0;
	if (pool->total >= f->target.amount)
		return 0;
	if (pool->node >= 0)
		snprintf(where, sizeof(where), " node %d", pool->node);
	format_size((f->target.amount - pool->total) * pool->size, more, sizeof(more));
	strbuf_printf(log,
		      "reserve %s of hugepages of %s%s (undo: vdpactl hugepages release %s page "
		      "%s%s)\n",
		      more, f->target.object, where, more, f->target.object, where);
	return dry_run ? hugepage_pool_check(o->roots, pool, f->target.amount, e)
		       : hugepage_pool_resize(o->roots, pool, f->target.amount, &got, e);
}

static int fix(const struct check_options *o, const struct finding *f, bool dry_run,
	       struct strbuf *log, struct err *e)
{
	uint64_t page;
	int r = parse_size(f->target.object, &page, e);

	if (!r)
		r = reserve(o, f, &page, dry_run, log, e);
	if (r)
		return r;
	/* 0: of the default size, for the whole host. */
	return persist_hugepages(o->roots, page, (int)f->target.node, f->target.amount, dry_run,
				 log, e);
}

const struct host_check check_hugepages = {
	.id = "hugepages",
	.summary = "enough hugepages are free",
	.probe = probe,
	.fix = fix,
};
