/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vendor statistics of one virtqueue of a vDPA device. */
#include "vdpa/dev_stats.h"

#include "vdpa/nl_handle.h"
#include "vdpa/virtio_names.h"

#include <errno.h>
#include <netlink/attr.h>
#include <string.h>

static int add_stat(struct vdpa_queue_stats *s, const char *name, uint64_t value, struct err *e)
{
	struct vdpa_stat *items = reallocarray(s->items, s->n + 1, sizeof(*items));

	if (!items)
		return err_nomem(e);
	s->items = items;
	items[s->n].name = strdup(name);
	items[s->n].value = value;
	if (!items[s->n].name)
		return err_nomem(e);
	s->n++;
	return 0;
}

/* A name and the value behind it, again and again; the policy has checked the length of each. */
static int decode_stats(struct vdpa_queue_stats *s, const struct vdpa_nl_reply *reply,
			struct err *e)
{
	const char *name = NULL;
	struct nlattr *attr;
	int rem, r = 0;

	nla_for_each_attr(attr, reply->payload, (int)reply->payload_len, rem)
	{
		if (nla_type(attr) == VDPA_ATTR_VENDOR_NAME) {
			name = nla_get_string(attr);
		} else if (nla_type(attr) == VDPA_ATTR_VENDOR_VALUE && name) {
			r = add_stat(s, name, nla_get_u64(attr), e);
			name = NULL;
		}
		if (r)
			return r;
	}
	return 0;
}

static int take(void *ctx, const struct vdpa_nl_reply *reply, struct err *e)
{
	struct vdpa_queue_stats *s = ctx;
	int r;

	*s = (struct vdpa_queue_stats){
		.id = vdpa_nl_u32(reply, VDPA_ATTR_DEV_ID),
		.queue_index = vdpa_nl_u32(reply, VDPA_ATTR_QUEUE_INDEX),
		.negotiated = vdpa_nl_u64(reply, VDPA_ATTR_NEGOTIATED_FEATURES),
		.max_vqp = vdpa_nl_u16(reply, VDPA_ATTR_NET_MAX_VQP),
	};
	r = decode_stats(s, reply, e);
	if (r)
		vdpa_queue_stats_clear(s);
	return r;
}

int vdpa_queue_stats_get(struct vdpa_nl *nl, const char *name, uint32_t queue_index,
			 struct vdpa_queue_stats *out, struct err *e)
{
	const struct vdpa_nl_attr attrs[] = {
		nl_string(VDPA_ATTR_DEV_NAME, name),
		{ .type = VDPA_ATTR_QUEUE_INDEX, .len = sizeof(queue_index), .data = &queue_index },
	};
	const struct vdpa_nl_request req = {
		.cmd = VDPA_CMD_DEV_VSTATS_GET,
		.what = name,
		.attrs = attrs,
		.n_attrs = ARRAY_SIZE(attrs),
		.reply = take,
		.ctx = out,
	};

	return vdpa_nl_request(nl, &req, e);
}

void vdpa_queue_stats_clear(struct vdpa_queue_stats *stats)
{
	for (size_t i = 0; i < stats->n; i++)
		free(stats->items[i].name);
	free(stats->items);
	*stats = (struct vdpa_queue_stats){ 0 };
}

const char *vdpa_queue_label(uint32_t id, uint64_t features, uint16_t max_vqp, uint32_t index)
{
	const uint64_t multi = UINT64_C(1) << VIRTIO_NET_F_MQ | UINT64_C(1) << VIRTIO_NET_F_RSS;
	uint32_t pairs = max_vqp && (features & multi) ? max_vqp : 1;

	if (id == VIRTIO_ID_BLOCK)
		return "request";
	if (id != VIRTIO_ID_NET)
		return "queue";
	if (features >> VIRTIO_NET_F_CTRL_VQ & 1 && index == 2 * pairs)
		return "ctrl";
	return index % 2 ? "tx" : "rx";
}
