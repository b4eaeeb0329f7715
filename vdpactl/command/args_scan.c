/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which row of its command each word belongs to. */
#include "command/args.h"

#include "command/suggest.h"

#include <string.h>

void arg_scan_start(struct arg_scan *scan, const struct command *command, bool prefixes)
{
	*scan = (struct arg_scan){ .command = command, .prefixes = prefixes };
}

static uint64_t row_bit(const struct arg_scan *scan, const struct arg *row)
{
	return UINT64_C(1) << (row - scan->command->args);
}

static bool repeats(const struct arg *row)
{
	return row->type == ARG_WORDS || row->type == ARG_VM_OPTIONS || row->leader;
}

bool arg_scan_allows(const struct arg_scan *scan, const struct arg *row)
{
	return repeats(row) || !(scan->given & row_bit(scan, row));
}

bool arg_scan_needs(const struct arg_scan *scan, const struct arg *row)
{
	return row->required && !(scan->given & row_bit(scan, row));
}

const struct arg *arg_scan_positional(const struct arg_scan *scan)
{
	for (size_t i = 0; i < scan->command->n_args; i++) {
		const struct arg *row = &scan->command->args[i];

		if (row->style == ARG_POSITIONAL && arg_scan_allows(scan, row))
			return row;
	}
	return NULL;
}

static const struct arg *vm_row(const struct command *c)
{
	for (size_t i = 0; i < c->n_args; i++)
		if (c->args[i].type == ARG_VM_OPTIONS)
			return &c->args[i];
	return NULL;
}

/* The row of `style` whose name is `word` (of `len` bytes), or begins with it. */
static const struct arg *named_row(const struct arg_scan *scan, enum arg_style style,
				   const char *word, size_t len)
{
	const struct arg *found = NULL;
	unsigned n = 0;

	for (size_t i = 0; i < scan->command->n_args; i++) {
		const struct arg *row = &scan->command->args[i];

		if (row->style != style || row->type == ARG_VM_OPTIONS ||
		    strncmp(row->name, word, len) != 0)
			continue;
		if (!row->name[len])
			return row;
		found = row;
		n++;
	}
	return scan->prefixes && len && n == 1 ? found : NULL;
}

static int note_given(struct arg_scan *scan, const struct arg *row, struct arg_event *event,
		      struct err *e)
{
	const char *dashes = row->style == ARG_OPTION ? "--" : "";

	if (row->leader && scan->led) {
		event->next_object = true;
		scan->given = scan->before_leader;
	} else if (!arg_scan_allows(scan, row)) {
		return err_misuse(e, "'%s%s' is given twice", dashes, row->name);
	}
	if (row->leader && !scan->led) {
		scan->led = true;
		scan->before_leader = scan->given;
	}
	scan->given |= row_bit(scan, row);
	return 0;
}

static int option_word(struct arg_scan *scan, const char *word, struct arg_event *event,
		       struct err *e)
{
	const char *equals = strchr(word, '=');
	size_t len = equals ? (size_t)(equals - word) : strlen(word);
	const struct arg *row = named_row(scan, ARG_OPTION, word + 2, len - 2);

	/* A flag that is a bare word may be written as an option too. */
	if (!row) {
		row = named_row(scan, ARG_KEYWORD, word + 2, len - 2);
		row = row && row->type == ARG_FLAG ? row : NULL;
	}

	if (row) {
		if (note_given(scan, row, event, e))
			return e ? e->code : -1;
		if (row->type == ARG_FLAG && equals)
			return err_misuse(e, "'--%s' takes no value", row->name);
		if (row->type != ARG_FLAG && !equals) {
			scan->pending = row;
			return 0;
		}
		event->row = row;
		event->value = equals ? equals + 1 : NULL;
		return 0;
	}
	row = vm_row(scan->command);
	if (!row) {
		err_misuse(e, "unknown option '%s'", word);
		return suggest_option(scan->command, word, e);
	}
	scan->in_vm_options = true;
	event->row = row;
	event->value = word;
	return 0;
}

/* The first keyword that is needed and not there yet. */
static const struct arg *missing_keyword(const struct arg_scan *scan)
{
	for (size_t i = 0; i < scan->command->n_args; i++) {
		const struct arg *row = &scan->command->args[i];

		if (row->style == ARG_KEYWORD && arg_scan_needs(scan, row))
			return row;
	}
	return NULL;
}

static int plain_word(struct arg_scan *scan, const char *word, struct arg_event *event,
		      struct err *e)
{
	const struct arg *positional = arg_scan_positional(scan);
	const struct arg *row = NULL;

	/* A required operand may be called like a keyword. */
	if (!scan->only_positionals &&
	    !(positional && arg_scan_needs(scan, positional) && positional->type != ARG_WORDS))
		row = named_row(scan, ARG_KEYWORD, word, strlen(word));
	if (row && row->type == ARG_FLAG)
		event->row = row;
	else if (row)
		scan->pending = row;
	if (row)
		return note_given(scan, row, event, e);
	if (positional) {
		event->row = positional;
		event->value = word;
		return note_given(scan, positional, event, e);
	}
	err_misuse(e, "unexpected word '%s'", word);
	return suggest_keyword(scan->command, word, missing_keyword(scan), e);
}

int arg_scan_word(struct arg_scan *scan, const char *word, struct arg_event *event, struct err *e)
{
	*event = (struct arg_event){ 0 };
	if (scan->pending) {
		event->row = scan->pending;
		event->value = word;
		scan->pending = NULL;
		return 0;
	}
	if (!scan->only_positionals && !strcmp(word, "--")) {
		scan->only_positionals = true;
		return 0;
	}
	if (!scan->only_positionals && word[0] == '-' && word[1] == '-')
		return option_word(scan, word, event, e);
	if (scan->in_vm_options || (word[0] == '-' && word[1] && vm_row(scan->command))) {
		scan->in_vm_options = true;
		event->row = vm_row(scan->command);
		event->value = word;
		return 0;
	}
	if (!scan->only_positionals && word[0] == '-' && word[1])
		return err_misuse(e, "unknown option '%s'", word);
	return plain_word(scan, word, event, e);
}
