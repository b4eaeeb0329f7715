/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Locked memory: what VMs with pinning devices need, what the limit is. */
#include "host/memlock.h"

#include "base/checked.h"
#include "base/parse.h"
#include "vdpa/sysfs.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

enum {
	/* Rings and tables outside guest RAM, and rounding to pages. */
	MARGIN = 1 << 20,
};

uint64_t memlock_need_of(uint64_t memory, unsigned int devices)
{
	uint64_t one, all;

	if (!devices)
		return 0;
	if (add_wraps(memory, MARGIN, &one) || mul_wraps(one, devices, &all))
		return UINT64_MAX;
	return all;
}

static int find_device(const struct host_roots *roots, const struct vdpa_config *row,
		       struct vdpa_sysfs_dev *dev)
{
	if (row->device)
		return vdpa_sysfs_get(roots, row->device, dev, NULL);
	if (row->path)
		return vdpa_sysfs_by_node(roots, row->path, dev, NULL);
	return -ENOENT;
}

void memlock_need_get(const struct host_roots *roots, const struct vm_config *config,
		      struct memlock_need *out)
{
	*out = (struct memlock_need){ 0 };
	for (size_t i = 0; i < config->n_vdpas; i++) {
		struct vdpa_sysfs_dev dev;

		if (find_device(roots, &config->vdpas[i], &dev))
			out->unknown++;
		else if (vdpa_sysfs_memory_kind(roots, &dev) == VDPA_MEMORY_VA)
			out->va++;
		else
			out->pinned++;
	}
	out->bytes = memlock_need_of(config->memory.size, out->pinned);
}

static uint64_t from_rlim(rlim_t v)
{
	return v == RLIM_INFINITY ? UINT64_MAX : v;
}

int memlock_limit_get(struct memlock_limit *out, struct err *e)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_MEMLOCK, &l) < 0)
		return err_errno(e, -errno, "cannot read the locked-memory limit");
	*out = (struct memlock_limit){ .soft = from_rlim(l.rlim_cur),
				       .hard = from_rlim(l.rlim_max) };
	return 0;
}

int memlock_raise(uint64_t need, struct memlock_limit *out, struct err *e)
{
	int r = memlock_limit_get(out, e);
	struct rlimit l;

	if (r || out->soft >= need)
		return r;
	/* Beyond the hard limit goes only CAP_SYS_RESOURCE; then as far as the hard one. */
	if (out->hard < need) {
		l = (struct rlimit){ .rlim_cur = need, .rlim_max = need };
		if (setrlimit(RLIMIT_MEMLOCK, &l) == 0)
			return memlock_limit_get(out, e);
		need = out->hard;
	}
	l.rlim_cur = need == UINT64_MAX ? RLIM_INFINITY : need;
	l.rlim_max = out->hard == UINT64_MAX ? RLIM_INFINITY : out->hard;
	if (setrlimit(RLIMIT_MEMLOCK, &l) < 0)
		return err_errno(e, -errno, "cannot raise the locked-memory limit");
	return memlock_limit_get(out, e);
}

bool memlock_can_raise(uint64_t need)
{
	struct rlimit before, wanted;

	if (getrlimit(RLIMIT_MEMLOCK, &before) < 0)
		return false;
	wanted = before;
	if (from_rlim(before.rlim_max) >= need)
		return true;
	wanted.rlim_max = need;
	if (setrlimit(RLIMIT_MEMLOCK, &wanted) < 0)
		return false;
	(void)setrlimit(RLIMIT_MEMLOCK, &before);
	return true;
}

void memlock_format(uint64_t bytes, char *buf, size_t size)
{
	if (bytes == UINT64_MAX)
		snprintf(buf, size, "unlimited");
	else
		format_size(bytes, buf, size);
}
