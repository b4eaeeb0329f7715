/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory that a vhost-vdpa device may reach: IOTLB messages, and why they fail. */
#include "vdpa/vhost_iotlb.h"

#include "base/checked.h"
#include "base/file.h"
#include "base/parse.h"
#include "vdpa/sysfs.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* One message. -EFAULT stands for all that the kernel does not tell apart. */
static int message(const struct vhost_vdpa *v, enum vhost_iotlb_type type,
		   const struct vhost_vdpa_map *map)
{
	struct vhost_iotlb_msg m = { .type = (uint8_t)type };
	ssize_t n;

	m.version = vhost_vdpa_has_backend(v, VHOST_BACKEND_F_IOTLB_MSG_V2) ? VHOST_IOTLB_MSG_V2
									    : VHOST_IOTLB_MSG_V1;
	if (map) {
		m.iova = map->iova;
		m.size = map->size;
		m.uaddr = map->uaddr;
		m.perm = map->perm;
	}
	n = write(v->fd, &m, sizeof(m));
	if (n < 0)
		return -errno;
	return n == sizeof(m) ? 0 : -EIO;
}

static bool overlaps(const struct vhost_vdpa_map *a, const struct vhost_vdpa_map *b)
{
	return a->iova < b->iova + b->size && b->iova < a->iova + a->size;
}

/* Only where guest memory is certainly not pinned does the limit not matter. */
static bool may_pin(const struct vhost_vdpa *v)
{
	struct vdpa_sysfs_dev dev;
	struct stat st;

	return fstat(v->fd, &st) < 0 || vdpa_sysfs_by_number(NULL, st.st_rdev, &dev) ||
	       vdpa_sysfs_memory_kind(NULL, &dev) == VDPA_MEMORY_PINNED;
}

/* Would pinning this much go over RLIMIT_MEMLOCK? Pinning devices count without regard to root. */
static bool over_memlock(const struct vhost_vdpa_map *map, uint64_t *pinned, struct rlimit *limit)
{
	uint64_t sum;

	if (getrlimit(RLIMIT_MEMLOCK, limit) < 0 || limit->rlim_cur == RLIM_INFINITY)
		return false;
	if (!file_read_kib("/proc/self/status", "VmPin", pinned))
		*pinned = 0;
	return add_wraps(*pinned, map->size, &sum) || sum > limit->rlim_cur;
}

/* Tells why a well-formed UPDATE was answered with EFAULT. */
static int explain(const struct vhost_vdpa *v, const struct vhost_vdpa_map *map, struct err *e)
{
	unsigned long long first = map->iova, last = map->iova + map->size - 1;
	struct vhost_vdpa_iova_range range;
	struct rlimit limit;
	char need[32], have[32];
	uint64_t pinned, needed;

	if (!v->is_owner)
		return err_set(e, -EPERM, "cannot map guest memory: not the owner of the device");
	if (vhost_vdpa_get_iova_range(v, &range, NULL) == 0 &&
	    (map->iova < range.first || map->iova + (map->size - 1) > range.last))
		return err_set(e, -ERANGE,
			       "guest memory 0x%llx-0x%llx is outside what the device reaches "
			       "(0x%llx-0x%llx)",
			       first, last, (unsigned long long)range.first,
			       (unsigned long long)range.last);
	if (may_pin(v) && over_memlock(map, &pinned, &limit)) {
		needed = pinned + map->size;
		format_size(needed, need, sizeof(need));
		format_size(limit.rlim_cur, have, sizeof(have));
		err_set(e, -ENOMEM,
			"cannot pin guest memory 0x%llx-0x%llx: this process then has %s pinned, "
			"the locked-memory limit is %s (it binds root too)",
			first, last, need, have);
		/* The second is for a device that is added to a VM which runs. */
		err_hint(e,
			 "raise the limit: 'ulimit -l %llu' before the VM is started, or now, as "
			 "root, 'prlimit --pid %d --memlock=%llu'; see 'vdpactl check'",
			 (unsigned long long)((needed + 1023) >> 10), (int)getpid(),
			 (unsigned long long)needed);
		return -ENOMEM;
	}
	err_set(e, -EFAULT,
		"the device does not take guest memory 0x%llx-0x%llx: memory too fragmented for "
		"its IOTLB, or memory that cannot be pinned",
		first, last);
	err_hint(e, "use hugepages (--memory hugepages=on), or raise the parameter "
		    "max_iotlb_entries of the module vhost_vdpa; the kernel log may tell more");
	return -EFAULT;
}

static int check_map(const struct vhost_vdpa *v, const struct vhost_vdpa_map *map, struct err *e)
{
	uint64_t end;

	if (!map->size || add_wraps(map->iova, map->size - 1, &end) ||
	    add_wraps(map->uaddr, map->size - 1, &end))
		return err_set(e, -EINVAL, "guest memory at 0x%llx of 0x%llx bytes is no range",
			       (unsigned long long)map->iova, (unsigned long long)map->size);
	for (size_t i = 0; i < v->n_maps; i++)
		if (overlaps(map, &v->maps[i]))
			return err_set(
				e, -EEXIST,
				"guest memory 0x%llx-0x%llx overlaps what is mapped at 0x%llx-0x%llx",
				(unsigned long long)map->iova,
				(unsigned long long)(map->iova + map->size - 1),
				(unsigned long long)v->maps[i].iova,
				(unsigned long long)(v->maps[i].iova + v->maps[i].size - 1));
	return 0;
}

int vhost_vdpa_map(struct vhost_vdpa *v, const struct vhost_vdpa_map *map, struct err *e)
{
	struct vhost_vdpa_map *maps;
	int r = check_map(v, map, e);

	if (r)
		return r;
	maps = reallocarray(v->maps, v->n_maps + 1, sizeof(*maps));
	if (!maps)
		return err_nomem(e);
	v->maps = maps;
	r = message(v, VHOST_IOTLB_UPDATE, map);
	if (r == -EFAULT)
		return explain(v, map, e);
	if (r)
		return err_errno(e, r, "cannot map guest memory at 0x%llx into the device",
				 (unsigned long long)map->iova);
	v->maps[v->n_maps++] = *map;
	return 0;
}

int vhost_vdpa_unmap(struct vhost_vdpa *v, uint64_t iova, uint64_t size, struct err *e)
{
	struct vhost_vdpa_map map = { .iova = iova, .size = size };
	int r;

	for (size_t i = 0; i < v->n_maps; i++) {
		if (v->maps[i].iova != iova || v->maps[i].size != size)
			continue;
		r = message(v, VHOST_IOTLB_INVALIDATE, &map);
		if (r)
			return err_errno(e, r, "cannot unmap guest memory at 0x%llx",
					 (unsigned long long)iova);
		v->maps[i] = v->maps[--v->n_maps];
		return 0;
	}
	/* A part of a mapping would remove all of it. */
	return err_set(e, -ENOENT, "guest memory at 0x%llx of 0x%llx bytes is not mapped",
		       (unsigned long long)iova, (unsigned long long)size);
}

static int batch(const struct vhost_vdpa *v, enum vhost_iotlb_type type, struct err *e)
{
	int r;

	if (!vhost_vdpa_has_backend(v, VHOST_BACKEND_F_IOTLB_BATCH))
		return 0;
	r = message(v, type, NULL);
	return r ? err_errno(e, r, "cannot batch mappings of guest memory") : 0;
}

int vhost_vdpa_batch_begin(const struct vhost_vdpa *v, struct err *e)
{
	return batch(v, VHOST_IOTLB_BATCH_BEGIN, e);
}

int vhost_vdpa_batch_end(const struct vhost_vdpa *v, struct err *e)
{
	return batch(v, VHOST_IOTLB_BATCH_END, e);
}

int vhost_vdpa_renew_maps(struct vhost_vdpa *v, struct err *e)
{
	int r, end;

	if (!v->n_maps || vhost_vdpa_has_backend(v, VHOST_BACKEND_F_IOTLB_PERSIST))
		return 0;
	r = vhost_vdpa_batch_begin(v, e);
	if (r)
		return r;
	/* What the kernel still lists it would not take a second time. */
	for (size_t i = 0; !r && i < v->n_maps; i++)
		r = message(v, VHOST_IOTLB_INVALIDATE, &v->maps[i]);
	for (size_t i = 0; !r && i < v->n_maps; i++)
		r = message(v, VHOST_IOTLB_UPDATE, &v->maps[i]);
	if (r)
		err_errno(e, r, "cannot renew the mappings of guest memory after a reset");
	end = vhost_vdpa_batch_end(v, r ? NULL : e);
	return r ? r : end;
}
