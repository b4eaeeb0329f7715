/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The `vdpa-vmm` command line, in cloud-hypervisor's grammar. */
#include "config/from_cli.h"

#include "base/distance.h"
#include "config/cli_options.h"
#include "config/option_string.h"
#include "config/vm_options.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

enum {
	MAX_OPTIONS = 64
};

struct command_line {
	char *const *argv;
	int argc, next; /* next: the argument to read */
	struct vm_config *config;
	struct vmm_options *options;
	bool seen[MAX_OPTIONS]; /* by row of cli_options */
	const char *first_vm_option;
	bool partial; /* a VM need not have a kernel */
};

static bool is_of_machine(const struct option_section *section)
{
	return vm_section_find(section->name) == section;
}

/* The record that an option writes to: of the machine or of the VMM. */
static void *open_record(struct command_line *c, const struct option_section *section,
			 struct err *e)
{
	if (is_of_machine(section))
		return vm_config_open(c->config, section, NULL, e);
	return (char *)c->options + section->offset;
}

static int set_record(struct command_line *c, const struct cli_option *o, const char *text,
		      struct err *e)
{
	void *record = open_record(c, o->section, e);
	int r;

	if (!record)
		return e->code;
	if (o->kind == CLI_ENDPOINT && strncmp(text, "path=", 5) != 0 &&
	    strncmp(text, "fd=", 3) != 0)
		r = option_set(option_find(o->section, "path"), record, text, e);
	else
		r = option_string_parse(o->section, record, text, e);
	if (r)
		err_prefix(e, "--%s", o->name);
	return r;
}

static int set_key(struct command_line *c, const struct cli_option *o, const char *text,
		   struct err *e)
{
	void *record = open_record(c, o->section, e);
	int r = record ? 0 : e->code;

	if (!r && !*text && !o->takes_empty)
		return err_misuse(e, "a value is required for '--%s'", o->name);
	if (!r)
		r = option_set_value(cli_option_key(o), record, text, e);
	if (r)
		err_prefix(e, "--%s", o->name);
	return r;
}

static int set_value(struct command_line *c, const struct cli_option *o, const char *text,
		     struct err *e)
{
	return o->kind == CLI_KEY || o->kind == CLI_FLAG ? set_key(c, o, text, e)
							 : set_record(c, o, text, e);
}

/* A single "-" is a value; what else begins with a dash is the next option. */
static bool is_value(const char *arg)
{
	return arg[0] != '-' || arg[1] == '\0';
}

static int values(struct command_line *c, const struct cli_option *o, const char *inline_value,
		  struct err *e)
{
	int r;

	if (inline_value)
		return set_value(c, o, inline_value, e);
	if (o->kind == CLI_FLAG)
		return set_value(c, o, "on", e);
	if (c->next == c->argc || !is_value(c->argv[c->next])) {
		r = err_misuse(e, "a value is required for '--%s'", o->name);
		err_hint(e, "write --%s=VALUE for a value that begins with '-'", o->name);
		return r;
	}
	do
		r = set_value(c, o, c->argv[c->next++], e);
	while (!r && o->kind == CLI_RECORDS && c->next < c->argc && is_value(c->argv[c->next]));
	return r;
}

static int unknown_option(const char *arg, const char *name, struct err *e)
{
	const char *best = NULL;
	unsigned int least = UINT_MAX;

	for (const struct cli_option *o = cli_options; o->name; o++) {
		unsigned int d = word_distance(name, o->name);

		if (o->kind != CLI_VERBOSE && o->kind != CLI_UNSUPPORTED &&
		    word_is_near(name, o->name) && d < least) {
			least = d;
			best = o->name;
		}
	}
	err_misuse(e, "unknown option '%s'", arg);
	if (best)
		err_hint(e, "did you mean '--%s'?", best);
	return -EINVAL;
}

static int long_option(struct command_line *c, const char *arg, struct err *e)
{
	const char *equals = strchr(arg, '=');
	_free_ char *name = strndup(arg + 2, equals ? (size_t)(equals - arg - 2) : strlen(arg));
	const struct cli_option *o;

	if (!name)
		return err_nomem(e);
	o = cli_option_find(name);
	if (!o)
		return unknown_option(arg, name, e);
	if (o->kind == CLI_UNSUPPORTED)
		return err_set(e, -EOPNOTSUPP, "--%s is not supported by this VMM", name);
	if (!o->section) /* as a whole word, scan_letters has found it */
		return err_misuse(e, "'--%s' takes no value", name);
	if (o->kind != CLI_RECORDS && c->seen[o - cli_options])
		return err_misuse(e, "'--%s' cannot be given more than once", name);
	c->seen[o - cli_options] = true;
	if (is_of_machine(o->section) && !c->first_vm_option)
		c->first_vm_option = o->name;
	return values(c, o, equals ? equals + 1 : NULL, e);
}

static int argument(struct command_line *c, const char *arg, struct err *e)
{
	if (strncmp(arg, "--", 2) == 0 && arg[2])
		return long_option(c, arg, e);
	if (arg[0] != '-' || !arg[1] || arg[1] == '-')
		return err_misuse(e, "unexpected argument '%s'", arg);
	/* Letters: -v was counted before. */
	if (arg[1 + strspn(arg + 1, "v")])
		return unknown_option(arg, arg + 1, e);
	return 0;
}

/* -v, -h and -V count wherever they stand: no value begins with a dash. */
static void scan_letters(int argc, char *const *argv, struct vmm_options *options)
{
	for (int i = 1; i < argc; i++) {
		const char *arg = argv[i];

		if (strcmp(arg, "--help") == 0)
			options->want_help = true;
		else if (strcmp(arg, "--version") == 0)
			options->want_version = true;
		else if (arg[0] == '-' && arg[1] && !arg[1 + strspn(arg + 1, "vhV")])
			for (const char *p = arg + 1; *p; p++) {
				options->verbosity += *p == 'v';
				options->want_help |= *p == 'h';
				options->want_version |= *p == 'V';
			}
	}
}

static bool is_console(const struct option_section *section)
{
	return section == &vm_section_console || section == &vm_section_serial;
}

/* A snapshot brings its machine along; where that has its consoles is the host's affair. */
static int check_restore(struct command_line *c, struct err *e)
{
	struct vmm_restore *restore = &c->options->restore;

	if (!restore->source_url)
		return err_set(e, -EINVAL, "--restore: source_url missing");
	for (const struct cli_option *o = cli_options; o->name; o++) {
		if (!c->seen[o - cli_options] || !is_of_machine(o->section))
			continue;
		if (!is_console(o->section)) {
			err_misuse(e, "'--%s' cannot go with '--restore'", o->name);
			return err_hint(e, "the snapshot brings its machine along");
		}
		restore->has_console |= o->section == &vm_section_console;
		restore->has_serial |= o->section == &vm_section_serial;
	}
	return 0;
}

/* An empty value is a variable that was not set, as a rule. */
static int check_endpoint(const struct cli_option *o, const struct vmm_options *options,
			  struct err *e)
{
	const struct vmm_endpoint *at = (const void *)((const char *)options + o->section->offset);

	if (!at->path && at->fd < 0)
		return err_set(e, -EINVAL, "--%s: path or fd required", o->name);
	if (at->path && at->fd >= 0)
		return err_set(e, -EINVAL, "--%s: only one of path and fd can be given", o->name);
	return 0;
}

static bool is_endpoint(const struct option_section *section)
{
	return section == &vmm_section_api_socket || section == &vmm_section_event_monitor;
}

static int check_vmm_options(struct command_line *c, struct err *e)
{
	for (const struct cli_option *o = cli_options; o->name; o++) {
		if (!c->seen[o - cli_options])
			continue;
		if (is_endpoint(o->section) && check_endpoint(o, c->options, e))
			return e->code;
		if (o->section == &vmm_section_restore)
			return check_restore(c, e);
	}
	if (c->first_vm_option && !c->config->payload.kernel && !c->partial) {
		err_misuse(e, "'--%s' needs a kernel to boot", c->first_vm_option);
		err_hint(e, "give --kernel PATH, an ELF vmlinux or a bzImage");
		return -EINVAL;
	}
	c->options->has_vm = c->first_vm_option != NULL;
	return 0;
}

static int parse(struct command_line *c, struct err *e)
{
	int r = 0;

	scan_letters(c->argc, c->argv, c->options);
	if (c->options->want_help || c->options->want_version)
		return 0;
	while (!r && c->next < c->argc)
		r = argument(c, c->argv[c->next++], e);
	return r ? r : check_vmm_options(c, e);
}

static int parse_new(int argc, char *const *argv, bool partial, struct vm_config *config,
		     struct vmm_options *options, struct err *e)
{
	struct command_line c = {
		.argv = argv,
		.argc = argc,
		.next = 1,
		.config = config,
		.options = options,
		.partial = partial,
	};
	struct err own = { 0 };
	int r;

	if (!e)
		e = &own;
	if (vmm_options_init(options))
		return err_nomem(e);
	if (vm_config_init(config)) {
		vmm_options_clear(options);
		return err_nomem(e);
	}
	r = parse(&c, e);
	if (r) {
		vm_config_clear(config);
		vmm_options_clear(options);
	}
	return r;
}

int vm_cli_parse(int argc, char *const *argv, struct vm_config *config, struct vmm_options *options,
		 struct err *e)
{
	return parse_new(argc, argv, false, config, options, e);
}

int vm_cli_parse_partial(int argc, char *const *argv, struct vm_config *config,
			 struct vmm_options *options, struct err *e)
{
	return parse_new(argc, argv, true, config, options, e);
}
