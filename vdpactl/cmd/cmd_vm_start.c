/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vm start: from a profile or options to a running VM. */
#include "cmd/cmds.h"

#include "config/vm_config_check.h"
#include "preflight.h"
#include "shell/complete.h"
#include "vm/vm_config_source.h"
#include "vm/vm_launch.h"

#include <errno.h>
#include <string.h>

struct start_args {
	const char *profile, *name, *user;
	struct arg_words options;
	bool dry_run, detach, foreground, no_check;
};

static const struct arg rows[] = {
	ARG_WORD_ROW(start_args, profile, "PROFILE", "profile, by name or as a path with a slash",
		     .complete = complete_profiles),
	{
		.name = "VM-OPTIONS",
		.style = ARG_OPTION,
		.type = ARG_VM_OPTIONS,
		.help = "options of vdpa-vmm in place of a profile, for example --kernel vmlinux",
		.complete = complete_vm_options,
		ARG_FIELD(start_args, options, struct arg_words),
	},
	{
		.name = "name",
		.style = ARG_OPTION,
		.type = ARG_WORD,
		.value = "NAME",
		.help = "name of the running VM; that of the profile where none is given",
		ARG_FIELD(start_args, name, const char *),
	},
	{
		.name = "user",
		.style = ARG_OPTION,
		.type = ARG_WORD,
		.value = "USER",
		.help = "start the VMM as this user, whom kernel, images and devices must be open to",
		.complete = complete_users,
		ARG_FIELD(start_args, user, const char *),
	},
	ARG_FLAG_ROW(start_args, detach, "detach",
		     "return when the guest runs; 'vdpactl vm console' attaches to it"),
	ARG_FLAG_ROW(start_args, foreground, "foreground",
		     "stay until the VM ends, with its console on this terminal (the default)"),
	ARG_FLAG_ROW(start_args, dry_run, "dry-run",
		     "check, print the command line of the VMM, start nothing"),
	ARG_FLAG_ROW(start_args, no_check, "no-check", "start without checking this host first"),
};

/* Name of the VM: as asked for, as the configuration says, as the profile is called. */
static int choose_name(const struct start_args *a, const struct vm_config *config, char *buf,
		       size_t size, struct err *e)
{
	const char *slash;

	if (a->name || config->name) {
		snprintf(buf, size, "%s", a->name ? a->name : config->name);
	} else if (a->profile) {
		slash = strrchr(a->profile, '/');
		snprintf(buf, size, "%s", slash ? slash + 1 : a->profile);
		if (slash && strlen(buf) > 4 && !strcmp(buf + strlen(buf) - 4, ".ini"))
			buf[strlen(buf) - 4] = '\0';
	} else {
		snprintf(buf, size, "vm-%d", getpid());
	}
	return vm_name_check(buf, e);
}

/* Whom the VMM shall become; *launch->user stays NULL where that is who calls. */
static int choose_user(const char *name, struct try_user *user, struct vm_launch *launch,
		       struct err *e)
{
	int r = name ? try_user_find(name, user, e) : 0;

	if (r || !name || user->uid == geteuid())
		return r;
	if (geteuid() != 0)
		return err_set(e, -EPERM, "only root can start a VM as another user");
	launch->user = user;
	return 0;
}

static int print_plan(struct session *s, const struct vm_launch *l, struct err *e)
{
	_cli_words_ struct cli_words words = { 0 };
	_strbuf_ struct strbuf line = { 0 };
	int r = vm_launch_words(l, &words, e);

	if (r)
		return r;
	cli_words_quote(&words, &line);
	out_str(&s->out, "name", NULL, l->folder.name);
	out_list(&s->out, "command", NULL, (const char *const *)words.words, words.n);
	out_line(&s->out, "%s", strbuf_text(&line));
	return line.failed ? err_nomem(e) : 0;
}

static int run(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct start_args *a = args;
	_vm_source_ struct vm_source source = { 0 };
	struct vm_launch launch = { .detached = a->detach };
	struct try_user user;
	char name[256];
	int r;

	(void)n;
	if (a->detach && a->foreground)
		return err_misuse(e, "--detach and --foreground cannot go together");
	if (!a->profile && !a->options.n) {
		err_misuse(e, "a profile or options of vdpa-vmm are missing");
		return err_hint(e, "see 'vdpactl profile list'");
	}
	r = choose_user(a->user, &user, &launch, e);
	if (!r)
		r = vm_source_get(a->profile, &a->options, &source, e);
	if (!r)
		r = choose_name(a, &source.config, name, sizeof(name), e);
	if (!r)
		r = vm_folder_of(name, &launch.folder, e);
	if (r)
		return r;
	launch.config = &source.config;
	launch.options = &source.options;
	r = a->dry_run ? 0 : vm_launch_check_name(&launch.folder, e);
	if (!r && !a->no_check)
		r = preflight(s, &source.config, a->profile, a->user, e);
	if (r)
		return r;
	if (a->dry_run)
		return print_plan(s, &launch, e);
	r = vm_launch_run(s, &launch, e);
	if (!r && a->detach) {
		out_str(&s->out, "name", NULL, name);
		out_line(&s->out, "%s: running ('vdpactl vm console %s' attaches)", name, name);
	}
	return r;
}

const struct command command_vm_start = {
	.path = "vm start",
	.summary = "Start a VM from a profile, or from options of vdpa-vmm",
	.help = "This host is checked first (see 'check'), and nothing is started that could not "
		"run. Devices of\nthe profile with 'create = on' are created, and removed when the "
		"VM ends.",
	.example = "vdpactl vm start blk-demo --detach",
	COMMAND_ARGS(rows, start_args),
	.run = run,
};
