/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The checks that a VM must pass before it is started. */
#include "preflight.h"

#include "base/strbuf.h"
#include "host/checks.h"

#include <errno.h>

/* Where all of it can be seen again. */
static void point_to_check(struct strbuf *sb, const char *profile, const char *user)
{
	if (profile)
		strbuf_printf(sb, "all of it: 'vdpactl check %s%s%s'", profile,
			      user ? " --user " : "", user ? user : "");
	else
		strbuf_puts(sb, "all of it: 'vdpactl check' with the same options");
}

static int hint(const struct finding *f, const char *profile, const char *user, struct err *e)
{
	const char *remedy = f->command ? f->command : f->remedy;
	_strbuf_ struct strbuf text = { 0 };

	strbuf_printf(&text, "%s%s", remedy ? remedy : "", remedy ? "; " : "");
	point_to_check(&text, profile, user);
	return err_hint(e, "%s", strbuf_text(&text));
}

static void describe(const struct finding *f, struct strbuf *sb)
{
	strbuf_printf(sb, "%s%s%s: %s", f->id, f->subject ? " " : "", f->subject ? f->subject : "",
		      f->text);
}

/* One of many, on a line of its own. */
static void tell(const struct session *s, const struct finding *f)
{
	const char *remedy = f->command ? f->command : f->remedy;
	_strbuf_ struct strbuf text = { 0 };
	struct err e = { 0 };

	describe(f, &text);
	err_set(&e, -EPERM, "%s", strbuf_text(&text));
	if (remedy)
		err_hint(&e, "%s", remedy);
	session_tell(s, &e);
}

/* To a person one line each, to a program all in one. */
static int refuse(const struct session *s, const struct report *report, size_t failed,
		  const char *profile, const char *user, struct err *e)
{
	const struct finding *first = NULL;
	_strbuf_ struct strbuf all = { 0 };
	bool each = failed > 1 && !s->json_now;

	for (size_t i = 0; i < report->n; i++) {
		const struct finding *f = &report->items[i];

		if (f->status != FINDING_FAIL)
			continue;
		if (each)
			tell(s, f);
		if (all.len)
			strbuf_puts(&all, "; ");
		describe(f, &all);
		first = first ? first : f;
	}
	if (!each) {
		err_set(e, -EPERM, "%s", strbuf_text(&all));
		return hint(first, profile, user, e);
	}
	all.len = 0;
	point_to_check(&all, profile, user);
	err_set(e, -EPERM, "the VM is not started, for want of these %zu", failed);
	return err_hint(e, "%s", strbuf_text(&all));
}

int preflight(struct session *s, const struct vm_config *config, const char *profile,
	      const char *user, struct err *e)
{
	struct check_options o = { .config = config, .user = user, .own_limits = true };
	_report_ struct report report = { 0 };
	size_t failed = 0;
	int r = session_may_open_nl(s, e);

	if (!r)
		r = host_check_run(&o, &report, e);
	if (r)
		return r;
	for (size_t i = 0; i < report.n; i++)
		failed += report.items[i].status == FINDING_FAIL;
	return failed ? refuse(s, &report, failed, profile, user, e) : 0;
}
