/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Waiting for what the kernel does in its own time. */
#include "wait_for.h"

#include "held_signals.h"
#include "vdpa/sysfs.h"

#include <errno.h>
#include <time.h>

static int pause_a_little(struct err *e)
{
	static const struct timespec step = { .tv_nsec = WAIT_STEP_MS * 1000000L };

	nanosleep(&step, NULL);
	return signals_check(e);
}

int wait_for_node(const char *name, struct err *e)
{
	_free_ struct vdpa_sysfs_dev *dev = malloc(sizeof(*dev));
	char node[VDPA_NODE_MAX];

	if (!dev)
		return err_nomem(e);
	for (unsigned waited = 0; waited < WAIT_TIMEOUT_MS; waited += WAIT_STEP_MS) {
		if (!vdpa_sysfs_get(NULL, name, dev, NULL) && dev->node_exists)
			return 0;
		if (pause_a_little(e))
			return -EINTR;
	}
	if (vdpa_sysfs_node(NULL, name, node, e))
		return -ETIMEDOUT;
	return err_set(e, -ETIMEDOUT, "%s: '%s' did not appear within %d s", name, node,
		       WAIT_TIMEOUT_MS / 1000);
}

int wait_until_gone(const char *name, struct err *e)
{
	_free_ struct vdpa_sysfs_dev *dev = malloc(sizeof(*dev));

	if (!dev)
		return err_nomem(e);
	for (unsigned waited = 0; waited < WAIT_TIMEOUT_MS; waited += WAIT_STEP_MS) {
		if (vdpa_sysfs_get(NULL, name, dev, NULL) == -ENODEV)
			return 0;
		if (pause_a_little(e))
			return -EINTR;
	}
	return err_set(e, -ETIMEDOUT, "%s: still there after %d s", name, WAIT_TIMEOUT_MS / 1000);
}
