/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a mistyped word was probably meant to be. */
#pragma once

#include "command/command.h"

/* Each sets the hint of a failure that was just recorded and returns its code. */
int suggest_option(const struct command *c, const char *word, struct err *e);
/* `missing` is a keyword that may have been left out in front of the word, or NULL. */
int suggest_keyword(const struct command *c, const char *word, const struct arg *missing,
		    struct err *e);
