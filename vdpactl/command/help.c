/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Help made from the rows. */
#include "command/help.h"

#include "command/commands.h"

#include <string.h>
#include <sys/ioctl.h>

/* Columns of the terminal that is written to; 0: not one. */
static size_t window_columns(const struct output *o)
{
	struct winsize size;

	return o->terminal && !o->json && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col
										       : 0;
}

/* Lines as they are, but broken between words where the window ends; what goes on is indented. */
static void put_lines(struct output *o, const char *text, size_t indent)
{
	_strbuf_ struct strbuf sb = { 0 };
	size_t columns = window_columns(o);

	for (const char *end; *text; text = *end ? end + 1 : end) {
		size_t used = 0;

		end = strchrnul(text, '\n');
		while (columns > 2 * indent && used + (size_t)(end - text) > columns) {
			const char *cut = text + (columns - used);

			while (cut > text && *cut != ' ')
				cut--;
			/* The blanks in front of a word that begins the line are no place. */
			if ((size_t)(cut - text) + used <= indent)
				break;
			strbuf_append(&sb, text, (size_t)(cut - text));
			strbuf_printf(&sb, "\n%*s", (int)indent, "");
			text = cut + 1;
			used = indent;
		}
		strbuf_append(&sb, text, (size_t)(end - text));
		if (*end)
			strbuf_putc(&sb, '\n');
	}
	out_line(o, "%s", strbuf_text(&sb));
	o->sb.failed |= sb.failed;
}

static void usage_arg(const struct arg *row, struct strbuf *sb)
{
	_strbuf_ struct strbuf form = { 0 };

	strbuf_printf(&form, "%s%s", row->style == ARG_OPTION ? "--" : "", row->name);
	if (row->type == ARG_VM_OPTIONS) {
		strbuf_free(&form);
		strbuf_puts(&form, "VM-OPTION");
	} else if (row->value) {
		strbuf_printf(&form, " %s", row->value);
	}
	strbuf_printf(sb, row->required ? " %s" : " [%s]", strbuf_text(&form));
	sb->failed |= form.failed;
	if (row->type == ARG_WORDS || row->type == ARG_VM_OPTIONS)
		strbuf_puts(sb, "...");
}

void help_usage(const struct command *c, struct strbuf *sb)
{
	strbuf_printf(sb, "vdpactl %s", c->path);
	/* What must be given comes first, options last. */
	for (unsigned pass = 0; pass < 3; pass++) {
		for (size_t i = 0; i < c->n_args; i++) {
			const struct arg *row = &c->args[i];
			unsigned rank = row->style == ARG_OPTION ? 2 : row->required ? 0 : 1;

			if (rank == pass)
				usage_arg(row, sb);
		}
	}
}

static void help_args(struct output *o, const struct command *c)
{
	_strbuf_ struct strbuf sb = { 0 };
	struct table t = { 0 };

	for (size_t i = 0; i < c->n_args; i++) {
		const struct arg *row = &c->args[i];
		_strbuf_ struct strbuf form = { 0 }, text = { 0 };

		if (row->type == ARG_VM_OPTIONS)
			strbuf_puts(&form, "  VM-OPTION...");
		else
			strbuf_printf(&form, "  %s%s%s%s", row->style == ARG_OPTION ? "--" : "",
				      row->name, row->value ? " " : "",
				      row->value ? row->value : "");
		strbuf_puts(&text, row->help);
		for (const char *const *choice = row->choices; choice && *choice; choice++)
			strbuf_printf(&text, "%s%s", choice == row->choices ? ": " : ", ", *choice);
		table_row(&t);
		table_cell(&t, "", strbuf_text(&form));
		table_cell(&t, " ", strbuf_text(&text));
		o->sb.failed |= form.failed || text.failed;
	}
	if (c->n_args) {
		table_print(&t, &sb, false);
		o->sb.failed |= sb.failed;
	}
	if (sb.len && !sb.failed) {
		out_line(o, "\nArguments:");
		sb.text[sb.len - 1] = '\0';
		/* The head line of this table is blank. */
		put_lines(o, strchr(sb.text, '\n') + 1, t.columns[0].width + 2);
	}
	table_clear(&t);
}

/* The rows for programs: tests compare them with the manual and with completion. */
static void list_args(struct output *o, const struct command *c)
{
	static const char *const styles[] = {
		[ARG_KEYWORD] = "keyword",
		[ARG_POSITIONAL] = "operand",
		[ARG_OPTION] = "option",
	};

	if (!o->json)
		return;
	jsonw_open(&o->writer, "arguments", '[');
	for (size_t i = 0; i < c->n_args; i++) {
		const struct arg *row = &c->args[i];

		jsonw_open(&o->writer, NULL, '{');
		out_str(o, "name", NULL, row->name);
		out_str(o, "style", NULL,
			row->type == ARG_VM_OPTIONS ? "vm-options" : styles[row->style]);
		out_str(o, "value", NULL, row->value);
		out_bool(o, "required", NULL, row->required);
		out_str(o, "help", NULL, row->help);
		jsonw_close(&o->writer);
	}
	jsonw_close(&o->writer);
}

static void help_command(struct output *o, const struct command *c)
{
	_strbuf_ struct strbuf usage = { 0 }, text = { 0 };

	help_usage(c, &usage);
	out_str(o, "command", NULL, c->path);
	out_str(o, "summary", NULL, c->summary);
	out_str(o, "usage", NULL, strbuf_text(&usage));
	out_str(o, "alias", NULL, c->alias);
	out_str(o, "example", NULL, c->example);
	list_args(o, c);
	strbuf_printf(&text, "Usage: %s", strbuf_text(&usage));
	put_lines(o, strbuf_text(&text), strlen("Usage: "));
	out_line(o, "%s.", c->summary);
	o->sb.failed |= usage.failed || text.failed;
	if (c->help)
		put_lines(o, c->help, 0);
	help_args(o, c);
	if (c->alias)
		out_line(o, "\nAlso: vdpactl %s", c->alias);
	if (c->example)
		out_line(o, "\nExample: %s", c->example);
}

static void help_group(struct output *o, const struct command_group *g)
{
	out_begin(o, "commands", OUT_TABLE, OUT_MAP, "COMMAND");
	for_each_command(c)
	{
		size_t len = strlen(g->name);

		if (strncmp(c->path, g->name, len) != 0 || c->path[len] != ' ')
			continue;
		out_item(o, c->path);
		out_str(o, "summary", "WHAT IT DOES", c->summary);
	}
	out_end(o);
	out_line(o, "\n'vdpactl %s' alone is 'vdpactl %s'. More: vdpactl COMMAND --help", g->name,
		 g->alone->path);
}

static void help_all(struct output *o)
{
	out_line(o,
		 "Usage: vdpactl [--json] [--pretty] COMMAND ...\n"
		 "       vdpactl -f FILE [--keep-going]    run the commands of a file (-: input)\n"
		 "       vdpactl                           interactive shell\n");
	out_begin(o, "commands", OUT_TABLE, OUT_MAP, "COMMAND");
	for_each_command(c)
	{
		out_item(o, c->path);
		out_str(o, "summary", "WHAT IT DOES", c->summary);
	}
	out_end(o);
	out_line(o,
		 "\nEvery command takes --json, --pretty and --help. Exit status: 0 done, 1 failed,"
		 "\n2 misuse, 3 a check found something wanting. Manual: man vdpactl");
}

bool help_words(struct output *o, char *const *words, size_t n, bool prefixes)
{
	const struct command_group *group;
	const struct command *c = NULL;
	size_t used;

	if (!n) {
		help_all(o);
		return true;
	}
	group = command_group_find(words[0], prefixes);
	/* A group alone is a command too, but who asks about it asks for all of the group. */
	if ((!group || n > 1) && !commands_find(words, n, prefixes, &c, &used, NULL)) {
		help_command(o, c);
		return true;
	}
	/* Words behind a group that name none of its commands are not overlooked. */
	if (!group || n > 1)
		return false;
	help_group(o, group);
	return true;
}
