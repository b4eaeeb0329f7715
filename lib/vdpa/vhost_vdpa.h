/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vhost-vdpa character device: its requests, typed. Its IOTLB messages: vhost_iotlb.h. */
#pragma once

#include "base/err.h"
#include "vdpa/vhost_uapi.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum vhost_backend_feature {
	VHOST_BACKEND_F_IOTLB_MSG_V2 = 1,
	VHOST_BACKEND_F_IOTLB_BATCH = 2,
	VHOST_BACKEND_F_SUSPEND = 4,
	VHOST_BACKEND_F_RESUME = 5,
	VHOST_BACKEND_F_ENABLE_AFTER_DRIVER_OK = 6,
	VHOST_BACKEND_F_IOTLB_PERSIST = 8,
};

struct vhost_vdpa_map {
	uint8_t perm; /* enum vhost_iotlb_perm */
	uint64_t iova, size, uaddr;
};

/*
 * One open device. The caller owns the struct; functions on one struct are not for two threads at
 * once, except that any thread may write a kick eventfd. fd is -1 when closed.
 */
struct vhost_vdpa {
	int fd;
	bool is_owner;
	uint32_t device_id;        /* virtio class, known from the moment of opening */
	uint64_t backend_features; /* acknowledged */
	uint16_t ring_size;        /* of every queue, once it turned out that none tells its own */
	struct vhost_vdpa_map
		*maps; /* owned: what is mapped now, to tell why a map fails and to renew */
	size_t n_maps;
};

#define VHOST_VDPA_INIT                                                                            \
	(struct vhost_vdpa)                                                                        \
	{                                                                                          \
		.fd = -1                                                                           \
	}
#define _vhost_vdpa_ _cleanup_(vhost_vdpa_close)

/*
 * All functions return 0 or negative errno. A request that this kernel or this device does not know
 * is -EOPNOTSUPP throughout. `v` is uninitialised before open and adopt.
 */

/*
 * Opens a node read-write, which resets the device. -EBUSY names the holder; -ENOTTY: the file is
 * no vhost-vdpa device; -EACCES, -ENOENT with hints.
 */
int vhost_vdpa_open(struct vhost_vdpa *v, const char *path, struct err *e);

/* Takes over a descriptor that was opened elsewhere (it is closed on failure too). */
int vhost_vdpa_adopt(struct vhost_vdpa *v, int fd, struct err *e);

/* Resets, unmaps and unpins all by closing; may be called twice. */
void vhost_vdpa_close(struct vhost_vdpa *v);

/* Makes this process's address space the owner, which it may be already: needed by all vring and
 * IOTLB functions. -EBUSY: another process is. */
int vhost_vdpa_set_owner(struct vhost_vdpa *v, struct err *e);

/* Acknowledges `wanted` as far as offered (bit masks) and notes it in backend_features; a kernel
 * without backend features gives 0. */
int vhost_vdpa_ack_backend_features(struct vhost_vdpa *v, uint64_t wanted, struct err *e);
int vhost_vdpa_get_backend_features(const struct vhost_vdpa *v, uint64_t *offered, struct err *e);
static inline bool vhost_vdpa_has_backend(const struct vhost_vdpa *v, enum vhost_backend_feature f)
{
	return v->backend_features >> f & 1;
}

int vhost_vdpa_get_features(const struct vhost_vdpa *v, uint64_t *features, struct err *e);
int vhost_vdpa_set_features(const struct vhost_vdpa *v, uint64_t features, struct err *e);
int vhost_vdpa_get_status(const struct vhost_vdpa *v, uint8_t *status, struct err *e);
/* 0 resets. Success says nothing: read it back (the kernel drops the parent's failure). */
int vhost_vdpa_set_status(const struct vhost_vdpa *v, uint8_t status, struct err *e);

int vhost_vdpa_get_config_size(const struct vhost_vdpa *v, uint32_t *size, struct err *e);
/* `len` of 1..VHOST_VDPA_CONFIG_MAX bytes. */
enum {
	VHOST_VDPA_CONFIG_MAX = 256
};
int vhost_vdpa_get_config(const struct vhost_vdpa *v, uint32_t offset, void *buf, size_t len,
			  struct err *e);
int vhost_vdpa_set_config(const struct vhost_vdpa *v, uint32_t offset, const void *buf, size_t len,
			  struct err *e);

/* Number of virtqueues, the control queue included. On kernels without the request it is probed,
 * which needs the owner. */
int vhost_vdpa_get_vqs_count(const struct vhost_vdpa *v, uint32_t *count, struct err *e);
/* The largest ring of any queue. */
int vhost_vdpa_get_vring_num(const struct vhost_vdpa *v, uint16_t *num, struct err *e);
/* The largest ring of queue `index`, as vring_num where the device does not say. */
int vhost_vdpa_get_vring_size(struct vhost_vdpa *v, uint32_t index, uint32_t *num, struct err *e);
/* 0..UINT64_MAX where the kernel does not say. */
int vhost_vdpa_get_iova_range(const struct vhost_vdpa *v, struct vhost_vdpa_iova_range *range,
			      struct err *e);
/* 1 where the kernel does not say. */
int vhost_vdpa_get_as_num(const struct vhost_vdpa *v, uint32_t *n, struct err *e);
int vhost_vdpa_get_group_num(const struct vhost_vdpa *v, uint32_t *n, struct err *e);

int vhost_vdpa_set_vring_num(const struct vhost_vdpa *v, uint32_t index, uint32_t num,
			     struct err *e);
int vhost_vdpa_set_vring_addr(const struct vhost_vdpa *v, const struct vhost_vring_addr *addr,
			      struct err *e);
int vhost_vdpa_set_vring_base(const struct vhost_vdpa *v, uint32_t index, uint32_t base,
			      struct err *e);
int vhost_vdpa_get_vring_base(const struct vhost_vdpa *v, uint32_t index, uint32_t *base,
			      struct err *e);
/* eventfds, or -1 to unbind; they stay the caller's. */
int vhost_vdpa_set_vring_kick(const struct vhost_vdpa *v, uint32_t index, int fd, struct err *e);
int vhost_vdpa_set_vring_call(const struct vhost_vdpa *v, uint32_t index, int fd, struct err *e);
int vhost_vdpa_set_config_call(const struct vhost_vdpa *v, int fd, struct err *e);
int vhost_vdpa_set_vring_enable(const struct vhost_vdpa *v, uint32_t index, bool enable,
				struct err *e);

int vhost_vdpa_suspend(const struct vhost_vdpa *v, struct err *e);
int vhost_vdpa_resume(const struct vhost_vdpa *v, struct err *e);

/* Maps the doorbell pages of queues 0 to n-1 side by side, write-only, a page of the host each;
 * -EOPNOTSUPP where the device does not have one for each (vhost_vdpa_mmap() in
 * drivers/vhost/vdpa.c). The caller unmaps them. */
int vhost_vdpa_map_doorbells(const struct vhost_vdpa *v, uint32_t n, void **pages, struct err *e);
