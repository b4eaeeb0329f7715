/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dev config, dev stats: what netlink tells of a device's virtio side. */
#include "cmd/cmds.h"

#include "base/parse.h"
#include "output/bit_names.h"
#include "shell/complete.h"
#include "vdpa/dev.h"
#include "vdpa/dev_config.h"
#include "vdpa/dev_stats.h"
#include "vdpa/virtio_names.h"

#include <errno.h>

struct config_args {
	struct arg_words devices;
};

static const struct arg config_rows[] = {
	ARG_WORDS_ROW(config_args, devices, "DEVICE", "device; all where none is given",
		      .complete = complete_devices),
};

static void put_net(struct output *o, const struct vdpa_dev_config *c)
{
	char mac[18];

	if (vdpa_has(c->present, VDPA_ATTR_NET_MACADDR)) {
		format_mac(c->net.mac, mac, sizeof(mac));
		out_str(o, "mac", "mac", mac);
	}
	if (vdpa_has(c->present, VDPA_ATTR_NET_STATUS)) {
		out_str(o, "link", "link", c->net.status & 1 ? "up" : "down");
		out_bool(o, "link_announce", "link_announce", c->net.status & 2);
	}
	if (vdpa_has(c->present, VDPA_ATTR_NET_MAX_VQP))
		out_uint(o, "max_vq_pairs", "max_vq_pairs", c->net.max_vqp);
	if (vdpa_has(c->present, VDPA_ATTR_NET_MTU))
		out_uint(o, "mtu", "mtu", c->net.mtu);
}

static void put_blk(struct output *o, const struct vdpa_dev_config *c)
{
	const struct vdpa_blk_config *b = &c->blk;
	const struct {
		enum vdpa_attr attr;
		const char *key;
		uint64_t value;
	} rows[] = {
		{ VDPA_ATTR_BLK_BLK_SIZE, "blk_size", b->blk_size },
		{ VDPA_ATTR_BLK_NUM_QUEUES, "num_queues", b->num_queues },
		{ VDPA_ATTR_BLK_SIZE_MAX, "size_max", b->size_max },
		{ VDPA_ATTR_BLK_SEG_MAX, "seg_max", b->seg_max },
		{ VDPA_ATTR_BLK_PHY_BLK_EXP, "phy_blk_exp", b->phy_blk_exp },
		{ VDPA_ATTR_BLK_ALIGN_OFFSET, "align_offset", b->align_offset },
		{ VDPA_ATTR_BLK_MIN_IO_SIZE, "min_io_size", b->min_io_size },
		{ VDPA_ATTR_BLK_OPT_IO_SIZE, "opt_io_size", b->opt_io_size },
		{ VDPA_ATTR_BLK_MAX_DISCARD_SEC, "max_discard_sec", b->max_discard_sec },
		{ VDPA_ATTR_BLK_MAX_DISCARD_SEG, "max_discard_seg", b->max_discard_seg },
		{ VDPA_ATTR_BLK_DISCARD_SEC_ALIGN, "discard_sec_align", b->discard_sec_align },
		{ VDPA_ATTR_BLK_MAX_WRITE_ZEROES_SEC, "max_write_zeroes_sec",
		  b->max_write_zeroes_sec },
		{ VDPA_ATTR_BLK_MAX_WRITE_ZEROES_SEG, "max_write_zeroes_seg",
		  b->max_write_zeroes_seg },
	};

	if (vdpa_has(c->present, VDPA_ATTR_BLK_CAPACITY)) {
		out_uint(o, "capacity", NULL, b->capacity);
		out_size(o, NULL, "capacity", b->capacity * 512);
	}
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (vdpa_has(c->present, rows[i].attr))
			out_uint(o, rows[i].key, rows[i].key, rows[i].value);
	if (vdpa_has(c->present, VDPA_ATTR_BLK_READ_ONLY))
		out_bool(o, "read_only", "read_only", b->read_only);
	if (vdpa_has(c->present, VDPA_ATTR_BLK_FLUSH))
		out_bool(o, "flush", "flush", b->flush);
}

static int put_config(struct session *s, struct vdpa_nl *nl, const char *name, bool all,
		      struct err *e)
{
	_vdpa_dev_config_ struct vdpa_dev_config c = { 0 };
	int r = vdpa_dev_config_get(nl, name, &c, e);

	/* A class that has no configuration in netlink, or a device that went meanwhile, must not
	 * hide the others. */
	if (all && (r == -EOPNOTSUPP || r == -ENODEV))
		return 0;
	if (r)
		return r;
	out_item(&s->out, c.name);
	put_net(&s->out, &c);
	put_blk(&s->out, &c);
	if (vdpa_has(c.present, VDPA_ATTR_NEGOTIATED_FEATURES))
		out_features(&s->out, "negotiated_features", "negotiated_features", c.id,
			     c.negotiated);
	if (vdpa_has(c.present, VDPA_ATTR_DEV_FEATURES))
		out_features(&s->out, "dev_features", "dev_features", c.id, c.features);
	return 0;
}

static int run_config(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct config_args *a = args;
	_vdpa_dev_list_ struct vdpa_dev_list list = { 0 };
	struct vdpa_nl *nl;
	int r = session_nl(s, &nl, e);

	(void)n;
	if (!r && !a->devices.n)
		r = vdpa_dev_list(nl, &list, e);
	if (r)
		return r;
	out_begin(&s->out, "config", OUT_RECORDS, OUT_MAP, "DEVICE");
	for (size_t i = 0; !r && i < a->devices.n; i++)
		r = put_config(s, nl, a->devices.list[i], false, e);
	for (size_t i = 0; !r && i < list.n; i++)
		r = put_config(s, nl, list.items[i].name, true, e);
	out_end(&s->out);
	return r;
}

struct stats_args {
	const char *device;
	struct arg_number queue;
};

static const struct arg stats_rows[] = {
	ARG_WORD_ROW(stats_args, device, "DEVICE", "device", .required = true,
		     .complete = complete_devices),
	{
		.name = "qidx",
		.style = ARG_KEYWORD,
		.type = ARG_NUMBER,
		.value = "INDEX",
		.help = "virtqueue; all of them where none is given",
		.max = 0x8000,
		ARG_FIELD(stats_args, queue, struct arg_number),
	},
};

static void put_queue(struct output *o, const struct vdpa_queue_stats *q)
{
	char head[32];

	out_item(o, NULL);
	out_str(o, "queue_type", NULL,
		vdpa_queue_label(q->id, q->negotiated, q->max_vqp, q->queue_index));
	out_uint(o, "queue_index", NULL, q->queue_index);
	if (o->json) {
		out_open(o, "stats");
		for (size_t i = 0; i < q->n; i++)
			out_uint(o, q->items[i].name, NULL, q->items[i].value);
		out_close(o);
		return;
	}
	for (size_t i = 0; i < q->n; i++) {
		if (i)
			out_item(o, NULL);
		snprintf(head, sizeof(head), "%u", q->queue_index);
		out_str(o, NULL, "QUEUE", head);
		out_str(o, NULL, "TYPE",
			vdpa_queue_label(q->id, q->negotiated, q->max_vqp, q->queue_index));
		out_str(o, NULL, "COUNTER", q->items[i].name);
		out_uint(o, NULL, "VALUE", q->items[i].value);
	}
}

static int run_stats(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct stats_args *a = args;
	_vdpa_dev_ struct vdpa_dev d = { 0 };
	uint32_t first = (uint32_t)a->queue.value, end = first + 1;
	struct vdpa_nl *nl;
	int r = session_nl(s, &nl, e);

	(void)n;
	if (!r)
		r = vdpa_dev_get(nl, a->device, &d, e);
	if (r)
		return r;
	if (!a->queue.given)
		end = d.max_vqs;
	out_open(&s->out, "vstats");
	out_open(&s->out, d.name);
	out_begin(&s->out, "queues", OUT_TABLE, OUT_LIST, NULL);
	for (uint32_t i = first; !r && i < end; i++) {
		_vdpa_queue_stats_ struct vdpa_queue_stats q = { 0 };

		r = vdpa_queue_stats_get(nl, a->device, i, &q, e);
		/* A device may have fewer queues in use than it could have. */
		if (r == -EINVAL && i > first) {
			r = 0;
			break;
		}
		if (!r)
			put_queue(&s->out, &q);
	}
	out_end(&s->out);
	out_close(&s->out);
	out_close(&s->out);
	return r;
}

const struct command command_dev_config = {
	.path = "dev config",
	.alias = "dev config show",
	.summary = "Show the virtio configuration of vDPA devices",
	.example = "vdpactl dev config vdpa-blk1",
	COMMAND_ARGS(config_rows, config_args),
	.run = run_config,
};

const struct command command_dev_stats = {
	.path = "dev stats",
	.alias = "dev vstats show",
	.summary = "Show the counters of a vDPA device's virtqueues",
	.example = "vdpactl dev stats vdpa-net1 qidx 1",
	COMMAND_ARGS(stats_rows, stats_args),
	.run = run_stats,
};
