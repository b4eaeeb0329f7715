/* SPDX-License-Identifier: GPL-3.0-or-later */
/* profile list, show, check, copy, rename, delete: profiles as files. */
#include "cmd/cmds.h"

#include "config/config_json.h"
#include "config/from_ini.h"
#include "config/ini_edit.h"
#include "config/vm_config_check.h"
#include "profiles.h"
#include "shell/complete.h"

#include <errno.h>
#include <json-c/json.h>
#include <string.h>
#include <sys/stat.h>

struct profile_args {
	const char *name, *to;
	struct arg_words names;
};

static const char name_help[] = "profile, by name or as a path with a slash";

static const struct arg name_rows[] = {
	ARG_WORD_ROW(profile_args, name, "PROFILE", name_help, .required = true,
		     .complete = complete_profiles),
};

static const struct arg names_rows[] = {
	ARG_WORDS_ROW(profile_args, names, "PROFILE", name_help, .required = true,
		      .complete = complete_profiles),
};

static const struct arg to_rows[] = {
	ARG_WORD_ROW(profile_args, name, "PROFILE", name_help, .required = true,
		     .complete = complete_profiles),
	ARG_WORD_ROW(profile_args, to, "NEW", "its new name", .required = true),
};

static int run_list(struct session *s, const void *args, size_t n, struct err *e)
{
	_folders_ struct profile_folders folders = { 0 };
	_profile_list_ struct profile_list list = { 0 };
	int r = profile_folders_get(&folders, e);

	(void)args;
	(void)n;
	if (!r)
		r = profile_list(folders.list, &list, e);
	if (r)
		return r;
	out_begin(&s->out, "profile", OUT_TABLE, OUT_MAP, "PROFILE");
	for (size_t i = 0; i < list.n; i++) {
		_vm_config_ struct vm_config config = { 0 };
		struct err wrong = { 0 };

		out_item(&s->out, list.entries[i].name);
		if (profile_load(list.entries[i].path, &config, &wrong)) {
			out_str(&s->out, NULL, "MEMORY", NULL);
			out_str(&s->out, NULL, "VCPUS", NULL);
			out_str(&s->out, "path", "PATH", list.entries[i].path);
			out_str(&s->out, "error", "ERROR", wrong.text);
			continue;
		}
		out_size(&s->out, "memory", "MEMORY", config.memory.size);
		out_uint(&s->out, "vcpus", "VCPUS", config.cpus.boot);
		out_str(&s->out, "path", "PATH", list.entries[i].path);
	}
	out_end(&s->out);
	return 0;
}

static int show_json(struct session *s, const char *path, struct err *e)
{
	_vm_config_ struct vm_config config = { 0 };
	struct json_object *json;
	int r = profile_load(path, &config, e);

	if (r)
		return r;
	json = vm_config_to_json(&config);
	if (!json)
		return err_nomem(e);
	out_str(&s->out, "path", NULL, path);
	out_raw(&s->out, "config", config_json_text(json, JSON_C_TO_STRING_PLAIN));
	json_object_put(json);
	return 0;
}

static int run_show(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct profile_args *a = args;
	_free_ char *path = NULL, *text = NULL;
	size_t len;
	int r = profiles_find(a->name, &path, e);

	(void)n;
	if (r)
		return r;
	if (s->out.json)
		return show_json(s, path, e);
	r = profile_read(path, &text, e);
	if (r)
		return r;
	len = strlen(text);
	if (len && text[len - 1] == '\n')
		text[len - 1] = '\0';
	out_line(&s->out, "%s", text);
	return 0;
}

static int check_one(const char *name, struct err *e)
{
	_vm_config_ struct vm_config config = { 0 };
	int r = profiles_load(name, &config, e);

	return r ? r : vm_config_check(&config, e);
}

/* What is wrong with the only one is the command's error; of several each is told. */
static int run_check(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct profile_args *a = args;
	int status = 0;

	(void)n;
	out_begin(&s->out, "profile", OUT_TABLE, OUT_MAP, "PROFILE");
	for (size_t i = 0; i < a->names.n; i++) {
		struct err wrong = { 0 };
		int r = check_one(a->names.list[i], &wrong);

		if (r && a->names.n == 1)
			return err_pass(e, &wrong);
		out_item(&s->out, a->names.list[i]);
		out_str(&s->out, "state", "STATE", r ? "wrong" : "ok");
		out_str(&s->out, "error", "ERROR", r ? wrong.text : NULL);
		out_str(&s->out, "hint", "HINT", r && *wrong.hint ? wrong.hint : NULL);
		if (r)
			status = EXIT_FAILED;
	}
	out_end(&s->out);
	return status;
}

/* The text of profile `from` as that of `to`: a VM that has the profile's name goes with it. */
static int rename_vm(const char *text, const char *from, const char *to, char **out, struct err *e)
{
	static const struct ini_place place = { .section = "vm", .key = "name" };
	_vm_config_ struct vm_config config = { 0 };
	_free_ char *old = profile_name(from), *new = profile_name(to);
	int r = old && new ? vm_config_from_ini(text, strlen(text), from, &config, e)
			   : err_nomem(e);

	if (r)
		return r;
	if (config.name && strcmp(config.name, old) == 0 && vm_name_check(new, NULL) == 0)
		return ini_edit_set(text, &place, new, out, e);
	*out = strdup(text);
	return *out ? 0 : err_nomem(e);
}

/* Makes a new profile of the one in the file `from`, whose text becomes the caller's to free. */
static int copy(const char *from, const char *to, char **text, char **path, struct err *e)
{
	_free_ char *own = NULL;
	int r = profile_read(from, text, e);

	if (!r)
		r = rename_vm(*text, from, to, &own, e);
	if (!r)
		r = profiles_check_text(own, from, e);
	return r ? r : profiles_create(to, own, path, e);
}

static int run_copy(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct profile_args *a = args;
	_free_ char *from = NULL, *text = NULL, *to = NULL;
	int r = profiles_find(a->name, &from, e);

	(void)n;
	if (!r)
		r = copy(from, a->to, &text, &to, e);
	if (r)
		return r;
	out_str(&s->out, "path", NULL, to);
	out_line(&s->out, "%s", to);
	return 0;
}

static int run_rename(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct profile_args *a = args;
	_free_ char *from = NULL, *text = NULL, *to = NULL;
	int r = profiles_find(a->name, &from, e);

	(void)n;
	/* The new one is whole before the old one goes. */
	if (!r)
		r = copy(from, a->to, &text, &to, e);
	if (r)
		return r;
	r = profiles_remove(from, text, e);
	if (r) {
		(void)unlink(to);
		return r;
	}
	out_str(&s->out, "path", NULL, to);
	out_line(&s->out, "%s", to);
	return 0;
}

static int check_removable(const char *path, struct err *e)
{
	/* A profile's file has its folder in front. */
	const char *slash = strrchr(path, '/');
	_free_ char *folder = strndup(path, (size_t)(slash - path) + 1);

	if (!folder)
		return err_nomem(e);
	return access(folder, W_OK) < 0 ? err_errno(e, -errno, "cannot remove '%s'", path) : 0;
}

/* Profiles are named *.ini, or can be read as one: a path may be a slip for that of an image. */
static int check_profile(const char *path, const char *name, struct err *e)
{
	_vm_config_ struct vm_config config = { 0 };
	struct stat st;
	int r;

	if (stat(path, &st) < 0)
		return err_errno(e, -errno, "profile '%s'", name);
	if (S_ISREG(st.st_mode) && profile_is_named(path))
		return 0;
	r = S_ISREG(st.st_mode) ? profile_load(path, &config, e) : -EINVAL;
	/* In a text without a section nothing is that of a profile. */
	if (!r && config.origins.n_rows)
		return 0;
	if (r == -EACCES || err_is_shortage(r))
		return r;
	err_set(e, -EINVAL, "'%s' is no profile", name);
	return err_hint(e, "nothing was deleted");
}

/* Each before the first goes: a command that fails leaves what was there. The paths are the
 * caller's to free. */
static int find_all(const struct arg_words *names, char **paths, struct err *e)
{
	int r = 0;

	for (size_t i = 0; !r && i < names->n; i++) {
		r = profiles_find(names->list[i], &paths[i], e);
		if (!r)
			r = check_profile(paths[i], names->list[i], e);
		if (!r)
			r = check_removable(paths[i], e);
		for (size_t k = 0; !r && k < i; k++)
			if (strcmp(paths[k], paths[i]) == 0)
				r = err_misuse(e, "profile '%s' is given twice", names->list[i]);
	}
	return r;
}

static int remove_all(struct session *s, const struct arg_words *names, char *const *paths,
		      struct err *e)
{
	int r = 0;

	out_begin(&s->out, "profile", OUT_TABLE, OUT_MAP, "PROFILE");
	for (size_t i = 0; i < names->n; i++) {
		r = profiles_remove(paths[i], NULL, e);
		if (r)
			break;
		out_item(&s->out, names->list[i]);
		out_str(&s->out, "state", "STATE", "deleted");
	}
	out_end(&s->out);
	return r;
}

static int run_delete(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct profile_args *a = args;
	_free_ char **paths = calloc(a->names.n, sizeof(*paths));
	int r;

	(void)n;
	if (!paths)
		return err_nomem(e);
	r = find_all(&a->names, paths, e);
	if (!r)
		r = remove_all(s, &a->names, paths, e);
	for (size_t i = 0; i < a->names.n; i++)
		free(paths[i]);
	return r;
}

#define PROFILE_COMMAND(symbol, path_, summary_, rows_, run_)                                      \
	const struct command symbol = {                                                            \
		.path = path_,                                                                     \
		.summary = summary_,                                                               \
		COMMAND_ARGS(rows_, profile_args),                                                 \
		.run = run_,                                                                       \
	}

const struct command command_profile_list = {
	.path = "profile list",
	.summary = "List profiles: the user's, then the system's",
	.run = run_list,
};

PROFILE_COMMAND(command_profile_show, "profile show", "Show a profile", name_rows, run_show);
PROFILE_COMMAND(command_profile_check, "profile check",
		"Check that profiles are valid; 'check PROFILE' checks the host as well",
		names_rows, run_check);
PROFILE_COMMAND(command_profile_copy, "profile copy", "Copy a profile", to_rows, run_copy);
PROFILE_COMMAND(command_profile_rename, "profile rename", "Give a profile another name", to_rows,
		run_rename);
PROFILE_COMMAND(command_profile_delete, "profile delete", "Delete profiles", names_rows,
		run_delete);
