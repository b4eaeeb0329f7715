/* SPDX-License-Identifier: GPL-3.0-or-later */
/* profile create, import: new profiles, from options, from answers, from other programs. */
#include "cmd/cmds.h"

#include "base/file.h"
#include "command/words.h"
#include "config/config_json.h"
#include "config/from_cli.h"
#include "config/to_ini.h"
#include "config/vm_config_check.h"
#include "config/vm_options.h"
#include "places.h"
#include "profiles.h"
#include "shell/complete.h"
#include "shell/shell_line.h"
#include "vm/vm_config_source.h"

#include <errno.h>
#include <json-c/json.h>
#include <string.h>

struct make_args {
	const char *name, *from;
	struct arg_words program, options;
};

static const struct arg create_rows[] = {
	{
		.name = "PROFILE",
		.style = ARG_POSITIONAL,
		.type = ARG_WORD,
		.help = "name of the new profile",
		.required = true,
		ARG_FIELD(make_args, name, const char *),
	},
	{
		.name = "VM-OPTIONS",
		.style = ARG_OPTION,
		.type = ARG_VM_OPTIONS,
		.help = "options of vdpa-vmm; on a terminal, what is needed is asked for where there "
			"are none",
		.complete = complete_vm_options,
		ARG_FIELD(make_args, options, struct arg_words),
	},
};

static const struct arg import_rows[] = {
	{
		.name = "PROFILE",
		.style = ARG_POSITIONAL,
		.type = ARG_WORD,
		.help = "name of the new profile",
		.required = true,
		ARG_FIELD(make_args, name, const char *),
	},
	{
		.name = "PROGRAM",
		.style = ARG_POSITIONAL,
		.type = ARG_WORDS,
		.help = "the program that the command line begins with, for example "
			"cloud-hypervisor; or the whole line as one word",
		ARG_FIELD(make_args, program, struct arg_words),
	},
	{
		.name = "VM-OPTIONS",
		.style = ARG_OPTION,
		.type = ARG_VM_OPTIONS,
		.help = "the command line's options",
		.complete = complete_vm_options,
		ARG_FIELD(make_args, options, struct arg_words),
	},
	{
		.name = "from",
		.style = ARG_OPTION,
		.type = ARG_WORD,
		.value = "FILE",
		.help = "read a command line, or the JSON of vm.info or vm.create, from a file (-: "
			"standard input)",
		.complete = complete_files,
		ARG_FIELD(make_args, from, const char *),
	},
};

/* Sections that may stand several times get labels, by which 'profile set' tells them apart. */
static int create(struct session *s, const char *name, struct vm_config *config, struct err *e)
{
	_strbuf_ struct strbuf text = { 0 };
	_free_ char *path = NULL;
	int r = vm_config_label_devices(config, &vm_section_disk, e);

	if (!r)
		r = vm_config_label_devices(config, &vm_section_vdpa, e);
	if (r)
		return r;
	vm_config_to_ini(config, &text);
	if (text.failed)
		return err_nomem(e);
	r = profiles_create(name, strbuf_text(&text), &path, e);
	if (r)
		return r;
	out_str(&s->out, "path", NULL, path);
	out_line(&s->out, "%s", path);
	return 0;
}

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
	const struct make_args *a = args;
	_vm_source_ struct vm_source source = { 0 };
	_free_ char *path = NULL;
	int r = profiles_new(a->name, &path, e);

	(void)n;
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
	return r ? r : create(s, a->name, &source.config, e);
}

/* The configuration is the object itself, or its member "config" (vm.info). */
static int config_of_json(const char *text, size_t len, struct vm_config *config, struct err *e)
{
	struct json_object *root, *inner;
	int r = config_json_parse(text, len, &root, e);

	if (r)
		return r;
	if (!json_object_object_get_ex(root, "config", &inner))
		inner = root;
	r = vm_config_from_json(inner, config, e);
	json_object_put(root);
	return r;
}

/* What stands in front of the first option is the program, however it was called. */
static int config_of_line(char *text, struct vm_config *config, struct err *e)
{
	_words_ struct words words = { 0 };
	struct vmm_options options;
	size_t first = 0;
	int r;

	/* A pasted line may be broken by backslashes. */
	for (char *p = text; *p; p++)
		if (*p == '\n' || (*p == '\\' && p[1] == '\n'))
			*p = ' ';
	r = words_split(&words, text, false, e);
	if (r)
		return r;
	while (first < words.n && words.list[first][0] != '-')
		first++;
	if (first == words.n)
		return err_set(e, -EINVAL, "there are no options of a VMM in it");
	/* The parser skips one word, the program. */
	r = first ? 0 : words_add(&words, "");
	if (r)
		return err_nomem(e);
	if (!first) {
		char *last = words.list[words.n - 1];

		memmove(&words.list[1], words.list, (words.n - 1) * sizeof(*words.list));
		words.list[0] = last;
		first = 1;
	}
	r = vm_cli_parse((int)(words.n - first + 1), words.list + first - 1, config, &options, e);
	if (!r)
		vmm_options_clear(&options);
	return r;
}

enum {
	MAX_IMPORT = 4 << 20 /* bytes */
};

static int config_of_file(const char *path, struct vm_config *config, struct err *e)
{
	_free_ char *text = NULL;
	size_t len = 0;
	int r = file_read(strcmp(path, "-") != 0 ? path : "/dev/stdin", MAX_IMPORT, &text, &len, e);

	if (r)
		return r;
	r = text[strspn(text, " \t\r\n")] == '{' ? config_of_json(text, len, config, e)
						 : config_of_line(text, config, e);
	return r ? err_prefix(e, "%s", path) : 0;
}

static int run_import(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct make_args *a = args;
	_vm_config_ struct vm_config config = { 0 };
	_vm_source_ struct vm_source source = { 0 };
	const char *line;
	int r;

	(void)n;
	line = !a->options.n && a->program.n == 1 ? a->program.list[0] : NULL;
	if ((a->from != NULL) + (a->options.n > 0) + (line != NULL) != 1)
		return err_misuse(e, "either --from FILE or a command line is needed");
	if (line) {
		/* The whole line in quotes. */
		_free_ char *copy = strdup(line);

		r = copy ? config_of_line(copy, &config, e) : err_nomem(e);
		return r ? r : create(s, a->name, &config, e);
	}
	if (a->from) {
		r = config_of_file(a->from, &config, e);
		return r ? r : create(s, a->name, &config, e);
	}
	r = vm_source_get(NULL, &a->options, &source, e);
	return r ? r : create(s, a->name, &source.config, e);
}

const struct command command_profile_create = {
	.path = "profile create",
	.summary = "Make a new profile from options, or by asking",
	.example = "vdpactl profile create demo --kernel vmlinux --memory size=1G,hugepages=on "
		   "--vdpa device=vdpa-blk1",
	.args = create_rows,
	.n_args = ARRAY_SIZE(create_rows),
	.args_size = sizeof(struct make_args),
	.run = run_create,
};

const struct command command_profile_import = {
	.path = "profile import",
	.summary = "Make a profile of a command line of cloud-hypervisor or vdpa-vmm, or of JSON",
	.example = "vdpactl profile import demo cloud-hypervisor --cpus boot=1 --memory size=1G "
		   "--kernel vmlinux --vdpa path=/dev/vhost-vdpa-0",
	.args = import_rows,
	.n_args = ARRAY_SIZE(import_rows),
	.args_size = sizeof(struct make_args),
	.run = run_import,
};
