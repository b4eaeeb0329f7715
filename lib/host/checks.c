/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every check there is, in order, and the fixes for what fails. */
#include "host/checks.h"

#include <errno.h>
#include <string.h>

/* In the order in which they run. */
#define EACH_CHECK(ROW)                                                                            \
	ROW(modules)                                                                               \
	ROW(netlink)                                                                               \
	ROW(devices)                                                                               \
	ROW(access)                                                                                \
	ROW(memlock)                                                                               \
	ROW(hugepages)                                                                             \
	ROW(iotlb)                                                                                 \
	ROW(kvm)                                                                                   \
	ROW(images)
#define CHECK_OF(id) &check_##id,
#define ID_OF(id)    #id,

const struct host_check *const host_checks[] = { EACH_CHECK(CHECK_OF) };
const char *const host_check_ids[] = { EACH_CHECK(ID_OF) NULL };
const size_t host_checks_n = ARRAY_SIZE(host_checks);

int host_check_run(const struct check_options *o, struct report *r, struct err *e)
{
	bool any = false;

	for (size_t i = 0; i < host_checks_n; i++) {
		int code;

		if (o->only && strcmp(o->only, host_checks[i]->id) != 0)
			continue;
		any = true;
		code = host_checks[i]->probe(o, r, e);
		if (code)
			return code;
	}
	if (!any)
		return err_misuse(e, "no check is called '%s'", o->only);
	return r->failed_alloc ? err_nomem(e) : 0;
}

int host_fix_apply(const struct check_options *o, const struct finding *f, bool dry_run,
		   struct strbuf *log, struct err *e)
{
	for (size_t i = 0; i < host_checks_n; i++)
		if (strcmp(host_checks[i]->id, f->id) == 0 && host_checks[i]->fix && f->fixable)
			return host_checks[i]->fix(o, f, dry_run, log, e);
	return err_set(e, -EOPNOTSUPP, "%s: '%s' cannot be mended by program", f->id, f->subject);
}
