/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hugepage pools of the host, per size and NUMA node. */
#pragma once

#include "base/err.h"
#include "base/roots.h"

#include <stddef.h>
#include <stdint.h>

struct hugepage_pool {
	uint64_t size;                 /* bytes of one page */
	int node;                      /* NUMA node, or -1 for the whole host */
	uint64_t total, free, surplus; /* pages */
	uint64_t reserved; /* promised to mappings, still counted as free; host pool only */
};

struct hugepage_list {
	struct hugepage_pool *items; /* owned; by size, each host pool before its nodes */
	size_t n;
	uint64_t default_size; /* hugepage_default_size; 0 if the kernel has no hugepages */
};

#define _hugepage_list_ _cleanup_(hugepage_list_clear)

/* Fills `out` (uninitialised before), which is empty on failure: the errno of what cannot be read,
 * -EINVAL where a file holds no number. A kernel without hugepages has an empty list. */
int hugepage_list_get(const struct host_roots *roots, struct hugepage_list *out, struct err *e);
void hugepage_list_clear(struct hugepage_list *list);

/* Bytes of the huge pages that one gets who asks for no size: those of the file system at
 * /dev/hugepages, else the kernel's default, else 2 MiB. */
uint64_t hugepage_default_size(const struct host_roots *roots);

/* The pool of that page size (0: the default) and node, or NULL. */
const struct hugepage_pool *hugepage_pool_find(const struct hugepage_list *list, uint64_t size,
					       int node);
/* Pages that a new mapping could get. */
uint64_t hugepage_pool_available(const struct hugepage_pool *pool);

/* The memory that so many more pages of the pool take (UINT64_MAX at most), and what the host has
 * available for them: false where that is less. A host that does not tell has UINT64_MAX. */
bool hugepage_memory_suffices(const struct host_roots *roots, const struct hugepage_pool *pool,
			      uint64_t pages, uint64_t *needed, uint64_t *available);

/* Would hugepage_pool_resize find fault before it changes anything? -ENOMEM: what the pool is to
 * get is more than the memory that is available. */
int hugepage_pool_check(const struct host_roots *roots, const struct hugepage_pool *pool,
			uint64_t total, struct err *e);

/*
 * Sets the number of pages of a pool and reads back into *got how many there really are: all or
 * nothing. -ENOSPC when the kernel found fewer: the pool gets back what it had, since half a
 * reservation helps nobody and takes memory from all.
 */
int hugepage_pool_resize(const struct host_roots *roots, const struct hugepage_pool *pool,
			 uint64_t total, uint64_t *got, struct err *e);
