/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check: can this host and this user run VMs with vDPA devices, and what would mend it. */
#include "cmd/cmds.h"

#include "host/checks.h"
#include "shell/complete.h"
#include "vm/vm_config_source.h"

#include <errno.h>
#include <string.h>

struct check_args {
	const char *profile, *user, *unit, *only;
	struct arg_words options;
	struct arg_number vms;
	bool fix, yes, dry_run;
};

enum {
	MAX_VMS = 100000,
	MAX_ROUNDS = 4, /* modules, binding, node, and what they need */
};

static const struct arg rows[] = {
	ARG_WORD_ROW(check_args, profile, "PROFILE",
		     "profile of the VM; the host in general where none is given",
		     .complete = complete_profiles),
	{
		.name = "VM-OPTIONS",
		.style = ARG_OPTION,
		.type = ARG_VM_OPTIONS,
		.help = "options of vdpa-vmm in place of a profile, for example --vdpa device=NAME",
		.complete = complete_vm_options,
		ARG_FIELD(check_args, options, struct arg_words),
	},
	{
		.name = "user",
		.style = ARG_OPTION,
		.type = ARG_WORD,
		.value = "USER",
		.help = "judge permissions and limits for this user",
		.complete = complete_users,
		ARG_FIELD(check_args, user, const char *),
	},
	{
		.name = "unit",
		.style = ARG_OPTION,
		.type = ARG_WORD,
		.value = "SERVICE",
		.help = "judge the memory-lock limit of VMs that this systemd service starts",
		.complete = complete_units,
		ARG_FIELD(check_args, unit, const char *),
	},
	{
		.name = "vms",
		.style = ARG_OPTION,
		.type = ARG_NUMBER,
		.value = "N",
		.help = "for how many such VMs at once (1)",
		.min = 1,
		.max = MAX_VMS,
		ARG_FIELD(check_args, vms, struct arg_number),
	},
	{
		.name = "only",
		.style = ARG_OPTION,
		.type = ARG_WORD,
		.value = "CHECK",
		.help = "run this one check",
		.choices = host_check_ids,
		.complete = complete_checks,
		ARG_FIELD(check_args, only, const char *),
	},
	ARG_FLAG_ROW(check_args, fix, "fix", "apply the remedies, after asking"),
	ARG_FLAG_ROW(check_args, yes, "yes", "do not ask"),
	ARG_FLAG_ROW(check_args, dry_run, "dry-run", "with --fix: only say what would be changed"),
};

static void put_finding(struct output *o, const struct finding *f)
{
	out_item(o, NULL);
	out_str(o, "status", "STATUS", finding_status_name(f->status));
	out_str(o, "check", "CHECK", f->id);
	out_str(o, "subject", "OBJECT", f->subject);
	out_str(o, "text", "FINDING", f->text);
	out_str(o, "remedy", NULL, f->remedy);
	out_str(o, "command", NULL, f->command);
	if (f->status != FINDING_OK)
		out_bool(o, "fixable", NULL, f->fixable);
}

static bool can_fix(const struct finding *f)
{
	return f->status != FINDING_OK && f->fixable;
}

static void put_report(struct output *o, const struct report *r, bool fixed)
{
	unsigned int fixable = 0;

	out_begin(o, "findings", OUT_TABLE, OUT_LIST, NULL);
	for (size_t i = 0; i < r->n; i++)
		put_finding(o, &r->items[i]);
	out_end(o);
	for (size_t i = 0; i < r->n; i++) {
		const struct finding *f = &r->items[i];

		if (f->status == FINDING_OK || (!f->remedy && !f->command))
			continue;
		out_line(o, "%s%s%s: %s", f->id, f->subject ? " " : "",
			 f->subject ? f->subject : "", f->remedy ? f->remedy : "run:");
		if (f->command)
			out_line(o, "    %s", f->command);
	}
	for (size_t i = 0; i < r->n; i++)
		fixable += can_fix(&r->items[i]);
	if (fixable && !fixed)
		out_line(o, "%u of these can be mended here: add --fix (--fix --dry-run tells how)",
			 fixable);
}

/* One line each of what is or was changed and how it is undone. */
static void put_log(struct output *o, const char *key, const char *lead, const struct strbuf *log)
{
	const char *lines[256];
	_free_ char *copy = strdup(strbuf_text(log));
	char *save = NULL;
	size_t n = 0;

	if (!copy)
		return;
	for (char *line = strtok_r(copy, "\n", &save); line && n < ARRAY_SIZE(lines);
	     line = strtok_r(NULL, "\n", &save))
		lines[n++] = line;
	out_list(o, key, NULL, lines, n);
	for (size_t i = 0; i < n; i++)
		out_line(o, "%s%s", lead, lines[i]);
}

static int fix_all(const struct check_options *o, const struct report *report, bool dry_run,
		   struct strbuf *log, struct err *e)
{
	int r = 0;

	for (size_t i = 0; !r && i < report->n; i++)
		if (can_fix(&report->items[i]))
			r = host_fix_apply(o, &report->items[i], dry_run, log, e);
	return r;
}

/* Asks on the terminal; what is not asked for cannot be meant. */
static int confirm(struct session *s, const struct strbuf *plan, struct err *e)
{
	char answer[16];

	if (!isatty(STDIN_FILENO) || s->out.json)
		return err_misuse(e, "--fix needs --yes where nobody can be asked");
	put_log(&s->out, NULL, "", plan);
	strbuf_puts(&s->out.sb, "Do this? [y/N] ");
	if (session_flush(s, e))
		return -EIO;
	if (!fgets(answer, sizeof(answer), stdin) || (answer[0] != 'y' && answer[0] != 'Y'))
		return err_set(e, -EINTR, "nothing was changed");
	return 0;
}

/* One round of remedies: looks again afterwards. *done without anything to do. */
static int fix_round(struct session *s, const struct check_args *a, const struct check_options *o,
		     struct report *report, struct strbuf *log, bool *done, struct err *e)
{
	_strbuf_ struct strbuf plan = { 0 };
	int r = fix_all(o, report, true, &plan, e);

	*done = !plan.len;
	if (r || *done)
		return r;
	r = a->yes ? 0 : confirm(s, &plan, e);
	if (!r)
		r = fix_all(o, report, false, log, e);
	if (r)
		return r;
	report_clear(report);
	*report = (struct report){ 0 };
	return host_check_run(o, report, e);
}

/* Applies the remedies. What is mended may show the next thing: a module that is loaded, a device
 * that is bound. */
static int fix(struct session *s, const struct check_args *a, const struct check_options *o,
	       struct report *report, bool *mended, struct err *e)
{
	_strbuf_ struct strbuf log = { 0 };
	bool done = false;
	int r = 0;

	if (a->dry_run) {
		r = fix_all(o, report, true, &log, e);
		put_log(&s->out, "would_change", "", &log);
	} else {
		for (unsigned round = 0; !r && !done && round < MAX_ROUNDS; round++)
			r = fix_round(s, a, o, report, &log, &done, e);
		put_log(&s->out, "changed", "done: ", &log);
	}
	*mended = log.len;
	return r;
}

/* One check that looked at nothing says so: silence would look like all was well. */
static void note_nothing(const struct check_options *o, struct report *report)
{
	if (o->only && !report->n)
		report_add(report, o->only, FINDING_OK, "none", "%s",
			   o->config ? "nothing of this VM to check"
				     : "nothing to check without a VM");
}

static int run(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct check_args *a = args;
	struct check_options o = {
		.user = a->user, .unit = a->unit, .vms = (unsigned)a->vms.value, .only = a->only
	};
	_vm_source_ struct vm_source source = { 0 };
	_report_ struct report report = { 0 };
	bool mended = false;
	int r;

	(void)n;
	if ((a->yes || a->dry_run) && !a->fix)
		return err_misuse(e, "'%s' needs --fix", a->yes ? "--yes" : "--dry-run");
	r = session_may_open_nl(s, e);
	if (!r)
		r = vm_source_get_partial(a->profile, &a->options, &source, e);
	if (r)
		return r;
	o.config = source.given ? &source.config : NULL;
	r = host_check_run(&o, &report, e);
	if (!r && a->fix)
		r = fix(s, a, &o, &report, &mended, e);
	/* Who cannot be asked is told what there is. */
	if (r && !e->misuse)
		return r;
	note_nothing(&o, &report);
	put_report(&s->out, &report, a->fix);
	if (r)
		return r;
	if (a->fix && !mended)
		out_line(&s->out, "nothing here can be mended by --fix");
	return report_worst(&report) == FINDING_FAIL ? EXIT_WANTING : 0;
}

const struct command command_check = {
	.path = "check",
	.summary = "Check whether this host and this user can run VMs with vDPA devices",
	.help = "Exit status 3 when something is wanting. With --fix, what can be mended is, and how "
		"to undo it is said.",
	.example = "vdpactl check blk-demo --user alice",
	COMMAND_ARGS(rows, check_args),
	.run = run,
};
