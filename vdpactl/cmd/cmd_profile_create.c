/* SPDX-License-Identifier: GPL-3.0-or-later */
/* profile create: new profiles, from options or from answers. */
#include "cmd/cmds.h"

#include "config/vm_config_check.h"
#include "config/vm_options.h"
#include "left_out.h"
#include "places.h"
#include "profiles.h"
#include "shell/complete.h"
#include "shell/shell_line.h"
#include "vm/vm_config_source.h"

#include <errno.h>
#include <string.h>

struct create_args {
	const char *name;
	struct arg_words options;
};

static const struct arg create_rows[] = {
	ARG_WORD_ROW(create_args, name, "PROFILE", "name of the new profile", .required = true),
	{
		.name = "VM-OPTIONS",
		.style = ARG_OPTION,
		.type = ARG_VM_OPTIONS,
		.help = "options of vdpa-vmm; on a terminal, what is needed is asked for where there "
			"are none",
		.complete = complete_vm_options,
		ARG_FIELD(create_args, options, struct arg_words),
	},
};

/* What cannot be guessed, and what is nearly always wanted. */
static const struct question {
	const char *text, *fallback;
	const struct option_section *section;
	const char *key;
	bool needed;
	completer *complete;
} questions[] = {
	{ "Kernel (ELF vmlinux or bzImage)", "", &vm_section_payload, "kernel", true,
	  complete_files },
	{ "Initramfs (empty: none)", "", &vm_section_payload, "initramfs", false, complete_files },
	{ "Kernel command line", "root=/dev/vda1 console=hvc0", &vm_section_payload, "cmdline",
	  false, NULL },
	{ "vCPUs", "1", &vm_section_cpus, "boot", false, NULL },
	{ "Memory", "1G", &vm_section_memory, "size", false, NULL },
	{ "Hugepages", "on", &vm_section_memory, "hugepages", false, NULL },
	{ "Disk image (empty: none)", "", &vm_section_disk, "path", false, complete_files },
	{ "vDPA device (name; empty: none)", "", &vm_section_vdpa, "device", false,
	  complete_devices },
};

/* Asks one question; an empty answer takes the fallback. NULL and an error: none. */
static char *ask(struct session *s, const struct question *q, struct err *e)
{
	_strbuf_ struct strbuf prompt = { 0 };
	_free_ char *line = NULL;
	char *answer;

	if (session_flush(s, e))
		return NULL;
	strbuf_printf(&prompt, "%s%s%s%s: ", q->text, *q->fallback ? " [" : "", q->fallback,
		      *q->fallback ? "]" : "");
	line = shell_line_ask(s, strbuf_text(&prompt), q->complete);
	if (!line) {
		err_set(e, -EINTR, "no profile was made");
		return NULL;
	}
	/* Completion leaves a blank behind what it completes. */
	line[strcspn(line, "\n")] = '\0';
	for (size_t n = strlen(line); n && line[n - 1] == ' '; n--)
		line[n - 1] = '\0';
	answer = strdup(*line ? line : q->fallback);
	if (!answer)
		err_nomem(e);
	return answer;
}

/* A path is to mean the same wherever the VM is started; one that leads nowhere may be a slip. */
static int settle_path(struct session *s, char **path, struct err *e)
{
	int r = place_absolute(path, e);

	if (!r && access(*path, F_OK) < 0)
		out_line(&s->out, "there is no '%s' yet", *path);
	return r;
}

static int ask_all(struct session *s, struct vm_config *config, struct err *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(questions); i++) {
		const struct question *q = &questions[i];
		_free_ char *answer = ask(s, q, e);
		void *record;
		int r = 0;

		if (!answer)
			return e->code;
		if (!*answer && q->needed) {
			out_line(&s->out, "Needed.");
			i--;
			continue;
		}
		if (!*answer)
			continue;
		if (q->complete == complete_files)
			r = settle_path(s, &answer, e);
		if (r)
			return r;
		record = vm_config_open(config, q->section, NULL, e);
		if (!record)
			return e->code;
		r = option_set_value(option_find(q->section, q->key), record, answer, e);
		if (!r && q->section == &vm_section_vdpa)
			r = option_set_value(option_find(q->section, "num_queues"), record, "auto",
					     e);
		if (!r)
			continue;
		out_line(&s->out, "%s", e->text);
		*e = (struct err){ 0 };
		if (q->section->list)
			vm_config_drop(config, q->section, vm_config_count(config, q->section) - 1);
		i--;
	}
	return 0;
}

static int run_create(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct create_args *a = args;
	_vm_source_ struct vm_source source = { 0 };
	_free_ char *path = NULL;
	int r = profiles_new(a->name, &path, e);

	(void)n;
	free(steal_ptr(&path));
	if (!r)
		r = vm_source_get(NULL, &a->options, &source, e);
	if (r)
		return r;
	if (!a->options.n) {
		if (!isatty(STDIN_FILENO) || !s->terminal || s->out.json) {
			err_misuse(e, "options of vdpa-vmm are missing");
			return err_hint(e, "on a terminal they are asked for");
		}
		r = ask_all(s, &source.config, e);
	}
	if (!r)
		r = profiles_create_from(a->name, &source.config, &path, e);
	if (r)
		return r;
	out_str(&s->out, "path", NULL, path);
	out_line(&s->out, "%s", path);
	return left_out_tell(s, &source.options, e);
}

const struct command command_profile_create = {
	.path = "profile create",
	.summary = "Make a new profile from options, or by asking",
	.example = "vdpactl profile create demo --kernel vmlinux --memory size=1G,hugepages=on "
		   "--vdpa device=vdpa-blk1",
	COMMAND_ARGS(create_rows, create_args),
	.run = run_create,
};
