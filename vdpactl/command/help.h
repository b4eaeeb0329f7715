/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Help made from the rows. */
#pragma once

#include "command/command.h"
#include "output/output.h"

/* Appends "vdpactl dev add name NAME mgmtdev HANDLE [mac MAC] ..." without a line break. */
void help_usage(const struct command *c, struct strbuf *sb);

/* Prints the help of what `words` name: a command, a group, or (none) the program. False where they
 * name nothing. */
bool help_words(struct output *o, char *const *words, size_t n, bool prefixes);
