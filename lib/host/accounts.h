/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Users and groups. What /etc does not know, getent(1) is asked: a libc that is linked statically
 * cannot load the name services that a host may have (systemd, sssd, LDAP).
 */
#pragma once

#include "base/cleanup.h"

#include <stdbool.h>
#include <sys/types.h>

enum account_kind {
	ACCOUNT_USER,
	ACCOUNT_GROUP,
};

struct account {
	char name[64];
	id_t id;
	gid_t gid; /* a user's own group */
};

/* By name or by number; -ENOENT: there is none. */
int account_find(enum account_kind kind, const char *who, struct account *out);
int account_find_id(enum account_kind kind, id_t id, struct account *out);

/* The same of /etc alone, which starts no program. */
int account_find_local(enum account_kind kind, const char *who, struct account *out);
int account_find_id_local(enum account_kind kind, id_t id, struct account *out);

/* Is `user` named in the group, or is it the user's own? */
bool account_in_group(const char *user, gid_t gid, const char *group);

/* Makes the groups of this process those of `user`; for root. 0 or negative errno. */
int account_take_groups(const char *user, gid_t gid);

/* Calls `each` with every name. */
void account_names(enum account_kind kind, void (*each)(void *ctx, const char *name), void *ctx);
