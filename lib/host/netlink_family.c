/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Check: the generic netlink family answers. */
#include "host/checks.h"
#include "vdpa/netlink.h"

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
	finding_command(f, "vdpactl module load vdpa");
	return 0;
}

const struct host_check check_netlink = {
	.id = "netlink",
	.summary = "the generic netlink family 'vdpa' answers",
	.probe = probe,
};
