/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All commands. */
#pragma once

#include "command/command.h"

extern const struct command *const commands[];
extern const size_t commands_n;
extern const struct command_group command_groups[];
extern const size_t command_groups_n;

/* Walks the rows: `for_each_command(c) { ... }` */
#define for_each_command(c)                                                                        \
	for (size_t i_##c = 0; i_##c < commands_n; i_##c++)                                        \
		for (const struct command *c = commands[i_##c]; c; c = NULL)

/* The group of that name, with `prefixes` the only one whose name begins so, or NULL. */
const struct command_group *command_group_find(const char *name, bool prefixes);

/*
 * Finds the command whose path (or alias) is the longest that `words` begin with; *used becomes the
 * number of words in it. The name of a group alone is its listing. With `prefixes`, unambiguous
 * beginnings of path words will do. Fails as misuse with what was meant or what there is.
 */
int commands_find(char *const *words, size_t n, bool prefixes, const struct command **found,
		  size_t *used, struct err *e);
