/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hugepage pools of the host, per size and NUMA node. */
#include "host/hugepages.h"

#include "base/checked.h"
#include "base/file.h"
#include "base/parse.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>

/* A folder that is not there has nothing in it: *d is NULL then. */
static int open_folder(const char *path, DIR **d, struct err *e)
{
	*d = opendir(path);
	return *d || errno == ENOENT ? 0 : err_errno(e, -errno, "cannot read '%s'", path);
}

/* Some files are there for the host's pools alone: 0 then. */
static int read_number(const char *folder, const char *file, uint64_t *v, struct err *e)
{
	char path[PATH_MAX], word[24];
	struct err why = { 0 };
	int r;

	*v = 0;
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, file) >= sizeof(path))
		return err_set(e, -ENAMETOOLONG, "path of '%s' is too long", file);
	r = file_read_line(path, word, sizeof(word), &why);
	if (r)
		return r == -ENOENT ? 0 : err_pass(e, &why);
	return parse_uint(word, 0, UINT64_MAX, v, e) ? err_prefix(e, "'%s'", path) : 0;
}

/* NUMBER between a prefix and a suffix, as in "hugepages-2048kB" and "node1". */
static bool number_in(const char *name, const char *prefix, const char *suffix, uint64_t *v)
{
	size_t n = strlen(prefix), m = strlen(suffix), len = strlen(name);
	char word[24];

	if (len <= n + m || len - n - m >= sizeof(word) || strncmp(name, prefix, n) != 0 ||
	    strcmp(name + len - m, suffix) != 0)
		return false;
	snprintf(word, sizeof(word), "%.*s", (int)(len - n - m), name + n);
	return parse_uint(word, 0, UINT64_MAX >> 10, v, NULL) == 0;
}

static int read_pool(struct hugepage_list *list, const char *folder, uint64_t size, int node,
		     struct err *e)
{
	struct hugepage_pool *items = reallocarray(list->items, list->n + 1, sizeof(*items));
	struct hugepage_pool pool = { .size = size, .node = node };
	int r;

	if (!items)
		return err_nomem(e);
	list->items = items;
	r = read_number(folder, "nr_hugepages", &pool.total, e);
	if (!r)
		r = read_number(folder, "free_hugepages", &pool.free, e);
	if (!r)
		r = read_number(folder, "surplus_hugepages", &pool.surplus, e);
	if (!r)
		r = read_number(folder, "resv_hugepages", &pool.reserved, e);
	if (!r)
		items[list->n++] = pool;
	return r;
}

/* All sizes below one folder "hugepages". */
static int read_pools(struct hugepage_list *list, const char *folder, int node, struct err *e)
{
	_closedir_ DIR *d = NULL;
	const struct dirent *entry;
	char path[PATH_MAX];
	uint64_t kib;
	int r = open_folder(folder, &d, e);

	while (d && !r && (entry = readdir(d))) {
		if (!number_in(entry->d_name, "hugepages-", "kB", &kib) ||
		    (size_t)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name) >=
			    sizeof(path))
			continue;
		r = read_pool(list, path, kib << 10, node, e);
	}
	return r;
}

static int read_nodes(struct hugepage_list *list, const struct host_roots *at, struct err *e)
{
	_closedir_ DIR *d = NULL;
	const struct dirent *entry;
	char path[PATH_MAX];
	uint64_t node;
	int r;

	snprintf(path, sizeof(path), "%s/devices/system/node", at->sys);
	r = open_folder(path, &d, e);
	while (d && !r && (entry = readdir(d))) {
		if (!number_in(entry->d_name, "node", "", &node) || node > INT_MAX)
			continue;
		snprintf(path, sizeof(path), "%s/devices/system/node/node%llu/hugepages", at->sys,
			 (unsigned long long)node);
		r = read_pools(list, path, (int)node, e);
	}
	return r;
}

uint64_t hugepage_default_size(const struct host_roots *roots)
{
	const struct host_roots *at = host_roots_or_default(roots);
	char path[PATH_MAX];
	struct statfs fs;
	uint64_t size;

	snprintf(path, sizeof(path), "%s/hugepages", at->dev);
	if (statfs(path, &fs) == 0 && fs.f_type == HUGETLBFS_MAGIC)
		return (uint64_t)fs.f_bsize;
	snprintf(path, sizeof(path), "%s/meminfo", at->proc);
	return file_read_kib(path, "Hugepagesize", &size) && size ? size : 2 << 20;
}

static int by_size_and_node(const void *a, const void *b)
{
	const struct hugepage_pool *x = a, *y = b;

	if (x->size != y->size)
		return x->size < y->size ? -1 : 1;
	return x->node - y->node;
}

int hugepage_list_get(const struct host_roots *roots, struct hugepage_list *out, struct err *e)
{
	const struct host_roots *at = host_roots_or_default(roots);
	char path[PATH_MAX];
	int r;

	*out = (struct hugepage_list){ 0 };
	snprintf(path, sizeof(path), "%s/kernel/mm/hugepages", at->sys);
	r = read_pools(out, path, -1, e);
	if (!r)
		r = read_nodes(out, at, e);
	if (r) {
		hugepage_list_clear(out);
	} else if (out->n) {
		out->default_size = hugepage_default_size(at);
		qsort(out->items, out->n, sizeof(*out->items), by_size_and_node);
	}
	return r;
}

void hugepage_list_clear(struct hugepage_list *list)
{
	free(list->items);
	*list = (struct hugepage_list){ 0 };
}

const struct hugepage_pool *hugepage_pool_find(const struct hugepage_list *list, uint64_t size,
					       int node)
{
	if (!size)
		size = list->default_size;
	for (size_t i = 0; i < list->n; i++)
		if (list->items[i].size == size && list->items[i].node == node)
			return &list->items[i];
	return NULL;
}

uint64_t hugepage_pool_available(const struct hugepage_pool *pool)
{
	return pool->free > pool->reserved ? pool->free - pool->reserved : 0;
}

static void pool_folder(const struct host_roots *at, const struct hugepage_pool *pool, char *path,
			size_t size)
{
	unsigned long long kib = pool->size >> 10;

	if (pool->node < 0)
		snprintf(path, size, "%s/kernel/mm/hugepages/hugepages-%llukB", at->sys, kib);
	else
		snprintf(path, size, "%s/devices/system/node/node%d/hugepages/hugepages-%llukB",
			 at->sys, pool->node, kib);
}

bool hugepage_memory_suffices(const struct host_roots *roots, const struct hugepage_pool *pool,
			      uint64_t pages, uint64_t *needed, uint64_t *available)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/meminfo", host_roots_or_default(roots)->proc);
	if (!file_read_kib(path, "MemAvailable", available))
		*available = UINT64_MAX;
	if (mul_wraps(pages, pool->size, needed))
		*needed = UINT64_MAX;
	return *needed <= *available;
}

int hugepage_pool_check(const struct host_roots *roots, const struct hugepage_pool *pool,
			uint64_t total, struct err *e)
{
	uint64_t more = total > pool->total ? total - pool->total : 0, needed, available;
	char size[32];

	if (!more || hugepage_memory_suffices(roots, pool, more, &needed, &available))
		return 0;
	format_size(pool->size, size, sizeof(size));
	err_set(e, -ENOMEM,
		"%llu more hugepages of %s need %llu MiB of memory, %llu MiB are available",
		(unsigned long long)more, size, (unsigned long long)needed >> 20,
		(unsigned long long)available >> 20);
	err_hint(e, "free memory, or reserve less");
	return -ENOMEM;
}

static int write_total(const char *folder, uint64_t total, uint64_t *got, struct err *e)
{
	char path[PATH_MAX], word[24];
	int r;

	snprintf(path, sizeof(path), "%s/nr_hugepages", folder);
	format_uint(total, word);
	r = file_write_existing(path, word, e);
	return r ? r : read_number(folder, "nr_hugepages", got, e);
}

int hugepage_pool_resize(const struct host_roots *roots, const struct hugepage_pool *pool,
			 uint64_t total, uint64_t *got, struct err *e)
{
	/* The kernel counts surplus pages, and takes a number without them. */
	uint64_t before = pool->total > pool->surplus ? pool->total - pool->surplus : 0;
	uint64_t found;
	char folder[PATH_MAX / 2], size[32];
	int r = hugepage_pool_check(roots, pool, total, e);

	*got = pool->total;
	if (r)
		return r;
	pool_folder(host_roots_or_default(roots), pool, folder, sizeof(folder));
	r = write_total(folder, total, got, e);
	if (r || *got >= total)
		return r;
	found = *got;
	(void)write_total(folder, before, got, NULL);
	format_size(pool->size, size, sizeof(size));
	err_set(e, -ENOSPC,
		"the kernel found memory for %llu of %llu hugepages of %s: the pool has %llu again",
		(unsigned long long)found, (unsigned long long)total, size,
		(unsigned long long)*got);
	err_hint(e, "free memory, or reserve them at boot: memory gets fragmented with time");
	return -ENOSPC;
}
