/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Check: KVM runs a guest. */
#include "host/checks.h"
#include "host/kvm_trial.h"

#include <unistd.h>

static int probe(const struct check_options *o, struct report *r, struct err *e)
{
	struct err why = { 0 };
	struct finding *f;

	(void)e;
	if (o->skip_kvm_run)
		return 0;
	if (kvm_try_guest(o->roots, &why) == 0) {
		report_add(r, check_kvm.id, FINDING_OK, "/dev/kvm", "runs a guest");
		return 0;
	}
	f = report_add(r, check_kvm.id, FINDING_FAIL, "/dev/kvm", "%s", why.text);
	if (why.hint[0])
		finding_remedy(f, "%s", why.hint);
	return 0;
}

const struct host_check check_kvm = {
	.id = "kvm",
	.summary = "/dev/kvm runs a guest",
	.probe = probe,
};
