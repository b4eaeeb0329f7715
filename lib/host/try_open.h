/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opens a file as another user would, to learn whether they can. */
#pragma once

#include "base/err.h"

#include <sys/types.h>

struct try_user {
	char name[64];
	uid_t uid;
	gid_t gid;
};

/* Looks `user` (name or number; NULL: who calls) up; -ENOENT when there is none. */
int try_user_find(const char *user, struct try_user *out, struct err *e);

/* Makes this process that user, with their groups; for a child of root. 0 or negative errno. */
int try_user_become(const struct try_user *u);

/*
 * 0 when `u` can open `path` with `flags`, else the negative errno that open gave (no `struct err`:
 * the caller knows what it means). -EPERM also when only root could try as that user. A vhost-vdpa
 * node that is in use is -EBUSY, which says that permissions suffice.
 */
int try_open_as(const struct try_user *u, const char *path, int flags);
