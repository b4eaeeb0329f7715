/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loading modules, and unloading them without hanging on a device in use. */
#include "host/modules.h"

#include "host/run.h"
#include "vdpa/dev.h"
#include "vdpa/sysfs.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

enum {
	MAX_PARAMS = 32,
	MODPROBE_TIMEOUT_MS = 30000,
};

/* Booleans read back as Y and N whatever was written. */
static bool same_value(const char *asked, const char *effective)
{
	if (strcmp(effective, "Y") == 0)
		return strchr("1yY", asked[0]) || strcasecmp(asked, "on") == 0;
	if (strcmp(effective, "N") == 0)
		return strchr("0nN", asked[0]) || strcasecmp(asked, "off") == 0;
	return strcmp(asked, effective) == 0;
}

/* What is built in cannot be unloaded, and has its parameters from the kernel's command line. */
static void hint_other_value(const struct host_roots *roots, const struct module_info *info,
			     const char *param, const char *value, struct err *e)
{
	char path[PATH_MAX];
	struct stat st;

	if (info->state != MODULE_BUILTIN) {
		err_hint(e, "'vdpactl module unload %s' first", info->name);
		return;
	}
	snprintf(path, sizeof(path), "%s/module/%s/parameters/%s",
		 host_roots_or_default(roots)->sys, info->name, param);
	/* Root may open what nobody can write to. */
	if (stat(path, &st) == 0 && (st.st_mode & 0222))
		err_hint(e,
			 "it is built into the kernel: write the value to '%s', or boot with "
			 "%s.%s=%s",
			 path, info->name, param, value);
	else
		err_hint(e, "it is built into the kernel: boot with %s.%s=%s", info->name, param,
			 value);
}

/* A loaded module keeps its parameters: another value would be silently ignored by modprobe. */
static int check_params(const struct host_roots *roots, const struct module_info *info,
			const char *const *params, struct err *e)
{
	const char *name = info->name;

	for (; params && *params; params++) {
		const char *equals = strchr(*params, '=');
		char param[64], value[128];

		if (!equals || equals == *params || !equals[1])
			return err_set(e, -EINVAL, "'%s' is no parameter (NAME=VALUE)", *params);
		snprintf(param, sizeof(param), "%.*s", (int)(equals - *params), *params);
		if (module_param_get(roots, name, param, value, sizeof(value)))
			return err_set(e, -ENOENT, "module %s has no parameter '%s'", name, param);
		if (same_value(equals + 1, value))
			continue;
		err_set(e, -EEXIST, "module %s is loaded with %s=%s, not %s", name, param, value,
			equals + 1);
		hint_other_value(roots, info, param, equals + 1, e);
		return -EEXIST;
	}
	return 0;
}

void module_modinfo(const char *name, const char *field, struct strbuf *out)
{
	const char *const argv[] = { "modinfo", "-F", field, "--", name, NULL };
	_strbuf_ struct strbuf sb = { 0 };

	if (run_program(argv, MODPROBE_TIMEOUT_MS, &sb, NULL) == 0)
		strbuf_puts(out, strbuf_text(&sb));
}

/* Has the file of a module a parameter of that name (of `len` bytes)? */
static bool takes_param(const char *module, const char *param, size_t len)
{
	_strbuf_ struct strbuf sb = { 0 };

	module_modinfo(module, "parm", &sb);
	for (const char *line = strbuf_text(&sb); *line; line += *line == '\n') {
		if (strncmp(line, param, len) == 0 && line[len] == ':')
			return true;
		line += strcspn(line, "\n");
	}
	return false;
}

/* The kernel would ignore it without a word: it belongs to another module, or is misspelt. */
static int unknown_param(const char *module, const char *param, size_t len, struct err *e)
{
	_strbuf_ struct strbuf sb = { 0 };
	char *save = NULL;

	err_set(e, -ENOENT, "module %s has no parameter '%.*s'", module, (int)len, param);
	err_hint(e, "see 'modinfo -p %s'", module);
	module_modinfo(module, "depends", &sb);
	for (char *word = sb.text ? strtok_r(sb.text, ",\n", &save) : NULL; word;
	     word = strtok_r(NULL, ",\n", &save))
		if (takes_param(word, param, len))
			err_hint(e, "it is one of %s: 'vdpactl module load %s %s %s'", word, word,
				 param, module);
	return -ENOENT;
}

/* As module_load_check, telling in *info what was found. */
static int check_load(const struct host_roots *roots, const char *name, const char *const *params,
		      struct module_info *info, struct err *e)
{
	_strbuf_ struct strbuf any = { 0 };
	int r = module_info_get(roots, name, info, e);

	if (r)
		return r;
	if (info->state == MODULE_LOADED || info->state == MODULE_BUILTIN)
		return check_params(roots, info, params, e);
	if (info->state == MODULE_ABSENT) {
		err_set(e, -ENOENT, "this kernel does not bring module %s", info->name);
		err_hint(e,
			 "boot one that does: Linux 6.12 of Debian has vdpa, vhost_vdpa and vduse; "
			 "simulators are built apart");
		return -ENOENT;
	}
	module_modinfo(info->name, "filename", &any);
	for (; params && *params && any.len; params++) {
		size_t len = strcspn(*params, "=");

		if (!len || !(*params)[len] || !(*params)[len + 1])
			return err_set(e, -EINVAL, "'%s' is no parameter (NAME=VALUE)", *params);
		if (!takes_param(info->name, *params, len))
			return unknown_param(info->name, *params, len, e);
	}
	return 0;
}

int module_load_check(const struct host_roots *roots, const char *name, const char *const *params,
		      struct err *e)
{
	_module_info_ struct module_info info = { 0 };

	return check_load(roots, name, params, &info, e);
}

int module_load(const struct host_roots *roots, const char *name, const char *const *params,
		struct err *e)
{
	_module_info_ struct module_info info = { 0 };
	const char *argv[MAX_PARAMS + 4] = { "modprobe", "--" };
	size_t n = 2;
	int r = check_load(roots, name, params, &info, e);

	if (r || info.state == MODULE_LOADED || info.state == MODULE_BUILTIN)
		return r;
	argv[n++] = info.name;
	for (size_t i = 0; params && params[i]; i++) {
		if (i == MAX_PARAMS)
			return err_set(e, -E2BIG, "more than %d parameters", MAX_PARAMS);
		argv[n++] = params[i];
	}
	r = run_program(argv, MODPROBE_TIMEOUT_MS, NULL, e);
	if (!r)
		return 0;
	err_prefix(e, "cannot load module %s", info.name);
	err_hint(e, "run it as root; the kernel log may tell more");
	return r;
}

/* The management device that a module is, where that is known by name. */
static const char *mgmtdev_of(const char *module)
{
	for (size_t i = 0; i < module_rows_n; i++)
		if (strcmp(module_rows[i].name, module) == 0)
			return module_rows[i].mgmtdev;
	return NULL;
}

/* Unloading takes the devices of a management device with it, and what is in them. */
static int check_mgmtdev(const struct vdpa_dev_list *known, const char *mgmtdev, struct err *e)
{
	_strbuf_ struct strbuf names = { 0 };
	unsigned int found = 0;

	for (size_t i = 0; i < known->n; i++) {
		if (!known->items[i].mgmtdev || strcmp(known->items[i].mgmtdev, mgmtdev) != 0)
			continue;
		strbuf_printf(&names, " %s", known->items[i].name);
		found++;
	}
	if (!found)
		return 0;
	err_set(e, -EBUSY, "%u vDPA %s on it: %s", found, found == 1 ? "device is" : "devices are",
		strbuf_text(&names) + 1);
	err_hint(e, "delete first what is not needed: 'vdpactl dev del%s'", strbuf_text(&names));
	return -EBUSY;
}

/* Is `dev` one that unloading `module` would remove or unbind? */
static bool depends_on(const struct host_roots *at, const struct vdpa_sysfs_dev *dev,
		       const char *module)
{
	bool simulated = strncmp(dev->path, at->sys, strlen(at->sys)) == 0 &&
			 strncmp(dev->path + strlen(at->sys), "/devices/", 9) == 0 &&
			 !strchr(dev->path + strlen(at->sys) + 9, '/');
	bool vduse = strstr(dev->path, "/vduse/");

	if (strcmp(module, dev->driver) == 0)
		return true;
	if (strncmp(module, "vdpa_sim", 8) == 0)
		return simulated;
	if (strcmp(module, "vduse") == 0)
		return vduse;
	if (strcmp(module, "vp_vdpa") == 0 || strcmp(module, "ifcvf") == 0 ||
	    strcmp(module, "mlx5_vdpa") == 0 || strcmp(module, "pds_vdpa") == 0 ||
	    strcmp(module, "octep_vdpa") == 0 || strcmp(module, "snet_vdpa") == 0)
		return !simulated && !vduse;
	return false;
}

/* sysfs does not tell the simulators' devices apart; netlink names what each was created on. */
static bool is_of_another(const struct vdpa_dev_list *known, const char *name, const char *mgmtdev)
{
	for (size_t i = 0; i < known->n; i++)
		if (strcmp(known->items[i].name, name) == 0)
			return known->items[i].mgmtdev &&
			       strcmp(known->items[i].mgmtdev, mgmtdev) != 0;
	return false;
}

/* The kernel would wait for the holder of any of these, for ever. */
static int check_devices(const struct host_roots *at, const char *module,
			 const struct vdpa_dev_list *known, const char *mgmtdev, struct err *e)
{
	_vdpa_sysfs_list_ struct vdpa_sysfs_list list = { 0 };
	int r = vdpa_sysfs_list(at, &list, e);

	for (size_t i = 0; !r && i < list.n; i++) {
		const struct vdpa_sysfs_dev *dev = &list.items[i];

		if (!depends_on(at, dev, module) || is_of_another(known, dev->name, mgmtdev))
			continue;
		if (strcmp(dev->driver, VDPA_DRIVER_VIRTIO) == 0 &&
		    strcmp(module, VDPA_DRIVER_VIRTIO) != 0) {
			err_set(e, -EBUSY, "vDPA device '%s' may be in use by this host (%s)",
				dev->name, dev->driver);
			err_hint(e, "delete it first: 'vdpactl dev del %s'", dev->name);
			return -EBUSY;
		}
		r = vdpa_sysfs_check_free(at, dev, e);
	}
	return r;
}

int module_unload(const struct host_roots *roots, struct vdpa_nl *nl, const char *name,
		  struct err *e)
{
	const struct host_roots *at = host_roots_or_default(roots);
	_vdpa_dev_list_ struct vdpa_dev_list known = { 0 };
	_module_info_ struct module_info info = { 0 };
	const char *const argv[] = { "modprobe", "-r", "--", info.name, NULL };
	const char *mgmtdev;
	int r = module_info_get(at, name, &info, e);

	if (r)
		return r;
	if (info.state == MODULE_BUILTIN)
		return err_set(e, -EINVAL, "module %s is built into the kernel", info.name);
	if (info.state != MODULE_LOADED)
		return 0;
	if (info.users[0]) {
		err_set(e, -EBUSY, "module %s is used by %s", info.name, info.users);
		err_hint(e, "unload those first");
		return -EBUSY;
	}
	/* Where netlink does not tell, all that may be of this module counts as its own. */
	mgmtdev = mgmtdev_of(info.name);
	if (nl && mgmtdev)
		(void)vdpa_dev_list(nl, &known, NULL);
	r = check_devices(at, info.name, &known, mgmtdev, e);
	if (!r)
		r = check_mgmtdev(&known, mgmtdev, e);
	if (!r && info.refcount > 0)
		r = err_set(e, -EBUSY, "module %s is in use (%ld references)", info.name,
			    info.refcount);
	if (r)
		return err_prefix(e, "cannot unload module %s", info.name), r;
	r = run_program(argv, MODPROBE_TIMEOUT_MS, NULL, e);
	return r ? err_prefix(e, "cannot unload module %s", info.name), r : 0;
}
