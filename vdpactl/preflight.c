/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The checks that a VM must pass before it is started. */
#include "preflight.h"

#include "base/strbuf.h"
#include "host/checks.h"

#include <errno.h>

int preflight(struct session *s, const struct vm_config *config, const char *user, struct err *e)
{
	struct check_options o = { .config = config, .user = user, .own_limits = true };
	const struct finding *first = NULL;
	_strbuf_ struct strbuf all = { 0 };
	_report_ struct report report = { 0 };
	int r = session_may_open_nl(s, e);

	if (!r)
		r = host_check_run(&o, &report, e);
	if (r)
		return r;
	for (size_t i = 0; i < report.n; i++) {
		const struct finding *f = &report.items[i];

		if (f->status != FINDING_FAIL)
			continue;
		strbuf_printf(&all, "%s%s%s%s", first ? "; " : "", f->subject ? f->subject : "",
			      f->subject ? ": " : "", f->text);
		first = first ? first : f;
	}
	if (!first)
		return 0;
	err_set(e, -EPERM, "%s", strbuf_text(&all));
	if (first->command || first->remedy)
		err_hint(e, "%s; all of it: 'vdpactl check'",
			 first->command ? first->command : first->remedy);
	else
		err_hint(e, "see 'vdpactl check'");
	return -EPERM;
}
