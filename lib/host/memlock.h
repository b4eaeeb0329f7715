/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Locked memory: what VMs with pinning devices need, what the limit is. */
#pragma once

#include "base/err.h"
#include "base/roots.h"
#include "config/vm_config.h"

#include <stdbool.h>

struct memlock_limit {
	uint64_t soft, hard; /* bytes; UINT64_MAX: no limit */
};

struct memlock_need {
	uint64_t bytes;       /* for one VM: each pinning device pins the guest's memory again */
	unsigned int pinned;  /* devices that pin */
	unsigned int va;      /* devices that go by virtual address and pin nothing */
	unsigned int unknown; /* devices that do not exist (yet), or came as a descriptor */
};

/* What the devices of `config` pin, with a margin for what is not RAM. */
void memlock_need_get(const struct host_roots *roots, const struct vm_config *config,
		      struct memlock_need *out);

/* What `devices` pinning devices and `memory` bytes of guest memory need; UINT64_MAX if too large
 * to count. */
uint64_t memlock_need_of(uint64_t memory, unsigned int devices);

/* Of the calling process. */
int memlock_limit_get(struct memlock_limit *out, struct err *e);

/*
 * As limits.conf and limits.d give it to `user` at login (lines for the user, for one of their
 * groups as @GROUP, and for *); *found is false when no line applies and the default (8 MiB) holds.
 */
int memlock_limit_of_user(const struct host_roots *roots, const char *user,
			  struct memlock_limit *out, bool *found, struct err *e);

/* `bytes` as limits.d counts them, in whole KiB: rounded up, UINT64_MAX where that would wrap. */
uint64_t memlock_round_up(uint64_t bytes);

/* "NAME.service" of what a user calls a service; -EINVAL for what cannot be one. */
int unit_name_complete(const char *unit, char *name, size_t size, struct err *e);

/* As systemd gives it to a service: its unit file with drop-ins, the manager's default where they
 * say nothing. -ENOENT: no such unit file. */
int memlock_limit_of_unit(const struct host_roots *roots, const char *unit,
			  struct memlock_limit *out, struct err *e);

/* Raises the limit of this process to `need` bytes, the hard one too where that is permitted; what
 * it is then in *out. 0 also when it could not be raised that far. */
int memlock_raise(uint64_t need, struct memlock_limit *out, struct err *e);

/* Could memlock_raise go that far? Tried, and put back. */
bool memlock_can_raise(uint64_t need);

/* "8M", "unlimited". */
void memlock_format(uint64_t bytes, char *buf, size_t size);
