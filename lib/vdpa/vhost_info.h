/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything that a vhost-vdpa device tells without an owner. */
#pragma once

#include "vdpa/vhost_vdpa.h"

enum vhost_info_field {
	VHOST_INFO_STATUS,
	VHOST_INFO_BACKEND_FEATURES,
	VHOST_INFO_VQS_COUNT,
	VHOST_INFO_VRING_NUM,
	VHOST_INFO_CONFIG_SIZE,
	VHOST_INFO_IOVA_RANGE,
	VHOST_INFO_AS_NUM,
	VHOST_INFO_GROUP_NUM,
	VHOST_INFO_CONFIG,
};

struct vhost_vdpa_info {
	uint32_t present; /* bit by enum vhost_info_field: kernels differ */
	uint32_t device_id;
	uint64_t features;
	uint64_t backend_features;
	uint8_t status;
	uint16_t vring_num;
	uint32_t vqs_count, config_size, as_num, group_num;
	struct vhost_vdpa_iova_range iova;
	uint8_t config[VHOST_VDPA_CONFIG_MAX];
	size_t config_len; /* of config[] filled: what the class defines, at most config_size */
};

static inline bool vhost_info_has(const struct vhost_vdpa_info *info, enum vhost_info_field f)
{
	return info->present >> f & 1;
}

/* Fills `out` (uninitialised before); nothing in it is to be freed. What this kernel or device does
 * not tell is left out of `present`; a request that fails otherwise ends it. */
int vhost_vdpa_info(const struct vhost_vdpa *v, struct vhost_vdpa_info *out, struct err *e);
