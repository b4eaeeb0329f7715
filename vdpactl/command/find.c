/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the first words of a line to the command that they name. */
#include "command/commands.h"

#include "base/distance.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

/* How many words of `path` stand at the start of `words`; 0 unless all of them do. */
static size_t path_match(const char *path, char *const *words, size_t n, bool prefixes, bool *exact)
{
	size_t used = 0;

	*exact = true;
	while (*path) {
		const char *word = used < n ? words[used] : "";

		if (!*word)
			return 0;
		while (*word && *word == *path && *path != ' ') {
			word++;
			path++;
		}
		if (*word)
			return 0;
		if (*path && *path != ' ') {
			if (!prefixes)
				return 0;
			*exact = false;
			path += strcspn(path, " ");
		}
		used++;
		path += *path == ' ';
	}
	return used;
}

struct search {
	const struct command *found;
	size_t used;
	bool exact, ambiguous;
	const char *other; /* a second one that matches as well */
};

static void search_path(struct search *s, const struct command *c, const char *path,
			char *const *words, size_t n, bool prefixes)
{
	bool exact;
	size_t used = path_match(path, words, n, prefixes, &exact);

	if (!used || used < s->used)
		return;
	if (used == s->used && s->found != c) {
		if (s->exact)
			return;
		if (!exact) {
			s->ambiguous = true;
			s->other = c->path;
			return;
		}
	}
	*s = (struct search){ .found = c, .used = used, .exact = exact };
}

/* Of all paths nearly all begin with another letter, for each line of a batch. */
static bool may_match(const char *path, const char *word)
{
	return path && path[0] == word[0];
}

const struct command_group *command_group_find(const char *name, bool prefixes)
{
	const struct command_group *found = NULL;
	size_t len = strlen(name), n = 0;

	for (size_t i = 0; i < command_groups_n; i++) {
		if (!strcmp(command_groups[i].name, name))
			return &command_groups[i];
		if (!len || strncmp(command_groups[i].name, name, len) != 0)
			continue;
		found = &command_groups[i];
		n++;
	}
	return prefixes && n == 1 ? found : NULL;
}

/* How far two words (the second may be NULL) are from a path; UINT_MAX: too far to be meant. */
static unsigned path_distance(const char *path, const char *first, const char *second)
{
	_free_ char *group = path ? strdup(path) : NULL;
	char *verb = group ? strchr(group, ' ') : NULL;

	if (verb)
		*verb++ = '\0';
	if (!group || !word_is_near(first, group) ||
	    (verb && (!second || !word_is_near(second, verb))))
		return UINT_MAX;
	/* A group that is spelt right is the one that is meant. */
	if (command_group_find(first, false) && strcmp(first, group) != 0)
		return UINT_MAX;
	return word_distance(first, group) + (verb ? word_distance(second, verb) : 0);
}

/* The command, or else the group, that was probably meant; or NULL. */
static const char *nearest(const char *first, const char *second)
{
	unsigned least = UINT_MAX;
	const char *best = NULL;

	for_each_command(c)
	{
		const char *const paths[] = { c->path, c->alias };

		for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
			unsigned distance = path_distance(paths[i], first, second);

			if (distance >= least)
				continue;
			least = distance;
			best = paths[i];
		}
	}
	for (size_t i = 0; !best && i < command_groups_n; i++)
		if (word_is_near(first, command_groups[i].name))
			best = command_groups[i].name;
	return best;
}

/* The name of a group as the only word. */
static const struct command *group_alone(char *const *words, size_t n, bool prefixes)
{
	const struct command_group *group = n == 1 ? command_group_find(words[0], prefixes) : NULL;

	return group ? group->alone : NULL;
}

static int not_found(char *const *words, size_t n, bool prefixes, struct err *e)
{
	const struct command_group *group = command_group_find(words[0], prefixes);
	const char *first = group ? group->name : words[0], *best;

	err_misuse(e, group ? "no command '%s %s'" : "no command '%s'", first,
		   n > 1 ? words[1] : "");
	best = nearest(first, n > 1 ? words[1] : NULL);
	if (best && (!group || strchr(best, ' ')))
		return err_hint(e, "did you mean '%s'?", best);
	return group ? err_hint(e, "see 'vdpactl %s --help'", first)
		     : err_hint(e, "see 'vdpactl help'");
}

int commands_find(char *const *words, size_t n, bool prefixes, const struct command **found,
		  size_t *used, struct err *e)
{
	struct search s = { 0 };

	if (!n)
		return err_misuse(e, "a command is missing");
	for_each_command(c)
	{
		if (may_match(c->path, words[0]))
			search_path(&s, c, c->path, words, n, prefixes);
		if (may_match(c->alias, words[0]))
			search_path(&s, c, c->alias, words, n, prefixes);
	}
	if (!s.found) {
		s.found = group_alone(words, n, prefixes);
		s.used = 1;
	}
	if (!s.found)
		return not_found(words, n, prefixes, e);
	if (s.ambiguous)
		return err_misuse(e, "'%s' may mean '%s' or '%s'", words[s.used - 1], s.found->path,
				  s.other);
	*found = s.found;
	*used = s.used;
	return 0;
}
