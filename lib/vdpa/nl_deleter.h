/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A process beside a netlink session that carries out deletions, since one that waits in the kernel
 * can neither be interrupted nor killed. */
#pragma once

#include "vdpa/netlink.h"

/*
 * Sends DEV_DEL for `name` from the child, which is started with the first one and serves the
 * session until it is closed. -ETIMEDOUT (without words): no result within `timeout_ms` (not 0);
 * the child is left behind and the session out of use.
 */
int nl_deleter_run(struct vdpa_nl *nl, const char *name, unsigned int timeout_ms, struct err *e);

/* Does a child that was left behind still wait in the kernel? Until it does not, to open another
 * session would mean to wait there as well. */
bool nl_deleter_waits(struct vdpa_nl *nl);

/* Ends the child of a session; none: nothing. */
void nl_deleter_stop(struct vdpa_nl *nl);
