/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A folder with files for tests that redirect /sys, /dev, /proc and /etc. */
#pragma once

#include "base/file.h"
#include "base/roots.h"

#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct fake_tree {
	char top[64], sys[80], dev[80], proc[80], etc[80], run[80], modules[80];
	struct host_roots roots;
};

static inline void fake_tree_make(struct fake_tree *t)
{
	snprintf(t->top, sizeof(t->top), "%s", "/tmp/vdpa-unit.XXXXXX");
	assert_non_null(mkdtemp(t->top));
	snprintf(t->sys, sizeof(t->sys), "%s/sys", t->top);
	snprintf(t->dev, sizeof(t->dev), "%s/dev", t->top);
	snprintf(t->proc, sizeof(t->proc), "%s/proc", t->top);
	snprintf(t->etc, sizeof(t->etc), "%s/etc", t->top);
	snprintf(t->run, sizeof(t->run), "%s/run", t->top);
	snprintf(t->modules, sizeof(t->modules), "%s/modules", t->top);
	t->roots = (struct host_roots){
		.sys = t->sys,
		.dev = t->dev,
		.proc = t->proc,
		.etc = t->etc,
		.run = t->run,
		.modules = t->modules,
	};
	assert_int_equal(mkdir(t->sys, 0755), 0);
	assert_int_equal(mkdir(t->dev, 0755), 0);
	assert_int_equal(mkdir(t->proc, 0755), 0);
	assert_int_equal(mkdir(t->etc, 0755), 0);
	assert_int_equal(mkdir(t->run, 0755), 0);
	assert_int_equal(mkdir(t->modules, 0755), 0);
}

/* The folder of `path` below the tree, made. */
static inline void fake_tree_path(const struct fake_tree *t, const char *path, char *full)
{
	char *slash;

	snprintf(full, PATH_MAX, "%s/%s", t->top, path);
	slash = strrchr(full, '/');
	*slash = '\0';
	assert_int_equal(file_mkdirs(full, 0755, NULL), 0);
	*slash = '/';
}

static inline void fake_tree_file(const struct fake_tree *t, const char *path, const char *text)
{
	char full[PATH_MAX];
	FILE *f;

	fake_tree_path(t, path, full);
	f = fopen(full, "we");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static inline void fake_tree_link(const struct fake_tree *t, const char *path, const char *target)
{
	char full[PATH_MAX];

	fake_tree_path(t, path, full);
	assert_int_equal(symlink(target, full), 0);
}

static inline char *fake_tree_read(const struct fake_tree *t, const char *path)
{
	char full[PATH_MAX];
	char *text = NULL;

	snprintf(full, sizeof(full), "%s/%s", t->top, path);
	assert_int_equal(file_read(full, 65536, &text, NULL, NULL), 0);
	return text;
}

static inline int fake_tree_remove_one(const char *path, const struct stat *st, int type,
				       struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

static inline void fake_tree_remove(struct fake_tree *t)
{
	nftw(t->top, fake_tree_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
