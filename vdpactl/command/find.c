/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the first words of a line to the command that they name. */
#include "command/commands.h"

#include "base/distance.h"

#include <errno.h>
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

const struct command_group *command_group_find(const char *name)
{
	for (size_t i = 0; i < command_groups_n; i++)
		if (!strcmp(command_groups[i].name, name))
			return &command_groups[i];
	return NULL;
}

static int not_found(char *const *words, size_t n, struct err *e)
{
	const char *best = NULL;
	bool group = command_group_find(words[0]);

	if (group && n == 1) {
		err_misuse(e, "'%s' needs a command", words[0]);
		return err_hint(e, "see 'vdpactl %s --help'", words[0]);
	}
	err_misuse(e, group ? "no command '%s %s'" : "no command '%s'", words[0],
		   n > 1 ? words[1] : "");
	for_each_command(c)
	{
		_free_ char *path = strdup(c->path);
		char *second = path ? strchr(path, ' ') : NULL;

		if (second)
			*second++ = '\0';
		if (!path)
			continue;
		if (!group && word_is_near(words[0], path))
			best = c->path;
		if (group && second && !strcmp(path, words[0]) && word_is_near(words[1], second))
			best = c->path;
	}
	if (best)
		return err_hint(e, "did you mean '%s'?", best);
	return err_hint(e, "see 'vdpactl %s'", group ? words[0] : "help");
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
	if (!s.found)
		return not_found(words, n, e);
	if (s.ambiguous)
		return err_misuse(e, "'%s' may mean '%s' or '%s'", words[s.used - 1], s.found->path,
				  s.other);
	*found = s.found;
	*used = s.used;
	return 0;
}
