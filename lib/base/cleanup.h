/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scope attributes that release what a local variable owns, and the moves that hand it over. */
#pragma once

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _unused_                      __attribute__((unused))
#define _printf_(f, a)                __attribute__((format(printf, f, a)))
#define _cleanup_(fn)                 __attribute__((cleanup(fn)))
#define _free_                        _cleanup_(cleanup_free)
#define _close_                       _cleanup_(cleanup_close)
#define _fclose_                      _cleanup_(cleanup_fclose)
#define _closedir_                    _cleanup_(cleanup_closedir)
#define ARRAY_SIZE(a)                 (sizeof(a) / sizeof((a)[0]))
#define container_of(p, type, member) ((type *)(void *)((char *)(p)-offsetof(type, member)))

/* Declares cleanup_T() for locals of type `T *` whose destructor accepts NULL. */
#define DEFINE_CLEANUP(type, name, destroy)                                                        \
	static inline void cleanup_##name(type **p)                                                \
	{                                                                                          \
		destroy(*p);                                                                       \
	}

/* Hands over what a scoped pointer owns; the variable is left NULL. */
#define steal_ptr(p)                                                                               \
	({                                                                                         \
		__typeof__(p) steal_pp_ = (p);                                                     \
		__typeof__(*steal_pp_) steal_v_ = *steal_pp_;                                      \
		*steal_pp_ = NULL;                                                                 \
		steal_v_;                                                                          \
	})

/* Hands over a scoped descriptor; the variable is left -1. */
static inline int steal_fd(int *fd)
{
	int v = *fd;

	*fd = -1;
	return v;
}

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_close(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_fclose(FILE **f)
{
	if (*f)
		fclose(*f);
}

static inline void cleanup_closedir(DIR **d)
{
	if (*d)
		closedir(*d);
}
