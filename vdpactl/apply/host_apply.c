/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the state a host is in to the state a file describes. */
#include "apply/host_apply.h"

#include "base/parse.h"
#include "config/from_ini.h"
#include "config/profile.h"
#include "host/host_lock.h"
#include "host/hugepages.h"
#include "host/memlock.h"
#include "host/modules.h"
#include "host/persist.h"
#include "host/try_open.h"
#include "vdpa/dev.h"
#include "vdpa/sysfs.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

void host_apply_say(struct host_apply *a, const char *sign, enum host_kind kind, const char *name,
		    const char *fmt, ...)
{
	struct output *o = &a->session->out;
	char detail[512];
	va_list ap;

	a->changes++;
	if (a->quiet)
		return;
	va_start(ap, fmt);
	vsnprintf(detail, sizeof(detail), fmt, ap);
	va_end(ap);
	out_item(o, NULL);
	out_str(o, "change", "CHANGE", sign);
	out_str(o, "kind", "KIND", host_kind_name(kind));
	out_str(o, "name", "NAME", name);
	out_str(o, "detail", "DETAIL", detail);
}

static int apply_module(struct host_apply *a, const struct host_item *item, struct err *e)
{
	_module_info_ struct module_info info = { 0 };
	_strbuf_ struct strbuf all = { 0 };
	const char **params = NULL;
	int r = module_info_get(NULL, item->name, &info, e);

	if (r)
		return r;
	params = calloc(item->n + 1, sizeof(*params));
	if (!params)
		return err_nomem(e);
	for (size_t i = 0; i < item->n; i++) {
		char *word;

		if (asprintf(&word, "%s=%s", item->values[i].key, item->values[i].value) < 0)
			break;
		strbuf_printf(&all, "%s%s", i ? " " : "", word);
		params[i] = word;
	}
	r = a->dry ? module_load_check(NULL, item->name, params, e)
		   : module_load(NULL, item->name, params, e);
	if (!r && info.state != MODULE_LOADED && info.state != MODULE_BUILTIN)
		host_apply_say(a, "+", HOST_MODULE, item->name, "%s", strbuf_text(&all));
	for (size_t i = 0; params[i]; i++)
		free((char *)(uintptr_t)params[i]);
	free(params);
	return r;
}

static int apply_hugepages(struct host_apply *a, const struct host_item *item, struct err *e)
{
	_hugepage_list_ struct hugepage_list list = { 0 };
	const char *node_text = host_item_get(item, "node");
	const struct hugepage_pool *pool;
	uint64_t size, pages, own, node = 0, got;
	_close_ int lock = -1;
	int r = parse_size(item->name, &size, e);

	if (!r)
		r = parse_uint(host_item_get(item, "pages"), 0, UINT32_MAX, &pages, e);
	if (!r && node_text)
		r = parse_uint(node_text, 0, INT32_MAX, &node, e);
	if (!r && !a->dry)
		r = host_lock(NULL, &lock, e);
	if (!r)
		r = hugepage_list_get(NULL, &list, e);
	if (r)
		return r;
	pool = hugepage_pool_find(&list, size, node_text ? (int)node : -1);
	if (!pool)
		return err_set(e, -ENOENT, "this host has no pool of %s pages%s%s", item->name,
			       node_text ? " on node " : "", node_text ? node_text : "");
	/* What goes by itself when it is not used any more is not the pool's. */
	own = pool->total - pool->surplus;
	if (own == pages)
		return 0;
	r = a->dry ? hugepage_pool_check(NULL, pool, pages, e)
		   : hugepage_pool_resize(NULL, pool, pages, &got, e);
	if (!r)
		host_apply_say(a, "~", HOST_HUGEPAGES, item->name, "%llu -> %llu pages",
			       (unsigned long long)own, (unsigned long long)pages);
	return r;
}

static int apply_memlock(struct host_apply *a, const struct host_item *item, struct err *e)
{
	const char *text = host_item_get(item, "limit");
	_strbuf_ struct strbuf log = { 0 };
	struct memlock_limit now;
	struct try_user user;
	uint64_t want = UINT64_MAX;
	bool found;
	int r = strcmp(text, "unlimited") != 0 ? parse_size(text, &want, e) : 0;

	want = memlock_round_up(want);
	/* In limits.conf a number is a user of that name. */
	if (!r)
		r = try_user_find(item->name, &user, e);
	if (!r)
		r = memlock_limit_of_user(NULL, user.name, &now, &found, e);
	if (r || (found && now.soft == want && now.hard == want))
		return r;
	r = persist_memlock(NULL, user.name, want, a->dry, &log, e);
	if (!r)
		host_apply_say(a, "~", HOST_MEMLOCK, item->name, "%s", text);
	return r;
}

/* Rules across keys may look at the host, which need not be ready yet. */
static int check_source(const char *text, const char *path, struct err *e)
{
	_vm_config_ struct vm_config config = { 0 };
	int r = vm_config_from_ini(text, strlen(text), path, &config, e);

	if (r && r != -ENOMEM)
		return err_prefix(e, "'%s' is no profile", path);
	if (!r && !config.origins.n_rows)
		return err_set(e, -EINVAL, "'%s' is no profile: it has no section", path);
	return r;
}

static int apply_profile(struct host_apply *a, const struct host_item *item, struct err *e)
{
	_free_ char *source = NULL, *there = NULL, *path = NULL;
	_close_ int lock = -1;
	const char *from = host_item_get(item, "source");
	int r = profile_read(from, &source, e);
	bool had;

	if (!r)
		r = profile_path("/etc/vdpactl/profiles", item->name, &path, e);
	if (!r && !a->dry)
		r = profile_lock(path, &lock, e);
	if (r)
		return r;
	had = !profile_read(path, &there, NULL);
	if (had && !strcmp(there, source))
		return 0;
	r = check_source(source, from, e);
	if (!r && !a->dry)
		r = profile_write(path, source, strlen(source), e);
	if (!r)
		host_apply_say(a, had ? "~" : "+", HOST_PROFILE, item->name, "%s", path);
	return r;
}

int host_apply_item(struct host_apply *a, const struct host_item *item, struct err *e)
{
	switch (item->kind) {
	case HOST_MODULE:
		return apply_module(a, item, e);
	case HOST_HUGEPAGES:
		return apply_hugepages(a, item, e);
	case HOST_MEMLOCK:
		return apply_memlock(a, item, e);
	case HOST_PROFILE:
		return apply_profile(a, item, e);
	case HOST_DEVICE:
		return host_apply_device(a, item, e);
	case HOST_KINDS:
		break;
	}
	return 0;
}

static bool is_named(const struct host_file *f, const char *device)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->items[i].kind == HOST_DEVICE && !strcmp(f->items[i].name, device))
			return true;
	return false;
}

/* Deletes a device, or looks whether it could be: who may not look may still ask what would be. */
static int prune_one(struct host_apply *a, struct vdpa_nl *nl, const char *name, struct err *e)
{
	_free_ struct vdpa_sysfs_dev *sys = NULL;
	int r;

	if (!a->dry)
		return vdpa_dev_del(nl, NULL, name, VDPA_DEL_TIMEOUT_MS, e);
	sys = malloc(sizeof(*sys));
	r = sys ? vdpa_dev_check_free(nl, NULL, name, sys, e) : err_nomem(e);
	return r == -EACCES && !a->quiet ? 0 : r;
}

int host_apply_prune(struct host_apply *a, const struct host_file *f, struct err *e)
{
	_vdpa_dev_list_ struct vdpa_dev_list list = { 0 };
	struct vdpa_nl *nl;
	int r = session_nl(a->session, &nl, a->dry ? NULL : e);

	if (r)
		return a->dry ? 0 : r;
	r = vdpa_dev_list(nl, &list, e);
	for (size_t i = 0; !r && i < list.n; i++) {
		if (is_named(f, list.items[i].name))
			continue;
		r = prune_one(a, nl, list.items[i].name, e);
		if (!r)
			host_apply_say(a, "-", HOST_DEVICE, list.items[i].name, "on %s",
				       list.items[i].mgmtdev ? list.items[i].mgmtdev : "nothing");
	}
	return r;
}
