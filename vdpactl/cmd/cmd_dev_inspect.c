/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dev inspect: what a device's character device tells of it. */
#include "cmd/cmds.h"

#include "output/bit_names.h"
#include "shell/complete.h"
#include "vdpa/sysfs.h"
#include "vdpa/vhost_info.h"

#include <inttypes.h>
#include <string.h>

struct inspect_args {
	struct arg_words devices;
};

static void complete_device_or_node(struct session *s, struct completion *c)
{
	if (c->partial[0] == '/')
		c->files = true;
	else
		complete_devices(s, c);
}

static const struct arg rows[] = {
	ARG_WORDS_ROW(inspect_args, devices, "DEVICE", "device name, or the path of its node",
		      .required = true, .complete = complete_device_or_node),
};

static void put_config_bytes(struct output *o, const struct vhost_vdpa_info *info)
{
	_strbuf_ struct strbuf sb = { 0 };

	for (size_t i = 0; i < info->config_len; i++)
		strbuf_printf(&sb, "%02x", (unsigned)info->config[i]);
	out_str(o, "config", "config", strbuf_text(&sb));
	o->sb.failed |= sb.failed;
}

static void put_info(struct output *o, const struct vhost_vdpa_info *info)
{
	char range[64];

	out_class(o, "class", "class", info->device_id);
	out_features(o, "features", "features", info->device_id, info->features);
	if (vhost_info_has(info, VHOST_INFO_BACKEND_FEATURES))
		out_backend_features(o, "backend_features", "backend_features",
				     info->backend_features);
	if (vhost_info_has(info, VHOST_INFO_STATUS))
		out_status(o, "status", "status", info->status);
	if (vhost_info_has(info, VHOST_INFO_VQS_COUNT))
		out_uint(o, "queues", "queues", info->vqs_count);
	if (vhost_info_has(info, VHOST_INFO_VRING_NUM))
		out_uint(o, "max_queue_size", "max_queue_size", info->vring_num);
	if (vhost_info_has(info, VHOST_INFO_GROUP_NUM))
		out_uint(o, "groups", "groups", info->group_num);
	if (vhost_info_has(info, VHOST_INFO_AS_NUM))
		out_uint(o, "address_spaces", "address_spaces", info->as_num);
	if (vhost_info_has(info, VHOST_INFO_IOVA_RANGE)) {
		out_uint(o, "iova_first", NULL, info->iova.first);
		out_uint(o, "iova_last", NULL, info->iova.last);
		snprintf(range, sizeof(range), "0x%" PRIx64 "-0x%" PRIx64,
			 (uint64_t)info->iova.first, (uint64_t)info->iova.last);
		out_str(o, NULL, "iova_range", range);
	}
	if (vhost_info_has(info, VHOST_INFO_CONFIG_SIZE))
		out_uint(o, "config_size", "config_size", info->config_size);
	if (vhost_info_has(info, VHOST_INFO_CONFIG))
		put_config_bytes(o, info);
}

static int inspect_one(struct session *s, const char *word, struct err *e)
{
	_vhost_vdpa_ struct vhost_vdpa v = VHOST_VDPA_INIT;
	struct vhost_vdpa_info info = { 0 };
	char node[VDPA_NODE_MAX];
	const char *path = word;
	int r = 0;

	if (!strchr(word, '/')) {
		r = vdpa_sysfs_node(NULL, word, node, e);
		path = node;
	}
	if (!r)
		r = vhost_vdpa_open(&v, path, e);
	if (!r)
		r = vhost_vdpa_info(&v, &info, e);
	if (r)
		return err_prefix(e, "%s", word);
	out_item(&s->out, word);
	out_str(&s->out, "node", "node", path);
	put_info(&s->out, &info);
	return 0;
}

static int run(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct inspect_args *a = args;
	int r = 0;

	(void)n;
	out_begin(&s->out, "inspect", OUT_RECORDS, OUT_MAP, "DEVICE");
	for (size_t i = 0; !r && i < a->devices.n; i++)
		r = inspect_one(s, a->devices.list[i], e);
	out_end(&s->out);
	return r;
}

const struct command command_dev_inspect = {
	.path = "dev inspect",
	.summary = "Read a vDPA device through its character device",
	.help = "Opens the node, which no other process may have open and which resets the device.",
	.example = "vdpactl dev inspect vdpa-blk1",
	COMMAND_ARGS(rows, inspect_args),
	.run = run,
};
