/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Check: the kernel modules that a vDPA VM needs are there. */
#include "host/checks.h"
#include "host/modules.h"
#include "host/persist.h"

#include <string.h>

/* Does the configuration ask for a device to be created on what this module brings? */
static bool wanted_by_config(const struct vm_config *config, const struct module_row *row)
{
	for (size_t i = 0; config && row->mgmtdev && i < config->n_vdpas; i++)
		if (config->vdpas[i].create && config->vdpas[i].mgmtdev &&
		    strcmp(config->vdpas[i].mgmtdev, row->mgmtdev) == 0)
			return true;
	return false;
}

static void report_missing(struct report *r, const struct module_row *row, enum module_state state)
{
	struct finding *f;

	if (state == MODULE_AVAILABLE) {
		f = report_add(r, check_modules.id, FINDING_FAIL, row->name, "not loaded (%s)",
			       row->summary);
		finding_remedy(f, "load the module");
		finding_command(f, "vdpactl module load %s", row->name);
		finding_fix(f, row->name, 0, -1);
		return;
	}
	f = report_add(r, check_modules.id, FINDING_FAIL, row->name,
		       "this kernel does not bring it (%s)", row->summary);
	if (row->mgmtdev && strncmp(row->name, "vdpa_sim", 8) == 0)
		finding_remedy(f, "distributions do not ship the simulator: build it from the "
				  "kernel's source (CONFIG_VDPA_SIM)");
	else
		finding_remedy(f, "boot a kernel with CONFIG_VDPA and CONFIG_VHOST_VDPA, such as "
				  "Debian's 6.12 or newer");
}

static int probe(const struct check_options *o, struct report *r, struct err *e)
{
	for (size_t i = 0; i < module_rows_n; i++) {
		_module_info_ struct module_info info = { 0 };
		const struct module_row *row = &module_rows[i];
		bool wanted = wanted_by_config(o->config, row);
		int code;

		if (row->needed && (!o->config || o->config->n_vdpas))
			wanted = true;
		if (!wanted)
			continue;
		code = module_info_get(o->roots, row->name, &info, e);
		if (code)
			return code;
		if (info.state == MODULE_LOADED || info.state == MODULE_BUILTIN)
			report_add(r, check_modules.id, FINDING_OK, row->name, "%s (%s)",
				   module_state_name(info.state), row->summary);
		else
			report_missing(r, row, info.state);
	}
	return 0;
}

static int fix(const struct check_options *o, const struct finding *f, bool dry_run,
	       struct strbuf *log, struct err *e)
{
	const char *name = f->target.object;

	strbuf_printf(log, "load module %s (undo: vdpactl module unload %s)\n", name, name);
	if (!dry_run) {
		int r = module_load(o->roots, name, NULL, e);

		if (r)
			return r;
	}
	return persist_module(o->roots, name, dry_run, log, e);
}

const struct host_check check_modules = {
	.id = "modules",
	.summary = "kernel modules are loaded or built in",
	.probe = probe,
	.fix = fix,
};
