/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options of the VMM itself, back to words. */
#include "vm/vmm_words.h"

#include "config/cli_options.h"
#include "config/option_string.h"

#include <errno.h>

static int add(struct cli_words *words, const char *name, const struct strbuf *value)
{
	char option[64];
	int r;

	if (value->failed)
		return -ENOMEM;
	snprintf(option, sizeof(option), "--%s", name);
	r = cli_words_add(words, option);
	return r || !value->len ? r : cli_words_add(words, value->text);
}

static int add_option(const struct cli_option *o, const struct vmm_options *options,
		      struct cli_words *words)
{
	const void *record = (const char *)options + o->section->offset;
	_strbuf_ struct strbuf value = { 0 };

	switch (o->kind) {
	case CLI_RECORD:
		option_string_print(o->section, record, &value);
		return value.len ? add(words, o->name, &value) : 0;
	case CLI_KEY:
		if (option_is_default(cli_option_key(o), record))
			return 0;
		option_get(cli_option_key(o), record, &value);
		return add(words, o->name, &value);
	case CLI_FLAG:
		return option_is_default(cli_option_key(o), record) ? 0
								    : add(words, o->name, &value);
	case CLI_RECORDS:
	case CLI_ENDPOINT:
	case CLI_VERBOSE:
	case CLI_HELP:
	case CLI_VERSION:
	case CLI_UNSUPPORTED:
		break;
	}
	return 0;
}

int vmm_options_words(const struct vmm_options *options, struct cli_words *words)
{
	int r = 0;

	for (const struct cli_option *o = cli_options; !r && o->name; o++)
		if (o->section == &vmm_section_vmm || o->section == &vmm_section_event_monitor ||
		    o->section == &vmm_section_restore)
			r = add_option(o, options, words);
	for (unsigned i = 0; !r && i < options->verbosity; i++)
		r = cli_words_add(words, "-v");
	return r;
}
