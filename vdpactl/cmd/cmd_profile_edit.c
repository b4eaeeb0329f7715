/* SPDX-License-Identifier: GPL-3.0-or-later */
/* profile set, unset, add, remove, edit: changes that leave the rest of the file as it was. */
#include "cmd/cmds.h"

#include "base/file.h"
#include "child.h"
#include "config/ini_edit.h"
#include "config/option.h"
#include "config/vm_options.h"
#include "profiles.h"
#include "shell/complete.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

struct edit_args {
	const char *name;
	struct arg_words words;
};

#define NAME_ROW                                                                                   \
	ARG_WORD_ROW(edit_args, name, "PROFILE", "profile, by name or as a path with a slash",     \
		     .required = true, .complete = complete_profiles)

#define WORDS_ROW(name_, help_, complete_)                                                         \
	ARG_WORDS_ROW(edit_args, words, name_, help_, .required = true, .complete = complete_)

static const struct arg set_rows[] = {
	NAME_ROW,
	WORDS_ROW("PLACE=VALUE",
		  "SECTION.KEY=VALUE, or SECTION.LABEL.KEY=VALUE where there are several, for "
		  "example memory.size=2G disk.root.readonly=on",
		  complete_place),
};

static const struct arg unset_rows[] = {
	NAME_ROW,
	WORDS_ROW("PLACE", "SECTION.KEY, or SECTION.LABEL.KEY", complete_set_place),
};

static const struct arg add_rows[] = {
	NAME_ROW,
	WORDS_ROW(
		"SECTION.LABEL",
		"section to add, with KEY=VALUE words behind it, for example disk.data path=d.raw",
		complete_new_section),
};

static const struct arg remove_rows[] = {
	NAME_ROW,
	WORDS_ROW("SECTION.LABEL", "section to remove", complete_own_section),
};

static const struct arg edit_rows[] = {
	NAME_ROW,
};

/* SECTION.KEY or SECTION.LABEL.KEY in pieces; a section is without dots, a label need not be. */
struct place {
	char *copy; /* owned */
	struct ini_place ini;
};

#define _place_ _cleanup_(place_clear)

static void place_clear(struct place *p)
{
	free(p->copy);
}

static int split_place(const char *word, size_t len, bool with_key, struct place *p, struct err *e)
{
	char *first, *last;

	p->copy = strndup(word, len);
	if (!p->copy)
		return err_nomem(e);
	first = strchr(p->copy, '.');
	last = strrchr(p->copy, '.');
	if (with_key && !first)
		return err_misuse(e, "'%s' is no place: SECTION.KEY or SECTION.LABEL.KEY", p->copy);
	p->ini.section = p->copy;
	if (first)
		*first = '\0';
	if (with_key) {
		*last = '\0';
		p->ini.key = last + 1;
		p->ini.label = last > first ? first + 1 : NULL;
	} else {
		p->ini.label = first ? first + 1 : NULL;
	}
	if (!vm_section_find(p->ini.section)) {
		err_misuse(e, "a profile has no section '%s'", p->ini.section);
		return err_hint(e, "see vdpactl-profile(5)");
	}
	return 0;
}

/* Replaces *text by the outcome of one more step. */
static void step(char **text, char *next)
{
	free(*text);
	*text = next;
}

/* Makes new text of `text` as one word says; *next is the caller's to free. */
typedef int word_change(const char *text, const char *word, char **next, struct err *e);

static int set_word(const char *text, const char *word, char **next, struct err *e)
{
	_place_ struct place p = { 0 };
	const char *equals = strchr(word, '=');
	int r;

	if (!equals)
		return err_misuse(e, "'%s' is no PLACE=VALUE", word);
	r = split_place(word, (size_t)(equals - word), true, &p, e);
	return r ? r : ini_edit_set(text, &p.ini, equals + 1, next, e);
}

static int unset_word(const char *text, const char *word, char **next, struct err *e)
{
	_place_ struct place p = { 0 };
	int r = split_place(word, strlen(word), true, &p, e);

	return r ? r : ini_edit_unset(text, &p.ini, next, e);
}

static int remove_word(const char *text, const char *word, char **next, struct err *e)
{
	_place_ struct place p = { 0 };
	int r = split_place(word, strlen(word), false, &p, e);

	return r ? r : ini_edit_remove(text, &p.ini, next, e);
}

/* What a profile_change is given. */
struct edit {
	const struct arg_words *words;
	word_change *word; /* of change_each */
};

static int change_each(const char *text, void *ctx, char **out, struct err *e)
{
	const struct edit *edit = ctx;
	_free_ char *now = strdup(text);
	int r = now ? 0 : err_nomem(e);

	for (size_t i = 0; !r && i < edit->words->n; i++) {
		char *next = NULL;

		r = edit->word(now, edit->words->list[i], &next, e);
		if (!r)
			step(&now, next);
	}
	if (!r)
		*out = steal_ptr(&now);
	return r;
}

static int change_add(const char *text, void *ctx, char **out, struct err *e)
{
	const struct edit *edit = ctx;
	const struct arg_words *words = edit->words;
	_place_ struct place p = { 0 };
	_free_ char *now = NULL;
	int r = split_place(words->list[0], strlen(words->list[0]), false, &p, e);

	if (!r)
		r = ini_edit_add(text, &p.ini, &now, e);
	p.ini.last = true;
	for (size_t i = 1; !r && i < words->n; i++) {
		const char *equals = strchr(words->list[i], '=');
		_free_ char *key = NULL;
		char *next = NULL;

		if (!equals)
			return err_misuse(e, "'%s' is no KEY=VALUE", words->list[i]);
		key = strndup(words->list[i], (size_t)(equals - words->list[i]));
		if (!key)
			return err_nomem(e);
		p.ini.key = key;
		r = ini_edit_set(now, &p.ini, equals + 1, &next, e);
		if (!r)
			step(&now, next);
	}
	if (!r)
		*out = steal_ptr(&now);
	return r;
}

static int change(struct session *s, const void *args, profile_change *how, word_change *word,
		  struct err *e)
{
	const struct edit_args *a = args;
	struct edit edit = { .words = &a->words, .word = word };
	struct err note = { 0 };
	int r = profiles_change(a->name, how, &edit, &note, e);

	if (r)
		return r;
	out_str(&s->out, "profile", NULL, a->name);
	if (note.code)
		out_str(&s->out, "note", NULL, note.text);
	if (note.code && !s->out.json)
		session_tell(s, &note);
	return 0;
}

static int run_set(struct session *s, const void *args, size_t n, struct err *e)
{
	(void)n;
	return change(s, args, change_each, set_word, e);
}

static int run_unset(struct session *s, const void *args, size_t n, struct err *e)
{
	(void)n;
	return change(s, args, change_each, unset_word, e);
}

static int run_add(struct session *s, const void *args, size_t n, struct err *e)
{
	(void)n;
	return change(s, args, change_add, NULL, e);
}

static int run_remove(struct session *s, const void *args, size_t n, struct err *e)
{
	(void)n;
	return change(s, args, change_each, remove_word, e);
}

/* Runs the user's editor on a file. */
static int run_editor(const char *path, struct err *e)
{
	const char *editor = getenv("VISUAL");
	_free_ char *line = NULL;
	int r;

	if (!editor || !*editor)
		editor = getenv("EDITOR");
	if (asprintf(&line, "%s '%s'", editor && *editor ? editor : "vi", path) < 0) {
		line = NULL;
		return err_nomem(e);
	}
	r = child_shell(line, e);
	return r > 0 ? err_set(e, -EIO, "the editor ended with status %d", r) : r;
}

/* Did the editor leave the text as it was, or none? What cannot be read is another text. */
static bool is_unchanged(const char *copy, const char *was)
{
	_free_ char *now = NULL;
	int r = profile_read(copy, &now, NULL);

	return r ? r == -ENOENT : strcmp(now, was) == 0;
}

/* Makes what the editor left in `copy` the profile; `was` is what it began with. */
static int take_over(const char *path, const char *was, const char *copy, struct err *e)
{
	_free_ char *now = NULL;
	int r = profile_read(copy, &now, e);

	if (!r && strcmp(now, was) == 0)
		return profiles_check_text(was, path, e);
	if (!r)
		r = profiles_check_text(now, copy, e);
	return r ? r : profiles_replace(path, was, now, e);
}

/* The editor works on a copy, so that a text that is no profile never becomes one, and without the
 * lock, so that other writers need not wait for it. A text that does not become the profile stays
 * in the copy. */
static int edit(const char *path, const char *was, struct err *e)
{
	char copy[] = "/tmp/vdpactl-profile.XXXXXX";
	_close_ int fd = mkostemp(copy, O_CLOEXEC);
	int r;

	if (fd < 0)
		return err_errno(e, -errno, "cannot create a file in /tmp");
	r = file_write_existing(copy, was, e);
	if (r) {
		(void)unlink(copy);
		return r;
	}
	r = run_editor(copy, e);
	if (!r)
		r = take_over(path, was, copy, e);
	if (r && !is_unchanged(copy, was))
		return err_hint(e, "your text is kept in '%s'; the profile is as it was", copy);
	(void)unlink(copy);
	return r;
}

static int run_edit(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct edit_args *a = args;
	_free_ char *path = NULL, *was = NULL;
	int r = profiles_find(a->name, &path, e);

	(void)n;
	if (!r)
		r = profile_read(path, &was, e);
	if (!r)
		r = edit(path, was, e);
	if (!r)
		out_str(&s->out, "profile", NULL, a->name);
	return r;
}

#define EDIT_COMMAND(symbol, path_, summary_, example_, rows_, run_)                               \
	const struct command symbol = {                                                            \
		.path = path_,                                                                     \
		.summary = summary_,                                                               \
		.example = example_,                                                               \
		COMMAND_ARGS(rows_, edit_args),                                                    \
		.run = run_,                                                                       \
	}

EDIT_COMMAND(command_profile_set, "profile set", "Set values of a profile",
	     "vdpactl profile set blk-demo memory.size=2G", set_rows, run_set);
EDIT_COMMAND(command_profile_unset, "profile unset",
	     "Put values of a profile back to their default",
	     "vdpactl profile unset blk-demo memory.size", unset_rows, run_unset);
EDIT_COMMAND(command_profile_add, "profile add", "Add a disk, a vDPA device or another section",
	     "vdpactl profile add blk-demo vdpa.net device=vdpa-net1 num_queues=auto", add_rows,
	     run_add);
EDIT_COMMAND(command_profile_remove, "profile remove", "Remove sections of a profile",
	     "vdpactl profile remove blk-demo vdpa.net", remove_rows, run_remove);
EDIT_COMMAND(command_profile_edit, "profile edit", "Change a profile with $VISUAL or $EDITOR",
	     "vdpactl profile edit blk-demo", edit_rows, run_edit);
