/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The vhost-vdpa character device: requests and structs up to Linux 7.3 (distribution headers lack
 * the newer ones). Every number is spelled out for the system-call filter; do not include
 * <linux/vhost.h> beside it.
 */
#pragma once

#include <stdint.h>
#include <sys/ioctl.h>

struct vhost_vring_state {
	uint32_t index, num;
};

struct vhost_vring_file {
	uint32_t index;
	int32_t fd; /* -1 unbinds */
};

/* Ring addresses are IOVA: guest-physical addresses. */
struct vhost_vring_addr {
	uint32_t index, flags;
	uint64_t desc_user_addr, used_user_addr, avail_user_addr, log_guest_addr;
};

struct vhost_vdpa_config {
	uint32_t off, len;
	uint8_t buf[];
};

struct vhost_vdpa_iova_range {
	uint64_t first, last; /* inclusive */
};

enum vhost_iotlb_perm {
	VHOST_ACCESS_RO = 1,
	VHOST_ACCESS_WO = 2,
	VHOST_ACCESS_RW = 3,
};

enum vhost_iotlb_type {
	VHOST_IOTLB_UPDATE = 2,
	VHOST_IOTLB_INVALIDATE = 3,
	VHOST_IOTLB_BATCH_BEGIN = 5,
	VHOST_IOTLB_BATCH_END = 6,
};

enum {
	VHOST_IOTLB_MSG_V1 = 1,
	VHOST_IOTLB_MSG_V2 = 2,
};

/* Both message versions: version 1 has no asid (it is padding). Ours is always 0. */
struct vhost_iotlb_msg {
	uint32_t version, asid;
	uint64_t iova, size, uaddr;
	uint8_t perm, type;
	uint8_t pad[6 + 32]; /* the kernel's union holds 64 bytes */
};
_Static_assert(sizeof(struct vhost_iotlb_msg) == 72, "struct vhost_msg_v2 of the kernel");

#define VHOST_GET_FEATURES          _IOR(0xaf, 0x00, uint64_t)
#define VHOST_SET_FEATURES          _IOW(0xaf, 0x00, uint64_t)
#define VHOST_SET_OWNER             _IO(0xaf, 0x01)
#define VHOST_SET_VRING_NUM         _IOW(0xaf, 0x10, struct vhost_vring_state)
#define VHOST_SET_VRING_ADDR        _IOW(0xaf, 0x11, struct vhost_vring_addr)
#define VHOST_SET_VRING_BASE        _IOW(0xaf, 0x12, struct vhost_vring_state)
#define VHOST_GET_VRING_BASE        _IOWR(0xaf, 0x12, struct vhost_vring_state)
#define VHOST_SET_VRING_KICK        _IOW(0xaf, 0x20, struct vhost_vring_file)
#define VHOST_SET_VRING_CALL        _IOW(0xaf, 0x21, struct vhost_vring_file)
#define VHOST_SET_VRING_ERR         _IOW(0xaf, 0x22, struct vhost_vring_file)
#define VHOST_SET_BACKEND_FEATURES  _IOW(0xaf, 0x25, uint64_t)
#define VHOST_GET_BACKEND_FEATURES  _IOR(0xaf, 0x26, uint64_t)
#define VHOST_VDPA_GET_DEVICE_ID    _IOR(0xaf, 0x70, uint32_t)
#define VHOST_VDPA_GET_STATUS       _IOR(0xaf, 0x71, uint8_t)
#define VHOST_VDPA_SET_STATUS       _IOW(0xaf, 0x72, uint8_t)
#define VHOST_VDPA_GET_CONFIG       _IOR(0xaf, 0x73, struct vhost_vdpa_config)
#define VHOST_VDPA_SET_CONFIG       _IOW(0xaf, 0x74, struct vhost_vdpa_config)
#define VHOST_VDPA_SET_VRING_ENABLE _IOW(0xaf, 0x75, struct vhost_vring_state)
#define VHOST_VDPA_GET_VRING_NUM    _IOR(0xaf, 0x76, uint16_t)
#define VHOST_VDPA_SET_CONFIG_CALL  _IOW(0xaf, 0x77, int)
#define VHOST_VDPA_GET_IOVA_RANGE   _IOR(0xaf, 0x78, struct vhost_vdpa_iova_range)
#define VHOST_VDPA_GET_CONFIG_SIZE  _IOR(0xaf, 0x79, uint32_t)
#define VHOST_VDPA_GET_AS_NUM       _IOR(0xaf, 0x7a, uint32_t)
#define VHOST_VDPA_SUSPEND          _IO(0xaf, 0x7d)
#define VHOST_VDPA_RESUME           _IO(0xaf, 0x7e)
#define VHOST_VDPA_GET_VQS_COUNT    _IOR(0xaf, 0x80, uint32_t)
#define VHOST_VDPA_GET_GROUP_NUM    _IOR(0xaf, 0x81, uint32_t)
#define VHOST_VDPA_GET_VRING_SIZE   _IOWR(0xaf, 0x82, struct vhost_vring_state)
