/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The virtio configuration of a vDPA device as generic netlink shows it. */
#include "vdpa/dev_config.h"

#include "vdpa/nl_handle.h"
#include "vdpa/virtio_names.h"

#include <errno.h>
#include <netlink/attr.h>
#include <string.h>

static void decode_net(const struct vdpa_nl_reply *reply, struct vdpa_net_config *net)
{
	if (reply->attrs[VDPA_ATTR_NET_MACADDR])
		memcpy(net->mac, nla_data(reply->attrs[VDPA_ATTR_NET_MACADDR]), sizeof(net->mac));
	net->mtu = vdpa_nl_u16(reply, VDPA_ATTR_NET_MTU);
	net->max_vqp = vdpa_nl_u16(reply, VDPA_ATTR_NET_MAX_VQP);
	net->status = vdpa_nl_u16(reply, VDPA_ATTR_NET_STATUS);
}

static void decode_blk(const struct vdpa_nl_reply *reply, struct vdpa_blk_config *blk)
{
	*blk = (struct vdpa_blk_config){
		.capacity = vdpa_nl_u64(reply, VDPA_ATTR_BLK_CAPACITY),
		.size_max = vdpa_nl_u32(reply, VDPA_ATTR_BLK_SIZE_MAX),
		.blk_size = vdpa_nl_u32(reply, VDPA_ATTR_BLK_BLK_SIZE),
		.seg_max = vdpa_nl_u32(reply, VDPA_ATTR_BLK_SEG_MAX),
		.num_queues = vdpa_nl_u16(reply, VDPA_ATTR_BLK_NUM_QUEUES),
		.phy_blk_exp = vdpa_nl_u8(reply, VDPA_ATTR_BLK_PHY_BLK_EXP),
		.align_offset = vdpa_nl_u8(reply, VDPA_ATTR_BLK_ALIGN_OFFSET),
		.min_io_size = vdpa_nl_u16(reply, VDPA_ATTR_BLK_MIN_IO_SIZE),
		.opt_io_size = vdpa_nl_u32(reply, VDPA_ATTR_BLK_OPT_IO_SIZE),
		.max_discard_sec = vdpa_nl_u32(reply, VDPA_ATTR_BLK_MAX_DISCARD_SEC),
		.max_discard_seg = vdpa_nl_u32(reply, VDPA_ATTR_BLK_MAX_DISCARD_SEG),
		.discard_sec_align = vdpa_nl_u32(reply, VDPA_ATTR_BLK_DISCARD_SEC_ALIGN),
		.max_write_zeroes_sec = vdpa_nl_u32(reply, VDPA_ATTR_BLK_MAX_WRITE_ZEROES_SEC),
		.max_write_zeroes_seg = vdpa_nl_u32(reply, VDPA_ATTR_BLK_MAX_WRITE_ZEROES_SEG),
		.read_only = vdpa_nl_u8(reply, VDPA_ATTR_BLK_READ_ONLY),
		.flush = vdpa_nl_u8(reply, VDPA_ATTR_BLK_FLUSH),
	};
}

static int take(void *ctx, const struct vdpa_nl_reply *reply, struct err *e)
{
	struct vdpa_dev_config *c = ctx;
	const char *name = vdpa_nl_str(reply, VDPA_ATTR_DEV_NAME);

	if (!name)
		return err_set(e, -EPROTO, "a vDPA device without a name");
	memset(c, 0, sizeof(*c));
	c->name = strdup(name);
	if (!c->name)
		return err_nomem(e);
	c->present = reply->present;
	c->id = vdpa_nl_u32(reply, VDPA_ATTR_DEV_ID);
	c->features = vdpa_nl_u64(reply, VDPA_ATTR_DEV_FEATURES);
	c->negotiated = vdpa_nl_u64(reply, VDPA_ATTR_NEGOTIATED_FEATURES);
	decode_net(reply, &c->net);
	decode_blk(reply, &c->blk);
	return 0;
}

struct pick {
	const char *name;
	struct vdpa_dev_config *out;
};

static int pick(void *ctx, const struct vdpa_nl_reply *reply, struct err *e)
{
	const struct pick *p = ctx;
	const char *name = vdpa_nl_str(reply, VDPA_ATTR_DEV_NAME);

	return name && !p->out->name && strcmp(name, p->name) == 0 ? take(p->out, reply, e) : 0;
}

/* Where a class without a configuration ends the list before it, -ENODEV. */
static int pick_from_list(struct vdpa_nl *nl, const char *name, struct vdpa_dev_config *out,
			  struct err *e)
{
	struct pick p = { .name = name, .out = out };
	const struct vdpa_nl_request req = {
		.cmd = VDPA_CMD_DEV_CONFIG_GET,
		.dump = true,
		.reply = pick,
		.ctx = &p,
	};
	int r, tries = NL_DUMP_TRIES;

	do {
		vdpa_dev_config_clear(out);
		r = vdpa_nl_request(nl, &req, e);
	} while (r == -EINTR && --tries);
	if (r)
		vdpa_dev_config_clear(out);
	if (r || out->name)
		return r;
	return err_set(e, -ENODEV, "no configuration of a vDPA device '%s'", name);
}

int vdpa_dev_config_get(struct vdpa_nl *nl, const char *name, struct vdpa_dev_config *out,
			struct err *e)
{
	const struct vdpa_nl_attr attr = nl_string(VDPA_ATTR_DEV_NAME, name);
	const struct vdpa_nl_request req = {
		.cmd = VDPA_CMD_DEV_CONFIG_GET,
		.what = name,
		.attrs = &attr,
		.n_attrs = 1,
		.reply = take,
		.ctx = out,
	};
	struct err why = { 0 };
	int r = vdpa_nl_request(nl, &req, &why);

	/* The kernel's answer about one device has less room for its name than the list has. */
	if (r == -EMSGSIZE)
		return pick_from_list(nl, name, out, e);
	return r ? err_pass(e, &why) : 0;
}

void vdpa_dev_config_clear(struct vdpa_dev_config *config)
{
	free(config->name);
	memset(config, 0, sizeof(*config));
}

bool vdpa_dev_lacks_address(struct vdpa_nl *nl, const char *name)
{
	static const uint8_t none[6];
	struct vdpa_dev_config config;
	bool lacks;

	if (vdpa_dev_config_get(nl, name, &config, NULL))
		return false;
	lacks = config.id == VIRTIO_ID_NET && vdpa_has(config.present, VDPA_ATTR_NET_MACADDR) &&
		!memcmp(config.net.mac, none, sizeof(none));
	vdpa_dev_config_clear(&config);
	return lacks;
}
