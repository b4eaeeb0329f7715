/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One command's words to its argument structs. */
#include "command/args.h"

#include "base/parse.h"
#include "command/help.h"
#include "command/suggest.h"

#include <errno.h>
#include <string.h>

static int add_word(struct arg_words *words, const char *word, struct err *e)
{
	const char **list = realloc(words->list, (words->n + 2) * sizeof(*list));

	if (!list)
		return err_nomem(e);
	list[words->n++] = word;
	list[words->n] = NULL;
	words->list = list;
	return 0;
}

static int check_choice(const struct arg *row, const char *value, struct err *e)
{
	_strbuf_ struct strbuf sb = { 0 };

	for (const char *const *c = row->choices; *c; c++) {
		if (!strcmp(*c, value))
			return 0;
		strbuf_printf(&sb, "%s%s", c == row->choices ? "" : ", ", *c);
	}
	return err_misuse(e, "'%s' is none of %s", value, strbuf_text(&sb));
}

/* One value's check by its row's type; *field is the row's field in the argument struct. */
static int store(const struct arg *row, const char *value, void *field, struct err *e)
{
	struct arg_number *number = field;
	struct arg_mac *mac = field;
	int r = 0;

	if (row->choices && check_choice(row, value, e))
		return -EINVAL;
	switch (row->type) {
	case ARG_FLAG:
		*(bool *)field = true;
		return 0;
	case ARG_WORD:
		if (!*value)
			return err_misuse(e, "an empty word is no value");
		*(const char **)field = value;
		return 0;
	case ARG_WORDS:
		if (!*value)
			return err_misuse(e, "an empty word is no value");
		return add_word(field, value, e);
	case ARG_VM_OPTIONS:
		return add_word(field, value, e);
	case ARG_NUMBER:
		r = parse_uint_or_hex(value, row->min, row->max ? row->max : UINT64_MAX,
				      &number->value, e);
		number->given = true;
		break;
	case ARG_SIZE:
		r = parse_size(value, &number->value, e);
		number->given = true;
		break;
	case ARG_MAC:
		r = parse_mac(value, mac->addr, e);
		mac->given = true;
		break;
	}
	if (r && e)
		e->misuse = r != -ENOMEM;
	return r;
}

void args_free(struct parsed_args *args)
{
	for (size_t i = 0; args->structs && i < args->n; i++) {
		for (size_t k = 0; k < args->command->n_args; k++) {
			const struct arg *row = &args->command->args[k];
			char *field = args->structs + i * args->command->args_size + row->offset;

			if (row->type == ARG_WORDS || row->type == ARG_VM_OPTIONS)
				free(((struct arg_words *)(void *)field)->list);
		}
	}
	free(args->structs);
	*args = (struct parsed_args){ 0 };
}

static int check_required(const struct command *c, const struct arg_scan *scan, struct err *e)
{
	for (size_t i = 0; i < c->n_args; i++) {
		const struct arg *row = &c->args[i];
		_strbuf_ struct strbuf usage = { 0 };

		if (!row->required || scan->given & UINT64_C(1) << i)
			continue;
		if (row->style == ARG_POSITIONAL)
			err_misuse(e, "%s is missing", row->name);
		else
			err_misuse(e, "'%s%s %s' is missing", row->style == ARG_OPTION ? "--" : "",
				   row->name, row->value);
		help_usage(c, &usage);
		return err_hint(e, "usage: %s", strbuf_text(&usage));
	}
	return 0;
}

/* Where a row with a list and a leading keyword met, copies of a list would be freed twice: the
 * table test refuses such a command. */
static void begin_object(struct parsed_args *args, const char *defaults)
{
	memcpy(args->structs + args->n * args->command->args_size, defaults,
	       args->command->args_size);
	args->n++;
}

static int parse_words(struct parsed_args *args, char *const *words, size_t n, bool prefixes,
		       char *defaults, struct err *e)
{
	const struct command *c = args->command;
	struct arg_scan scan;

	arg_scan_start(&scan, c, prefixes);
	for (size_t i = 0; i < n; i++) {
		struct arg_event event;
		bool led = scan.led;
		int r = 0;

		/* The object that ends here must be whole. */
		struct arg_scan before = scan;

		if (arg_scan_word(&scan, words[i], &event, e))
			return -EINVAL;
		if (scan.led && !led)
			memcpy(defaults, args->structs, c->args_size);
		if (event.next_object) {
			r = check_required(c, &before, e);
			if (!r)
				begin_object(args, defaults);
		}
		if (!r && event.row)
			r = store(event.row, event.value,
				  args->structs + (args->n - 1) * c->args_size + event.row->offset,
				  e);
		if (r && event.row && event.value)
			err_prefix(e, "%s%s", event.row->style == ARG_OPTION ? "--" : "",
				   event.row->name);
		if (r)
			return r;
	}
	if (scan.pending)
		return err_misuse(e, "'%s%s' needs a value: %s",
				  scan.pending->style == ARG_OPTION ? "--" : "", scan.pending->name,
				  scan.pending->value);
	return check_required(c, &scan, e);
}

int args_parse(const struct command *command, char *const *words, size_t n, bool prefixes,
	       struct parsed_args *args, struct err *e)
{
	size_t size = command->args_size ? command->args_size : 1;
	_free_ char *defaults = calloc(1, size);
	int r;

	*args = (struct parsed_args){ .command = command, .n = 1 };
	args->structs = calloc(n + 1, size);
	if (!args->structs || !defaults)
		return err_nomem(e);
	r = parse_words(args, words, n, prefixes, defaults, e);
	if (r)
		args_free(args);
	return r;
}
