/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Check: the generic netlink family answers. */
#include "host/checks.h"
#include "host/modules.h"
#include "vdpa/netlink.h"

#include <errno.h>

/* What helps where the family is missing, by what there is of the module that brings it. */
static void family_remedy(struct finding *f, const struct host_roots *roots)
{
	static const char module[] = "vdpa";
	_module_info_ struct module_info info = { 0 };

	if (module_info_get(roots, module, &info, NULL))
		return;
	switch (info.state) {
	case MODULE_ABSENT:
		finding_remedy(f, "this kernel does not bring it: boot one with CONFIG_VDPA");
		break;
	case MODULE_AVAILABLE:
		finding_remedy(f, "load the module");
		finding_command(f, "vdpactl module load %s", module);
		break;
	case MODULE_LOADED:
	case MODULE_BUILTIN:
		finding_remedy(f, "run in the initial network namespace");
		break;
	}
}

static int probe(const struct check_options *o, struct report *r, struct err *e)
{
	_vdpa_nl_ struct vdpa_nl *nl = NULL;
	struct err why = { 0 };
	struct finding *f;

	(void)e;
	if (o->config && !o->config->n_vdpas)
		return 0;
	if (vdpa_nl_open(&nl, &why) == 0) {
		report_add(r, check_netlink.id, FINDING_OK, VDPA_FAMILY,
			   "generic netlink family, id %u", nl->family);
		return 0;
	}
	f = report_add(r, check_netlink.id, FINDING_FAIL, VDPA_FAMILY, "%s", why.text);
	if (why.hint[0])
		finding_remedy(f, "%s", why.hint);
	if (why.code == -ENOENT)
		family_remedy(f, o->roots);
	return 0;
}

const struct host_check check_netlink = {
	.id = "netlink",
	.summary = "the generic netlink family 'vdpa' answers",
	.probe = probe,
};
