/* SPDX-License-Identifier: GPL-3.0-or-later */
/* profile import: new profiles from what other programs are started with. */
#include "cmd/cmds.h"

#include "base/file.h"
#include "command/words.h"
#include "config/cli_options.h"
#include "config/config_json.h"
#include "config/from_cli.h"
#include "left_out.h"
#include "profiles.h"
#include "shell/complete.h"
#include "vm/vm_config_source.h"

#include <ctype.h>
#include <errno.h>
#include <json-c/json.h>
#include <string.h>

struct import_args {
	const char *name, *from;
	struct arg_words program, options;
};

static const struct arg rows[] = {
	ARG_WORD_ROW(import_args, name, "PROFILE", "name of the new profile", .required = true),
	ARG_WORDS_ROW(import_args, program, "PROGRAM",
		      "the program that the command line begins with, for example "
		      "cloud-hypervisor; or the whole line as one word"),
	{
		.name = "VM-OPTIONS",
		.style = ARG_OPTION,
		.type = ARG_VM_OPTIONS,
		.help = "the command line's options",
		.complete = complete_vm_options,
		ARG_FIELD(import_args, options, struct arg_words),
	},
	{
		.name = "from",
		.style = ARG_OPTION,
		.type = ARG_WORD,
		.value = "FILE",
		.help = "read a command line, or the JSON of vm.info or vm.create, from a file (-: "
			"standard input)",
		.complete = complete_files,
		ARG_FIELD(import_args, from, const char *),
	},
};

/* The configuration is the object itself, or its member "config" (vm.info). */
static int from_json(const char *text, size_t len, struct vm_source *source, struct err *e)
{
	struct json_object *root, *inner;
	int r = config_json_parse(text, len, &root, e);

	if (r)
		return r;
	if (!json_object_object_get_ex(root, "config", &inner))
		inner = root;
	r = vmm_options_init(&source->options) ? err_nomem(e) : 0;
	if (!r)
		r = vm_config_from_json(inner, &source->config, e);
	json_object_put(root);
	return r;
}

static bool is_program(const char *word)
{
	static const char *const programs[] = { "cloud-hypervisor", "vdpa-vmm" };
	const char *slash = strrchr(word, '/');

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++)
		if (!strncmp(slash ? slash + 1 : word, programs[i], strlen(programs[i])))
			return true;
	return false;
}

static bool is_vmm_option(const char *word)
{
	char name[32];
	const struct cli_option *o;

	if (strncmp(word, "--", 2) != 0)
		return false;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word + 2, "="), word + 2);
	o = cli_option_find(name);
	return o && o->kind != CLI_UNSUPPORTED;
}

/* Where the options begin: behind the program, which others may stand in front of with options of
 * their own (sudo -E); of one that goes by another name, at the first option. */
static size_t first_option(const struct words *words)
{
	size_t first = 0;

	for (size_t i = 0; i < words->n && !is_vmm_option(words->list[i]); i++)
		if (is_program(words->list[i]))
			first = i + 1;
	if (first)
		return first;
	while (first < words->n && words->list[first][0] != '-')
		first++;
	return first;
}

/* The first of `words` is empty, in the place of a program that need not be there. */
static int from_words(const struct words *words, struct vm_source *source, struct err *e)
{
	size_t first = first_option(words);

	if (first == words->n)
		return err_set(e, -EINVAL, "there are no options of a VMM in it");
	return vm_cli_parse((int)(words->n - first + 1), words->list + first - 1, &source->config,
			    &source->options, e);
}

/* The bytes of the variable that `text` begins with. */
static size_t variable_len(const char *text)
{
	size_t n = text[1] == '{' ? strcspn(text, "}") : text[1] == '(' ? strcspn(text, ")") : 0;

	if (n)
		return n + (text[n] != '\0');
	n = 1;
	while (isalnum((unsigned char)text[n]) || text[n] == '_')
		n++;
	return n > 1 ? n : 2;
}

static bool holds(const struct words *words, const char *word)
{
	for (size_t i = 0; i < words->n; i++)
		if (!strcmp(words->list[i], word))
			return true;
	return false;
}

/* Variables among the options, each once: what stands in front of these is the script's. */
static int find_variables(const struct words *words, struct words *out, struct err *e)
{
	size_t first = first_option(words);

	for (size_t i = 0; i < words->n_variables; i++) {
		const struct word_variable *v = &words->variables[i];
		const char *text = words->list[v->word] + v->at;
		_free_ char *name = NULL;

		if (v->word < first)
			continue;
		name = strndup(text, variable_len(text));
		if (!name || (!holds(out, name) && words_add(out, name)))
			return err_nomem(e);
	}
	return 0;
}

/* A text of lines, as pasted from a document or a script; variables in it are added to the list. */
static int from_line(char *text, struct vm_source *source, struct words *variables, struct err *e)
{
	_words_ struct words words = { 0 };
	char *out = text;
	int r = words_add(&words, "") ? err_nomem(e) : 0;

	for (const char *p = text; *p; p++)
		if (*p != '\r' || p[1] != '\n')
			*out++ = *p;
	*out = '\0';
	if (!r)
		r = words_split(&words, text, false, e);
	if (!r)
		r = find_variables(&words, variables, e);
	return r ? r : from_words(&words, source, e);
}

static int from_args(const struct import_args *a, struct vm_source *source, struct err *e)
{
	_words_ struct words words = { 0 };
	int r = words_add(&words, "");

	for (size_t i = 0; !r && i < a->program.n; i++)
		r = words_add(&words, a->program.list[i]);
	for (size_t i = 0; !r && i < a->options.n; i++)
		r = words_add(&words, a->options.list[i]);
	return r ? err_nomem(e) : from_words(&words, source, e);
}

enum {
	MAX_IMPORT = 4 << 20 /* bytes */
};

static int from_file(const char *path, struct vm_source *source, struct words *variables,
		     struct err *e)
{
	_free_ char *text = NULL;
	size_t len = 0;
	int r = file_read(strcmp(path, "-") != 0 ? path : "/dev/stdin", MAX_IMPORT, &text, &len, e);

	if (r)
		return r;
	if (strlen(text) != len)
		r = err_set(e, -EINVAL, "control character 0x00");
	else
		r = text[strspn(text, " \t\r\n")] == '{' ? from_json(text, len, source, e)
							 : from_line(text, source, variables, e);
	return r ? err_prefix(e, "%s", path) : 0;
}

static void tell_variables(struct session *s, const struct words *variables)
{
	if (variables->n)
		out_list(&s->out, "unexpanded", NULL, (const char *const *)variables->list,
			 variables->n);
	for (size_t i = 0; i < variables->n && !s->out.json; i++) {
		struct err note = { 0 };

		err_set(&note, 0, "'%s' is taken as it is: no shell has expanded it",
			variables->list[i]);
		session_tell(s, &note);
	}
}

static int run(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct import_args *a = args;
	_vm_source_ struct vm_source source = { 0 };
	_words_ struct words variables = { 0 };
	/* The whole line in quotes. */
	const char *line = !a->options.n && a->program.n == 1 ? a->program.list[0] : NULL;
	_free_ char *copy = line ? strdup(line) : NULL, *path = NULL;
	int r;

	(void)n;
	if ((a->from != NULL) + (a->options.n > 0) + (line != NULL) != 1)
		return err_misuse(e, "either --from FILE or a command line is needed");
	if (line)
		r = copy ? from_line(copy, &source, &variables, e) : err_nomem(e);
	else
		r = a->from ? from_file(a->from, &source, &variables, e) : from_args(a, &source, e);
	if (!r)
		r = vm_source_settle(&source, e);
	if (!r)
		r = profiles_create_from(a->name, &source.config, &path, e);
	if (r)
		return r;
	out_str(&s->out, "path", NULL, path);
	out_line(&s->out, "%s", path);
	tell_variables(s, &variables);
	return left_out_tell(s, &source.options, e);
}

const struct command command_profile_import = {
	.path = "profile import",
	.summary = "Make a profile of a command line of cloud-hypervisor or vdpa-vmm, or of JSON",
	.example = "vdpactl profile import demo cloud-hypervisor --cpus boot=1 --memory size=1G "
		   "--kernel vmlinux --vdpa path=/dev/vhost-vdpa-0",
	COMMAND_ARGS(rows, import_args),
	.run = run,
};
