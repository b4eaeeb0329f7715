/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kernel modules: what is loaded, with which parameters. */
#include "host/modules.h"

#include "base/file.h"
#include "base/parse.h"
#include "base/strbuf.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

const struct module_row module_rows[] = {
	{ .name = "vdpa", .summary = "vDPA bus and netlink family", .needed = true },
	{ .name = "vhost_vdpa", .summary = "character devices for VMs", .needed = true },
	{ .name = "virtio_vdpa", .summary = "vDPA devices as virtio devices of this host" },
	{ .name = "vdpa_sim", .summary = "simulator: what its devices share" },
	{ .name = "vdpa_sim_blk", .summary = "simulated disks", .mgmtdev = "vdpasim_blk" },
	{ .name = "vdpa_sim_net", .summary = "simulated network", .mgmtdev = "vdpasim_net" },
	{ .name = "vduse", .summary = "devices implemented by a process", .mgmtdev = "vduse" },
	{ .name = "vp_vdpa", .summary = "virtio PCI devices" },
	{ .name = "mlx5_vdpa", .summary = "NVIDIA ConnectX and BlueField" },
	{ .name = "ifcvf", .summary = "Intel IFC virtual functions" },
	{ .name = "pds_vdpa", .summary = "AMD Pensando" },
	{ .name = "octep_vdpa", .summary = "Marvell Octeon" },
	{ .name = "snet_vdpa", .summary = "SolidRun SNET" },
	{ .name = "vhost", .summary = "what vhost drivers share" },
	{ .name = "vhost_iotlb", .summary = "memory maps of vhost" },
	{ .name = "vringh", .summary = "rings for simulators" },
	{ .name = "kvm", .summary = "virtual machines" },
	{ .name = "kvm_intel", .summary = "virtual machines on Intel processors" },
	{ .name = "kvm_amd", .summary = "virtual machines on AMD processors" },
};
const size_t module_rows_n = ARRAY_SIZE(module_rows);

enum {
	MODULES_DEP_MAX = 8 << 20,
};

const char *module_state_name(enum module_state state)
{
	static const char *const names[] = {
		[MODULE_ABSENT] = "absent",
		[MODULE_AVAILABLE] = "available",
		[MODULE_LOADED] = "loaded",
		[MODULE_BUILTIN] = "builtin",
	};

	return names[state];
}

/* A file name's '-' and a module name's '_' are the same. */
static bool same_name(const char *file, size_t len, const char *name)
{
	if (strlen(name) != len)
		return false;
	for (size_t i = 0; i < len; i++)
		if ((file[i] == '-' ? '_' : file[i]) != name[i])
			return false;
	return true;
}

/* Does a line of modules.dep or modules.builtin ("kernel/.../vhost_vdpa.ko.xz: ...") name it? */
static bool list_names(const char *text, const char *name)
{
	while (*text) {
		size_t line = strcspn(text, "\n");
		size_t path = strcspn(text, ":\n");
		const char *base = memrchr(text, '/', path);
		size_t len;

		base = base ? base + 1 : text;
		len = strcspn(base, ".:\n");
		if (same_name(base, len, name))
			return true;
		text += line + (text[line] == '\n');
	}
	return false;
}

/* 1, 0, or why it cannot be told. */
static int in_list(const struct host_roots *at, const char *list, const char *name)
{
	_free_ char *text = NULL;
	char path[PATH_MAX], release[128];
	int r;

	snprintf(path, sizeof(path), "%s/sys/kernel/osrelease", at->proc);
	r = file_read_line(path, release, sizeof(release), NULL);
	if (!r) {
		snprintf(path, sizeof(path), "%s/%s/%s", at->modules, release, list);
		r = file_read(path, MODULES_DEP_MAX, &text, NULL, NULL);
	}
	if (r)
		return err_is_shortage(r) ? r : 0;
	return list_names(text, name);
}

static int find_state(const struct host_roots *at, const char *name, enum module_state *state)
{
	char path[PATH_MAX], word[16];
	int r;

	/* Built-in modules with parameters have a folder too, but no state. */
	*state = MODULE_LOADED;
	snprintf(path, sizeof(path), "%s/module/%s/initstate", at->sys, name);
	r = file_read_line(path, word, sizeof(word), NULL);
	if (!r || err_is_shortage(r))
		return r;
	*state = MODULE_BUILTIN;
	snprintf(path, sizeof(path), "%s/module/%s", at->sys, name);
	if (access(path, F_OK) == 0)
		return 0;
	r = in_list(at, "modules.builtin", name);
	if (r)
		return r < 0 ? r : 0;
	r = in_list(at, "modules.dep", name);
	*state = r ? MODULE_AVAILABLE : MODULE_ABSENT;
	return r < 0 ? r : 0;
}

int module_param_get(const struct host_roots *roots, const char *module, const char *param,
		     char *buf, size_t size)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/module/%s/parameters/%s",
		 host_roots_or_default(roots)->sys, module, param);
	return file_read_line(path, buf, size, NULL);
}

static int by_name(const void *a, const void *b)
{
	const struct module_param *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int read_params(const struct host_roots *at, struct module_info *info, struct err *e)
{
	_closedir_ DIR *d = NULL;
	struct module_param *items;
	const struct dirent *entry;
	char path[PATH_MAX], value[256];
	int r;

	snprintf(path, sizeof(path), "%s/module/%s/parameters", at->sys, info->name);
	d = opendir(path);
	if (!d && err_is_shortage(-errno))
		return err_errno(e, -errno, "cannot open '%s'", path);
	while (d && (entry = readdir(d))) {
		if (entry->d_name[0] == '.')
			continue;
		items = reallocarray(info->params, info->n_params + 1, sizeof(*items));
		if (!items)
			return err_nomem(e);
		info->params = items;
		items += info->n_params;
		items->name = strdup(entry->d_name);
		items->value = NULL;
		if (!items->name)
			return err_nomem(e);
		info->n_params++;
		r = module_param_get(at, info->name, entry->d_name, value, sizeof(value));
		if (err_is_shortage(r))
			return err_errno(e, r, "cannot read a parameter of '%s'", info->name);
		items->value = r ? NULL : strdup(value);
		if (!r && !items->value)
			return err_nomem(e);
	}
	if (info->n_params)
		qsort(info->params, info->n_params, sizeof(*info->params), by_name);
	return 0;
}

static int read_users(const struct host_roots *at, struct module_info *info, struct err *e)
{
	_closedir_ DIR *d = NULL;
	_strbuf_ struct strbuf users = { 0 };
	const struct dirent *entry;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/module/%s/holders", at->sys, info->name);
	d = opendir(path);
	if (!d && err_is_shortage(-errno))
		return err_errno(e, -errno, "cannot open '%s'", path);
	strbuf_puts(&users, "");
	while (d && (entry = readdir(d)))
		if (entry->d_name[0] != '.')
			strbuf_printf(&users, "%s%s", users.len ? "," : "", entry->d_name);
	info->users = strdup(strbuf_text(&users));
	return info->users && !users.failed ? 0 : err_nomem(e);
}

int module_info_get(const struct host_roots *roots, const char *name, struct module_info *out,
		    struct err *e)
{
	const struct host_roots *at = host_roots_or_default(roots);
	char path[PATH_MAX], word[24];
	uint64_t count;
	int r;

	*out = (struct module_info){ .refcount = -1 };
	if (!*name || strlen(name) >= sizeof(out->name) || strchr(name, '/') || name[0] == '.')
		return err_set(e, -EINVAL, "'%.80s' is no module name", name);
	for (size_t i = 0; name[i]; i++)
		out->name[i] = name[i] == '-' ? '_' : name[i];
	r = find_state(at, out->name, &out->state);
	if (r)
		return err_errno(e, r, "cannot look at module '%s'", out->name);
	snprintf(path, sizeof(path), "%s/module/%s/refcnt", at->sys, out->name);
	r = file_read_line(path, word, sizeof(word), NULL);
	if (err_is_shortage(r))
		return err_errno(e, r, "cannot look at module '%s'", out->name);
	if (!r && parse_uint(word, 0, LONG_MAX, &count, NULL) == 0)
		out->refcount = (long)count;
	r = read_params(at, out, e);
	if (!r)
		r = read_users(at, out, e);
	if (r)
		module_info_clear(out);
	return r;
}

void module_info_clear(struct module_info *info)
{
	for (size_t i = 0; i < info->n_params; i++) {
		free(info->params[i].name);
		free(info->params[i].value);
	}
	free(info->params);
	free(info->users);
	*info = (struct module_info){ 0 };
}
