/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The checks that a VM must pass before it is started. */
#include "preflight.h"

#include "base/strbuf.h"
#include "host/checks.h"

#include <errno.h>

static int hint(const struct finding *first, const char *profile, const char *user, struct err *e)
{
	const char *remedy = first->command ? first->command : first->remedy;
	_strbuf_ struct strbuf text = { 0 };

	strbuf_puts(&text, remedy ? remedy : "");
	if (profile)
		strbuf_printf(&text, "%s'vdpactl check %s%s%s'", remedy ? "; all of it: " : "see ",
			      profile, user ? " --user " : "", user ? user : "");
	return text.len ? err_hint(e, "%s", strbuf_text(&text)) : e->code;
}

int preflight(struct session *s, const struct vm_config *config, const char *profile,
	      const char *user, struct err *e)
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
	return hint(first, profile, user, e);
}
