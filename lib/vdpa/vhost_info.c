/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything that a vhost-vdpa device tells without an owner. */
#include "vdpa/vhost_info.h"

#include "vdpa/virtio_names.h"

#include <errno.h>
#include <string.h>

enum {
	/* What the classes define; a pci parent shows its whole window of 4096 bytes. */
	NET_CONFIG_SIZE = 24,
	BLK_CONFIG_SIZE = 96,
	OTHER_CONFIG_SIZE = 64,
};

static uint32_t class_config_size(uint32_t id)
{
	if (id == VIRTIO_ID_NET)
		return NET_CONFIG_SIZE;
	return id == VIRTIO_ID_BLOCK ? BLK_CONFIG_SIZE : OTHER_CONFIG_SIZE;
}

/* Notes a field when it was read; what this kernel lacks is left out. */
static int note(struct vhost_vdpa_info *info, enum vhost_info_field field, int r)
{
	if (!r)
		info->present |= 1U << field;
	return r == -EOPNOTSUPP || r == -EPERM ? 0 : r;
}

static int read_config(const struct vhost_vdpa *v, struct vhost_vdpa_info *info, struct err *e)
{
	uint32_t size = class_config_size(info->device_id);
	int r;

	if (vhost_info_has(info, VHOST_INFO_CONFIG_SIZE) && info->config_size < size)
		size = info->config_size;
	if (!size)
		return 0;
	r = vhost_vdpa_get_config(v, 0, info->config, size, e);
	if (!r)
		info->config_len = size;
	/* A kernel that does not tell the size may have a smaller one. */
	return note(info, VHOST_INFO_CONFIG, r == -EINVAL ? -EOPNOTSUPP : r);
}

int vhost_vdpa_info(const struct vhost_vdpa *v, struct vhost_vdpa_info *out, struct err *e)
{
	struct vhost_vdpa_info *i = out;
	int r;

	memset(i, 0, sizeof(*i));
	i->device_id = v->device_id;
	r = vhost_vdpa_get_features(v, &i->features, e);
	if (!r)
		r = note(i, VHOST_INFO_STATUS, vhost_vdpa_get_status(v, &i->status, e));
	if (!r)
		r = note(i, VHOST_INFO_BACKEND_FEATURES,
			 vhost_vdpa_get_backend_features(v, &i->backend_features, e));
	if (!r)
		r = note(i, VHOST_INFO_VQS_COUNT, vhost_vdpa_get_vqs_count(v, &i->vqs_count, e));
	if (!r)
		r = note(i, VHOST_INFO_VRING_NUM, vhost_vdpa_get_vring_num(v, &i->vring_num, e));
	if (!r)
		r = note(i, VHOST_INFO_CONFIG_SIZE,
			 vhost_vdpa_get_config_size(v, &i->config_size, e));
	if (!r)
		r = note(i, VHOST_INFO_IOVA_RANGE, vhost_vdpa_get_iova_range(v, &i->iova, e));
	if (!r)
		r = note(i, VHOST_INFO_AS_NUM, vhost_vdpa_get_as_num(v, &i->as_num, e));
	if (!r)
		r = note(i, VHOST_INFO_GROUP_NUM, vhost_vdpa_get_group_num(v, &i->group_num, e));
	return r ? r : read_config(v, i, e);
}
