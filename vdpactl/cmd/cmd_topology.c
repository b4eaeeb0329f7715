/* SPDX-License-Identifier: GPL-3.0-or-later */
/* topology: which device hangs where: management device, device, driver, node, holder. */
#include "cmd/cmds.h"

#include "output/bit_names.h"
#include "output/escape.h"
#include "vdpa/dev.h"
#include "vdpa/holder.h"
#include "vdpa/mgmtdev.h"
#include "vdpa/sysfs.h"
#include "vm/vm_folder.h"

#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

struct topology_args {
	bool dot;
};

static const struct arg rows[] = {
	ARG_FLAG_ROW(topology_args, dot, "dot", "print a graph for Graphviz"),
};

/* Who uses a device: a VM of ours by name, else the processes. */
static int describe_holder(const struct holder_list *all, const struct vdpa_sysfs_dev *sys,
			   char *buf, size_t size, struct err *e)
{
	_holder_list_ struct holder_list holders = { 0 };
	int r = sys->node_exists ? holder_select(all, sys->rdev, &holders, e) : 0;

	buf[0] = '\0';
	if (!r && holders.n)
		vm_folder_describe(&holders, buf, size);
	return r;
}

struct leaf {
	const struct vdpa_dev *dev;
	const struct vdpa_sysfs_dev *sys; /* NULL when it is not in sysfs any more */
	const char *holder;               /* "" if nobody */
};

static void put_text(struct output *o, const struct leaf *l, bool last)
{
	_strbuf_ struct strbuf sb = { 0 };

	strbuf_printf(&sb, "%s %s", last ? "└─" : "├─", l->dev->name);
	if (l->sys && *l->sys->driver)
		strbuf_printf(&sb, " ─ %s", l->sys->driver);
	if (l->sys && *l->sys->node)
		strbuf_printf(&sb, " ─ %s", l->sys->node);
	if (*l->holder)
		strbuf_printf(&sb, " ─ %s", l->holder);
	out_line(o, "%s", strbuf_text(&sb));
	o->sb.failed |= sb.failed;
}

static void put_json(struct output *o, const struct leaf *l)
{
	jsonw_open(&o->writer, l->dev->name, '{');
	if (l->sys && *l->sys->driver)
		out_str(o, "driver", NULL, l->sys->driver);
	if (l->sys && *l->sys->node)
		out_str(o, "node", NULL, l->sys->node);
	if (*l->holder)
		out_str(o, "holder", NULL, l->holder);
	jsonw_close(&o->writer);
}

/* Graphviz quotes as C does; what would end a string or a line is escaped. */
static void put_edge(struct output *o, const char *from, const char *to)
{
	_strbuf_ struct strbuf sb = { 0 };

	strbuf_puts(&sb, "  ");
	escape_json(&sb, from);
	strbuf_puts(&sb, " -> ");
	escape_json(&sb, to);
	out_line(o, "%s;", strbuf_text(&sb));
	o->sb.failed |= sb.failed;
}

static void put_dot(struct output *o, const char *mgmtdev, const struct leaf *l)
{
	put_edge(o, mgmtdev, l->dev->name);
	if (l->sys && *l->sys->node)
		put_edge(o, l->dev->name, l->sys->node);
	else if (l->sys && *l->sys->driver)
		put_edge(o, l->dev->name, l->sys->driver);
	if (*l->holder)
		put_edge(o, l->sys->node, l->holder);
}

static int match_name(const void *name, const void *dev)
{
	return strcmp(name, ((const struct vdpa_sysfs_dev *)dev)->name);
}

static const struct vdpa_sysfs_dev *find_sysfs(const struct vdpa_sysfs_list *list, const char *name)
{
	return list->n ? bsearch(name, list->items, list->n, sizeof(*list->items), match_name)
		       : NULL;
}

struct topology {
	struct vdpa_mgmtdev_list mgmtdevs;
	struct vdpa_dev_list devs;
	struct vdpa_sysfs_list sys;
	struct holder_list holders;
};

/* Who has which of the nodes open, in one look at all processes. */
static int find_holders(struct topology *t, struct err *e)
{
	for (size_t i = 0; i < t->sys.n; i++)
		if (t->sys.items[i].node_exists)
			return holder_find_all(NULL, major(t->sys.items[i].rdev), &t->holders, e);
	return 0;
}

static bool belongs(const struct vdpa_dev *d, const char *handle)
{
	return !strcmp(d->mgmtdev ? d->mgmtdev : "", handle);
}

static int put_mgmtdev(struct output *o, const struct topology *t, const char *handle, bool dot,
		       struct err *e)
{
	size_t left = 0;
	int r = 0;

	for (size_t i = 0; i < t->devs.n; i++)
		left += belongs(&t->devs.items[i], handle);
	if (o->json)
		jsonw_open(&o->writer, handle, '{');
	else if (!dot)
		out_line(o, "%s", handle);
	for (size_t i = 0; !r && i < t->devs.n; i++) {
		struct leaf l = { .dev = &t->devs.items[i] };
		char holder[512] = "";

		if (!belongs(l.dev, handle))
			continue;
		l.sys = find_sysfs(&t->sys, l.dev->name);
		if (l.sys)
			r = describe_holder(&t->holders, l.sys, holder, sizeof(holder), e);
		l.holder = holder;
		if (o->json)
			put_json(o, &l);
		else if (dot)
			put_dot(o, handle, &l);
		else
			put_text(o, &l, --left == 0);
	}
	if (o->json)
		jsonw_close(&o->writer);
	return r;
}

static int run(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct topology_args *a = args;
	struct topology t = { 0 };
	struct vdpa_nl *nl;
	int r = session_nl(s, &nl, e);

	(void)n;
	if (!r)
		r = vdpa_mgmtdev_list(nl, &t.mgmtdevs, e);
	if (!r)
		r = vdpa_dev_list(nl, &t.devs, e);
	if (!r)
		r = vdpa_sysfs_list(NULL, &t.sys, e);
	if (!r)
		r = find_holders(&t, e);
	if (!r) {
		out_open(&s->out, "topology");
		if (a->dot)
			out_line(&s->out, "digraph vdpa {\n  rankdir=LR;");
		for (size_t i = 0; !r && i < t.mgmtdevs.n; i++)
			r = put_mgmtdev(&s->out, &t, t.mgmtdevs.items[i].handle, a->dot, e);
		if (a->dot)
			out_line(&s->out, "}");
		out_close(&s->out);
	}
	vdpa_mgmtdev_list_clear(&t.mgmtdevs);
	vdpa_dev_list_clear(&t.devs);
	vdpa_sysfs_list_clear(&t.sys);
	holder_list_clear(&t.holders);
	return r;
}

const struct command command_topology = {
	.path = "topology",
	.summary = "Show management devices, their devices, drivers, nodes and holders as a tree",
	.example = "vdpactl topology --dot | dot -Tsvg >vdpa.svg",
	COMMAND_ARGS(rows, topology_args),
	.run = run,
};
