/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dev show: vDPA devices, what netlink tells of them and where they are on this host. */
#include "cmd/cmds.h"

#include "output/bit_names.h"
#include "owner.h"
#include "shell/complete.h"
#include "vdpa/dev.h"
#include "vdpa/holder.h"
#include "vdpa/sysfs.h"
#include "vdpa/sysfs_nodes.h"
#include "vdpa/virtio_names.h"
#include "vm/vm_folder.h"

#include <errno.h>
#include <string.h>
#include <sys/sysmacros.h>

/* From so many devices on, two listings cost less than a look at each. */
enum {
	PLACES_AT_ONCE = 40,
};

struct show_args {
	struct arg_words devices;
	bool detail, if_exists;
};

static const struct arg show_rows[] = {
	ARG_WORDS_ROW(show_args, devices, "DEVICE",
		      "device, shown in full; a table of all where none is given",
		      .complete = complete_devices),
	ARG_FLAG_ROW(show_args, detail, "detail",
		     "show all devices in full: node permissions and holders too"),
	ARG_WORD_FLAG_ROW(show_args, if_exists, "if-exists", "leave out devices that do not exist"),
};

static void put_netlink(struct output *o, const struct vdpa_dev *d)
{
	/* iproute2 calls the class of a net device otherwise here than of its management device. */
	if (d->id == VIRTIO_ID_NET)
		out_str(o, "type", "TYPE", "network");
	else
		out_class(o, "type", "TYPE", d->id);
	out_str(o, "mgmtdev", "MGMTDEV", d->mgmtdev);
	out_uint(o, "vendor_id", o->shape == OUT_RECORDS ? "VENDOR_ID" : NULL, d->vendor_id);
	out_uint(o, "max_vqs", "VQS", d->max_vqs);
	out_uint(o, "max_vq_size", "VQ_SIZE", d->max_vq_size);
	if (vdpa_has(d->present, VDPA_ATTR_DEV_MIN_VQ_SIZE))
		out_uint(o, "min_vq_size", NULL, d->min_vq_size);
}

static void put_place(struct output *o, const char *driver, const char *node)
{
	out_str(o, "driver", "DRIVER", *driver ? driver : NULL);
	out_str(o, "node", "NODE", *node ? node : NULL);
}

/* Who has any of the nodes open: looked up once, with the first device that asks. */
struct open_nodes {
	struct holder_list all;
	bool known;
};

static int find_holders(struct open_nodes *nodes, dev_t rdev, struct holder_list *out,
			struct err *e)
{
	int r = nodes->known ? 0 : holder_find_all(NULL, major(rdev), &nodes->all, e);

	nodes->known = !r;
	return r ? r : holder_select(&nodes->all, rdev, out, e);
}

/* What takes more than a look at the list: permissions of the node and who has it open. */
static int put_detail(struct output *o, const struct vdpa_sysfs_dev *sys, struct open_nodes *nodes,
		      struct err *e)
{
	static const char *const memory[] = {
		[VDPA_MEMORY_PINNED] = "pinned",
		[VDPA_MEMORY_VA] = "shared",
	};
	_holder_list_ struct holder_list holders = { 0 };
	struct vm_folder vm;
	char text[1024];
	int r;

	out_str(o, "memory", "MEMORY", memory[vdpa_sysfs_memory_kind(NULL, sys)]);
	if (!sys->node_exists)
		return 0;
	owner_format(sys->uid, sys->gid, text, sizeof(text));
	out_str(o, "owner", "OWNER", text);
	snprintf(text, sizeof(text), "%04o", (unsigned)sys->mode & 07777u);
	out_str(o, "mode", "MODE", text);
	r = find_holders(nodes, sys->rdev, &holders, e);
	if (r)
		return r;
	if (o->json) {
		jsonw_open(&o->writer, "holders", '[');
		for (size_t i = 0; i < holders.n; i++) {
			jsonw_open(&o->writer, NULL, '{');
			out_uint(o, "pid", NULL, (uint64_t)holders.items[i].pid);
			out_str(o, "comm", NULL, holders.items[i].comm);
			if (vm_folder_of_pid(holders.items[i].pid, &vm))
				out_str(o, "vm", NULL, vm.name);
			jsonw_close(&o->writer);
		}
		jsonw_close(&o->writer);
		return 0;
	}
	vm_folder_describe(&holders, text, sizeof(text));
	out_str(o, NULL, "HOLDER", holders.n ? text : holders.complete ? "none" : "unknown");
	return 0;
}

static int put_place_and_detail(struct output *o, const char *name, struct open_nodes *nodes,
				struct err *e)
{
	_free_ struct vdpa_sysfs_dev *sys = malloc(sizeof(*sys));
	struct err why = { 0 };
	int r;

	if (!sys)
		return err_nomem(e);
	r = vdpa_sysfs_get(NULL, name, sys, &why);
	/* The device may vanish between the two looks: then there is no more to say of it. */
	if (r == -ENODEV) {
		put_place(o, "", "");
		return 0;
	}
	if (r)
		return err_pass(e, &why);
	put_place(o, sys->driver, sys->node);
	return put_detail(o, sys, nodes, e);
}

static int put_full(struct output *o, const struct vdpa_dev *d, struct open_nodes *nodes,
		    struct err *e)
{
	out_item(o, d->name);
	put_netlink(o, d);
	return put_place_and_detail(o, d->name, nodes, e);
}

static int show_named(struct session *s, struct vdpa_nl *nl, const struct show_args *a,
		      struct open_nodes *nodes, struct err *e)
{
	int r = 0;

	for (size_t i = 0; !r && i < a->devices.n; i++) {
		_vdpa_dev_ struct vdpa_dev d = { 0 };

		r = vdpa_dev_get(nl, a->devices.list[i], &d, e);
		if (r == -ENODEV && a->if_exists) {
			r = 0;
			continue;
		}
		if (!r)
			r = put_full(&s->out, &d, nodes, e);
	}
	return r;
}

static int put_row(struct session *s, struct vdpa_nl *nl, const struct vdpa_dev *d,
		   struct vdpa_nodes *places, struct err *e)
{
	char driver[VDPA_DRIVER_MAX] = VDPA_DRIVER_VHOST, node[VDPA_NODE_MAX];
	const char *name = vdpa_nodes_find(places, d->name);
	int r = 0;

	out_item(&s->out, d->name);
	put_netlink(&s->out, d);
	if (!name || !vdpa_sysfs_node_path(NULL, name, node))
		r = vdpa_dev_place(nl, NULL, d->name, driver, node, e);
	if (!r)
		put_place(&s->out, driver, node);
	return r;
}

/* The major is that of any node. */
static void read_places(const struct vdpa_dev_list *list, struct vdpa_nodes *places)
{
	struct vdpa_sysfs_dev dev = { .rdev = 0 };

	for (size_t i = 0; i < list->n; i++)
		if (vdpa_sysfs_get(NULL, list->items[i].name, &dev, NULL) == 0 && dev.rdev) {
			vdpa_nodes_read(NULL, major(dev.rdev), places);
			return;
		}
}

static int show_all(struct session *s, struct vdpa_nl *nl, struct open_nodes *nodes, struct err *e)
{
	_vdpa_dev_list_ struct vdpa_dev_list list = { 0 };
	_vdpa_nodes_ struct vdpa_nodes places = { 0 };
	int r = vdpa_dev_list(nl, &list, e);

	if (!r && !nodes && list.n >= PLACES_AT_ONCE)
		read_places(&list, &places);
	for (size_t i = 0; !r && i < list.n; i++)
		r = nodes ? put_full(&s->out, &list.items[i], nodes, e)
			  : put_row(s, nl, &list.items[i], &places, e);
	return r;
}

static int run(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct show_args *a = args;
	bool full = a->detail || a->devices.n;
	struct open_nodes nodes = { 0 };
	struct err why = { 0 };
	struct vdpa_nl *nl;
	int r = session_nl(s, &nl, &why);
	/* Without the family there are no devices. */
	bool none = r == -ENOENT && a->if_exists;

	(void)n;
	if (r && !none)
		return err_pass(e, &why);
	out_begin(&s->out, "dev", full ? OUT_RECORDS : OUT_TABLE, OUT_MAP, "DEVICE");
	if (!r)
		r = a->devices.n ? show_named(s, nl, a, &nodes, e)
				 : show_all(s, nl, a->detail ? &nodes : NULL, e);
	holder_list_clear(&nodes.all);
	out_end(&s->out);
	return none ? 0 : r;
}

const struct command command_dev_show = {
	.path = "dev show",
	.alias = "dev list",
	.summary = "Show vDPA devices with their driver, node, permissions and holder",
	.help = "With names, the permissions of the node and who has it open are shown too; so "
		"they are for all with\n--detail.",
	.example = "vdpactl dev show vdpa-blk1",
	COMMAND_ARGS(show_rows, show_args),
	.run = run,
};
