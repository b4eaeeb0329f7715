/* SPDX-License-Identifier: GPL-3.0-or-later */
/* module: the kernel modules that vDPA needs. */
#include "cmd/cmds.h"

#include "host/modules.h"
#include "shell/complete.h"

#include <errno.h>
#include <string.h>

struct module_args {
	struct arg_words modules;
	bool simulators;
};

static const struct arg show_rows[] = {
	ARG_WORDS_ROW(module_args, modules, "MODULE",
		      "module; all that vDPA has to do with where none is given",
		      .complete = complete_modules),
};

static const struct arg load_rows[] = {
	ARG_WORDS_ROW(module_args, modules, "MODULE",
		      "module, with its parameters as PARAMETER=VALUE words behind it; where "
		      "none is given, those that every vDPA VM needs",
		      .complete = complete_module_words),
	ARG_FLAG_ROW(module_args, simulators, "simulators", "load the device simulators as well"),
};

static const struct arg unload_rows[] = {
	ARG_WORDS_ROW(module_args, modules, "MODULE", "module", .required = true,
		      .complete = complete_loaded_modules),
};

static int put_module(struct output *o, const char *name, const char *summary, struct err *e)
{
	_module_info_ struct module_info info = { 0 };
	_strbuf_ struct strbuf params = { 0 };
	int r = module_info_get(NULL, name, &info, e);

	if (r)
		return r;
	out_item(o, info.name);
	out_str(o, "state", "STATE", module_state_name(info.state));
	if (info.state == MODULE_LOADED && info.refcount >= 0)
		out_uint(o, "refcount", "USED", (uint64_t)info.refcount);
	else
		out_str(o, NULL, "USED", NULL);
	out_str(o, "users", "BY", info.users && *info.users ? info.users : NULL);
	out_open(o, "parameters");
	for (size_t i = 0; i < info.n_params; i++) {
		out_str(o, info.params[i].name, NULL, info.params[i].value);
		strbuf_printf(&params, "%s%s=%s", i ? " " : "", info.params[i].name,
			      info.params[i].value ? info.params[i].value : "?");
	}
	out_close(o);
	o->sb.failed |= params.failed;
	/* In a table of many modules they would fill the screen. */
	if (o->shape == OUT_RECORDS)
		out_str(o, NULL, "PARAMETERS", strbuf_text(&params));
	out_str(o, "summary", "SUMMARY", summary);
	return 0;
}

static int module_show(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct module_args *a = args;
	int r = 0;

	(void)n;
	out_begin(&s->out, "module", a->modules.n ? OUT_RECORDS : OUT_TABLE, OUT_MAP, "MODULE");
	for (size_t i = 0; !r && !a->modules.n && i < module_rows_n; i++)
		r = put_module(&s->out, module_rows[i].name, module_rows[i].summary, e);
	for (size_t i = 0; !r && i < a->modules.n; i++) {
		const char *summary = NULL;

		for (size_t k = 0; k < module_rows_n; k++)
			if (!strcmp(module_rows[k].name, a->modules.list[i]))
				summary = module_rows[k].summary;
		r = put_module(&s->out, a->modules.list[i], summary, e);
	}
	out_end(&s->out);
	return r;
}

/* Loads one module and says so unless it was there already. */
static int load_one(struct session *s, const char *name, const char *const *params, struct err *e)
{
	_module_info_ struct module_info before = { 0 };
	bool there;
	int r = module_info_get(NULL, name, &before, e);

	if (r)
		return r;
	there = before.state == MODULE_LOADED || before.state == MODULE_BUILTIN;
	r = module_load(NULL, name, params, e);
	if (r)
		return r;
	out_item(&s->out, before.name);
	out_bool(&s->out, "changed", NULL, !there);
	out_str(&s->out, NULL, "STATE", there ? "was loaded already" : "loaded");
	for (size_t i = 0; i < module_rows_n; i++)
		if (!strcmp(module_rows[i].name, before.name))
			out_str(&s->out, "mgmtdev", "MGMTDEV", module_rows[i].mgmtdev);
	return 0;
}

/* MODULE PARAMETER=VALUE ... MODULE ...; without a session it is only checked. */
static int load_named(struct session *s, const struct arg_words *words, struct err *e)
{
	size_t i = 0;

	if (strchr(words->list[0], '='))
		return err_misuse(e, "parameter '%s' has no module in front of it", words->list[0]);
	while (i < words->n) {
		const char *name = words->list[i++];
		const char **params = calloc(words->n + 1, sizeof(*params));
		size_t n = 0;
		int r;

		if (!params)
			return err_nomem(e);
		while (i < words->n && strchr(words->list[i], '='))
			params[n++] = words->list[i++];
		r = s ? load_one(s, name, params, e) : module_load_check(NULL, name, params, e);
		free(params);
		if (r)
			return r;
	}
	return 0;
}

static int run_load(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct module_args *a = args;
	int r = 0;

	(void)n;
	/* All is looked at before anything is loaded. */
	if (a->modules.n)
		r = load_named(NULL, &a->modules, e);
	out_begin(&s->out, "module", OUT_TABLE, OUT_MAP, "MODULE");
	if (!r && a->modules.n)
		r = load_named(s, &a->modules, e);
	for (size_t i = 0; !r && i < module_rows_n; i++)
		if ((module_rows[i].needed && !a->modules.n) ||
		    (a->simulators && module_rows[i].mgmtdev &&
		     !strncmp(module_rows[i].name, "vdpa_sim", 8)))
			r = load_one(s, module_rows[i].name, NULL, e);
	out_end(&s->out);
	return r;
}

static int run_unload(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct module_args *a = args;
	struct vdpa_nl *nl = NULL;
	struct err why = { 0 };
	int r = session_nl(s, &nl, &why);

	(void)n;
	/* Without the family there are no devices either. */
	if (r && r != -ENOENT)
		return err_pass(e, &why);
	if (r)
		nl = NULL;
	r = 0;
	out_begin(&s->out, "module", OUT_TABLE, OUT_MAP, "MODULE");
	for (size_t i = 0; !r && i < a->modules.n; i++) {
		_module_info_ struct module_info before = { 0 };

		r = module_info_get(NULL, a->modules.list[i], &before, e);
		if (!r)
			r = module_unload(NULL, nl, a->modules.list[i], e);
		if (r)
			break;
		out_item(&s->out, before.name);
		out_bool(&s->out, "changed", NULL, before.state == MODULE_LOADED);
		out_str(&s->out, NULL, "STATE",
			before.state == MODULE_LOADED ? "unloaded" : "was not loaded");
	}
	out_end(&s->out);
	return r;
}

const struct command command_module_show = {
	.path = "module show",
	.alias = "module list",
	.summary = "Show the kernel modules of vDPA with their state and parameters",
	.example = "vdpactl module show vdpa_sim",
	COMMAND_ARGS(show_rows, module_args),
	.run = module_show,
};

const struct command command_module_load = {
	.path = "module load",
	.summary = "Load kernel modules",
	.help = "A module that is loaded already is left as it is; a parameter that differs from "
		"what is in\neffect is refused, as it cannot be changed while the module is loaded.",
	.example = "vdpactl module load vhost_vdpa vdpa_sim use_va=0 vdpa_sim_blk",
	COMMAND_ARGS(load_rows, module_args),
	.run = run_load,
};

const struct command command_module_unload = {
	.path = "module unload",
	.summary = "Unload kernel modules, refusing where the kernel would hang",
	.example = "vdpactl module unload vdpa_sim_blk vdpa_sim",
	COMMAND_ARGS(unload_rows, module_args),
	.run = run_unload,
};
