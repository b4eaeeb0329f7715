/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kernel modules: what is loaded, with which parameters; loading and safe unloading by modprobe. */
#pragma once

#include "base/err.h"
#include "base/roots.h"
#include "base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>

struct vdpa_nl;

enum module_state {
	MODULE_ABSENT,    /* this kernel has no such module */
	MODULE_AVAILABLE, /* can be loaded */
	MODULE_LOADED,
	MODULE_BUILTIN,
};

/* What this project has to do with a module. */
struct module_row {
	const char *name; /* with underscores, as /sys/module has it */
	const char *summary;
	bool needed;         /* no vDPA VM without it */
	const char *mgmtdev; /* the management device that it brings, or NULL */
};
extern const struct module_row module_rows[];
extern const size_t module_rows_n;

struct module_param {
	char *name, *value; /* owned; value NULL if it cannot be read */
};

struct module_info {
	char name[64];
	enum module_state state;
	long refcount;               /* -1 if unknown */
	struct module_param *params; /* owned */
	size_t n_params;
	char *users; /* owned: names of the modules that use it, comma-separated; "" if none */
};

#define _module_info_ _cleanup_(module_info_clear)

/* Fills `out` (uninitialised before); '-' in `name` counts as '_'. An unknown module is no error:
 * its state is MODULE_ABSENT. */
int module_info_get(const struct host_roots *roots, const char *name, struct module_info *out,
		    struct err *e);
void module_info_clear(struct module_info *info);
const char *module_state_name(enum module_state state);

/* Value of one parameter of a loaded module; -ENOENT if it is not loaded or has none such. */
int module_param_get(const struct host_roots *roots, const char *module, const char *param,
		     char *buf, size_t size);

/* The module's entries of one kind ("parm", "depends") as modinfo gives them, a line each; nothing
 * where modinfo or the module is not there. */
void module_modinfo(const char *name, const char *field, struct strbuf *out);

/* Would module_load find fault before it loads anything? */
int module_load_check(const struct host_roots *roots, const char *name, const char *const *params,
		      struct err *e);

/*
 * Loads a module with `params` ("name=value" words, NULL at the end; NULL for none). Loaded
 * already: 0, unless a parameter asked for differs from what is in effect (-EEXIST, saying to
 * unload first, or where the value of one that is built in can be changed).
 */
int module_load(const struct host_roots *roots, const char *name, const char *const *params,
		struct err *e);

/* Unloads a module; not loaded: 0. Refused (-EBUSY, devices, holder or user named) where the kernel
 * would hang, refuse, or remove vDPA devices without a word: it brings a management device that has
 * some (where `nl` is given to ask), one of its devices is open, other modules use it. */
int module_unload(const struct host_roots *roots, struct vdpa_nl *nl, const char *name,
		  struct err *e);
