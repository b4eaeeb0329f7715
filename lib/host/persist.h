/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settings that last over a reboot: udev rules, limits.d, units, modules-load.d, sysctl.d,
 * tmpfiles.d. */
#pragma once

#include "base/err.h"
#include "base/roots.h"
#include "base/strbuf.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Each writes one file of ours below the host's configuration folder, keeping what other calls put
 * there, also calls at the same time, and appends to `log` what it does and how to undo it. With
 * `dry_run` it only tells.
 */

/* udev gives the node of vDPA device `name` to `user` whenever it is bound. The rule goes by the
 * binding, since the character device itself has no event. */
int persist_node_owner(const struct host_roots *roots, const char *name, const char *user,
		       bool dry_run, struct strbuf *log, struct err *e);

/* limits.d: `bytes` of locked memory (UINT64_MAX: no limit) for `user` from the next login on. */
int persist_memlock(const struct host_roots *roots, const char *user, uint64_t bytes, bool dry_run,
		    struct strbuf *log, struct err *e);

/* The same for a systemd service, by a drop-in of its unit. */
int persist_unit_memlock(const struct host_roots *roots, const char *unit, uint64_t bytes,
			 bool dry_run, struct strbuf *log, struct err *e);

/* modules-load.d: the module is loaded at boot. */
int persist_module(const struct host_roots *roots, const char *module, bool dry_run,
		   struct strbuf *log, struct err *e);

/* `pages` of `page_size` bytes at boot: sysctl.d for the default size (0) of the whole host,
 * tmpfiles.d for others, and for a NUMA node (-1: none in particular), which needs the size. */
int persist_hugepages(const struct host_roots *roots, uint64_t page_size, int node, uint64_t pages,
		      bool dry_run, struct strbuf *log, struct err *e);
