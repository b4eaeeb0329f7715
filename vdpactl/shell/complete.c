/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What may come next on a line. */
#include "shell/complete.h"

#include "command/args.h"
#include "command/commands.h"
#include "config/vmm_options.h"
#include "output/escape.h"

#include <string.h>

void completion_free(struct completion *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->items[i].text);
		free(c->items[i].help);
	}
	free(c->items);
	c->items = NULL;
	c->n = c->size = 0;
}

void completion_add(struct completion *c, const char *text, const char *help)
{
	struct candidate *items = c->items;

	if (strncmp(text, c->partial, strlen(c->partial)) != 0)
		return;
	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(c->items[i].text, text))
			return;
	if (c->n == c->size) {
		size_t size = c->size ? c->size * 2 : 16;

		items = realloc(c->items, size * sizeof(*items));
		if (!items) {
			c->failed = true;
			return;
		}
		c->items = items;
		c->size = size;
	}
	items[c->n].text = strdup(text);
	items[c->n].help = help ? strdup(help) : NULL;
	if (items[c->n].text && (items[c->n].help || !help)) {
		c->n++;
		return;
	}
	free(items[c->n].text);
	free(items[c->n].help);
	c->failed = true;
}

/* The path word behind those given, where they lead there; `prefixes`: or begin what does. */
static void add_path_word(struct completion *c, const char *path, bool prefixes,
			  const char *summary)
{
	_free_ char *word = NULL;
	const char *p = path;

	for (size_t i = 0; i < c->n_words; i++) {
		size_t len = strcspn(p, " "), given = strlen(c->words[i]);

		if (strncmp(p, c->words[i], given) != 0 || !given || given > len ||
		    (given < len && !prefixes) || !p[len])
			return;
		p += len + 1;
	}
	word = strndup(p, strcspn(p, " "));
	if (!word) {
		c->failed = true;
		return;
	}
	/* Of a group's first word, the group's summary. */
	if (p[strlen(word)] && command_group_find(word, false))
		summary = command_group_find(word, false)->summary;
	completion_add(c, word, summary);
}

void complete_command_words(struct session *s, struct completion *c)
{
	for_each_command(command) add_path_word(c, command->path, false, command->summary);
	if (c->n || !s->prefixes)
		return;
	for_each_command(command) add_path_word(c, command->path, true, command->summary);
}

static void complete_value(struct session *s, const struct arg *row, struct completion *c)
{
	snprintf(c->hint, sizeof(c->hint), "%s: %s", row->value ? row->value : row->name,
		 row->help);
	/* One that knows the choices tells of them, too. */
	if (row->complete)
		row->complete(s, c);
	for (const char *const *choice = row->choices; choice && *choice; choice++)
		completion_add(c, *choice, NULL);
}

static void complete_names(const struct arg_scan *scan, bool keywords, struct completion *c)
{
	bool dashes = c->partial[0] == '-';

	for (size_t i = 0; i < scan->command->n_args; i++) {
		const struct arg *row = &scan->command->args[i];
		char option[64];

		if (row->type == ARG_VM_OPTIONS || !arg_scan_allows(scan, row))
			continue;
		if (row->style == ARG_KEYWORD && !dashes && keywords)
			completion_add(c, row->name, row->help);
		if (row->style != ARG_OPTION || !dashes)
			continue;
		snprintf(option, sizeof(option), "--%s", row->name);
		completion_add(c, option, row->help);
	}
	if (!dashes)
		return;
	completion_add(c, "--json", "print JSON");
	completion_add(c, "--pretty", "print JSON over several lines");
	completion_add(c, "--help", "how to use this command");
}

/* Where nothing completes an operand, the options that may stand in its place are named. */
static void hint_options(const struct arg_scan *scan, struct completion *c)
{
	size_t len = strlen(c->hint);

	if (c->n || c->files || c->partial[0])
		return;
	for (size_t i = 0; i < scan->command->n_args; i++) {
		const struct arg *row = &scan->command->args[i];

		if (row->style != ARG_OPTION || !arg_scan_allows(scan, row))
			continue;
		snprintf(c->hint + len, sizeof(c->hint) - len, "%s--%s",
			 strstr(c->hint, "; or --") ? " " : "; or ",
			 row->type == ARG_VM_OPTIONS ? "VM-OPTION" : row->name);
		len = strlen(c->hint);
	}
}

static const struct arg *vm_options_row(const struct command *command)
{
	for (size_t i = 0; i < command->n_args; i++)
		if (command->args[i].type == ARG_VM_OPTIONS)
			return &command->args[i];
	return NULL;
}

static void complete_args(struct session *s, const struct command *command, size_t used,
			  struct completion *c)
{
	const struct arg *positional, *vm = vm_options_row(command);
	struct arg_scan scan;

	arg_scan_start(&scan, command, s->prefixes);
	for (size_t i = used; i < c->n_words; i++) {
		struct arg_event event;

		if (arg_scan_word(&scan, c->words[i], &event, NULL))
			return;
	}
	if (scan.pending) {
		complete_value(s, scan.pending, c);
		return;
	}
	positional = arg_scan_positional(&scan);
	if (positional && c->partial[0] != '-' && !scan.in_vm_options)
		complete_value(s, positional, c);
	if (vm && vm->complete && (c->partial[0] == '-' || scan.in_vm_options))
		vm->complete(s, c);
	/* In the place of an operand that must be there a keyword would be taken for it. */
	complete_names(&scan, !positional || !arg_scan_needs(&scan, positional), c);
	if (positional)
		hint_options(&scan, c);
}

static void complete_next(struct session *s, struct completion *c)
{
	const struct command *command = NULL;
	size_t n = c->n_words, used = 0;

	if (n && (!strcmp(c->words[n - 1], "-f") || !strcmp(c->words[n - 1], "--file"))) {
		c->files = true;
		return;
	}
	complete_command_words(s, c);
	if (n && !commands_find(c->words, n, s->prefixes, &command, &used, NULL))
		complete_args(s, command, used, c);
	else if (!n && c->partial[0] == '-')
		for (const char *const *o =
			     (const char *const[]){ "--json", "--pretty", "--file", "--keep-going",
						    "--version", "--help", NULL };
		     *o; o++)
			completion_add(c, *o, NULL);
}

void complete_words(struct session *s, char *const *words, size_t n, const char *partial,
		    struct completion *c)
{
	_free_ char **kept = calloc(n + 1, sizeof(*kept));
	struct common_options common = { 0 };

	c->failed = !kept;
	if (!kept)
		return;
	c->partial = partial;
	c->words = kept;
	c->n_words = common_options_take(words, n, kept, &common);
	complete_next(s, c);
	c->words = NULL;
	c->n_words = 0;
}

void complete_vmm_words(struct session *s, char *const *words, size_t n, const char *partial,
			struct completion *c)
{
	c->partial = partial;
	c->words = words;
	c->n_words = n;
	complete_vm_options(s, c);
	if (partial[0] != '-')
		return;
	completion_add(c, "--api-socket", vmm_section_api_socket.help);
	completion_add(c, "--restore", vmm_section_restore.help);
	completion_add(c, "--version", "print the version");
	completion_add(c, "--help", "explain every option");
}

enum exit_status complete_print(struct session *s, complete_line *complete, char *const *words,
				size_t n)
{
	_completion_ struct completion c = { 0 };
	struct strbuf *sb = &s->out.sb;
	struct err e = { 0 };
	int r;

	if (!n)
		return EXIT_MISUSE;
	complete(s, words, n - 1, words[n - 1], &c);
	for (size_t i = 0; i < c.n; i++) {
		escape_text(sb, c.items[i].text);
		strbuf_putc(sb, '\t');
		if (c.items[i].help)
			escape_text(sb, c.items[i].help);
		strbuf_putc(sb, '\n');
	}
	if (c.files)
		strbuf_puts(sb, ":files\n");
	if (c.no_space)
		strbuf_puts(sb, ":nospace\n");
	sb->failed |= c.failed;
	r = session_flush(s, &e);
	return r ? session_fail(s, &e) : EXIT_DONE;
}
