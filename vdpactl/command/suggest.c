/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a mistyped word was probably meant to be. */
#include "command/suggest.h"

#include "base/distance.h"
#include "command/help.h"

static int suggest(const struct command *c, enum arg_style style, const char *word,
		   const struct arg *missing, struct err *e)
{
	const char *best = NULL;

	for (size_t i = 0; i < c->n_args; i++) {
		const struct arg *row = &c->args[i];

		if (row->style == style && row->type != ARG_VM_OPTIONS &&
		    word_is_near(word, row->name) &&
		    (!best || word_distance(word, row->name) < word_distance(word, best)))
			best = row->name;
	}
	if (best)
		return err_hint(e, "did you mean '%s%s'?", style == ARG_OPTION ? "--" : "", best);
	if (missing)
		return err_hint(e, "did you mean '%s %s'?", missing->name, word);
	return err_hint(e, "see 'vdpactl %s --help'", c->path);
}

int suggest_option(const struct command *c, const char *word, struct err *e)
{
	return suggest(c, ARG_OPTION, word + 2, NULL, e);
}

int suggest_keyword(const struct command *c, const char *word, const struct arg *missing,
		    struct err *e)
{
	return suggest(c, ARG_KEYWORD, word, missing, e);
}
