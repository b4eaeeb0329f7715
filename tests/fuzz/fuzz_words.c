/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line of the shell: to words, to a command, to its arguments. */
#include "base/cleanup.h"
#include "command/args.h"
#include "command/commands.h"
#include "command/words.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void parse(const struct words *w, bool prefixes)
{
	_args_ struct parsed_args args = { 0 };
	const struct command *command;
	struct err e = { 0 };
	size_t used = 0;

	if (commands_find(w->list, w->n, prefixes, &command, &used, &e))
		return;
	if (used > w->n)
		abort();
	args_parse(command, w->list + used, w->n - used, prefixes, &args, &e);
}

/* What is quoted is the same word again. */
static void quote(const char *word)
{
	static const char quotes[] = { 0, '"', '\'' };

	for (size_t i = 0; *word && i < sizeof(quotes); i++) {
		_strbuf_ struct strbuf sb = { 0 };
		_words_ struct words words = { 0 };

		if (quotes[i])
			strbuf_putc(&sb, quotes[i]);
		words_quote(&sb, word, quotes[i], false);
		if (quotes[i])
			strbuf_putc(&sb, quotes[i]);
		if (words_split(&words, strbuf_text(&sb), false, NULL) || words.n != 1 ||
		    strcmp(words.list[0], word) != 0)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_free_ char *line = strndup((const char *)data, size);
	_words_ struct words whole = { 0 }, typed = { 0 };
	struct err e = { 0 };

	if (!line)
		return 0;
	quote(line);
	if (words_split(&typed, line, true, &e) == 0 && typed.last_start > strlen(line))
		abort();
	if (words_split(&whole, line, false, &e) == 0 && whole.n) {
		parse(&whole, false);
		parse(&whole, true);
	}
	return 0;
}
