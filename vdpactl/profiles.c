/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The user's profiles: where they are, and edits that lose nothing. */
#include "profiles.h"

#include "config/from_ini.h"
#include "config/to_ini.h"
#include "config/vm_config_check.h"
#include "config/vm_options.h"
#include "places.h"

#include <errno.h>
#include <string.h>

static const char system_folder[] = "/etc/vdpactl/profiles";

int profile_folders_get(struct profile_folders *folders, struct err *e)
{
	size_t n = 0;

	*folders = (struct profile_folders){ 0 };
	if (place_config("profiles", &folders->user, e) == -ENOMEM)
		return -ENOMEM;
	if (folders->user)
		folders->list[n++] = folders->user;
	folders->list[n] = system_folder;
	return 0;
}

void profile_folders_clear(struct profile_folders *folders)
{
	free(folders->user);
	*folders = (struct profile_folders){ 0 };
}

int profiles_find(const char *name, char **path, struct err *e)
{
	_folders_ struct profile_folders folders = { 0 };
	int r = profile_folders_get(&folders, e);

	return r ? r : profile_find(folders.list, name, path, e);
}

int profiles_new(const char *name, char **path, struct err *e)
{
	_folders_ struct profile_folders folders = { 0 };
	int r = profile_folders_get(&folders, e);

	if (!r)
		r = profile_path(folders.list[0], name, path, e);
	if (r)
		return r;
	if (access(*path, F_OK) < 0)
		return 0;
	err_set(e, -EEXIST, "a profile '%s' exists", name);
	err_hint(e, "change it with 'vdpactl profile set' or delete it first");
	free(steal_ptr(path));
	return -EEXIST;
}

int profiles_load(const char *name, struct vm_config *config, struct err *e)
{
	_free_ char *path = NULL;
	int r = profiles_find(name, &path, e);

	return r ? r : profile_load(path, config, e);
}

int profiles_check_text(const char *text, const char *path, struct err *e)
{
	_vm_config_ struct vm_config config = { 0 };
	int r = vm_config_from_ini(text, strlen(text), path, &config, e);

	return r ? r : vm_config_check_partial(&config, e);
}

/* What the change made wrong has no line in the file; what was wrong in it before has. */
static int check_changed(const char *text, const char *changed, const char *path, struct err *e)
{
	struct err before = { 0 }, now = { 0 };
	_free_ char *hint = NULL;

	if (!profiles_check_text(changed, NULL, &now))
		return 0;
	if (profiles_check_text(text, NULL, &before) && strcmp(before.text, now.text) == 0)
		return profiles_check_text(text, path, e);
	hint = strdup(now.hint);
	err_pass(e, &now);
	return err_hint(e, "the profile is as it was%s%s", hint && *hint ? "; " : "",
			hint ? hint : "");
}

/* Could a VM be started from it? */
static int check_whole(const char *text, struct err *e)
{
	_vm_config_ struct vm_config config = { 0 };
	int r = vm_config_from_ini(text, strlen(text), NULL, &config, e);

	return r ? r : vm_config_check(&config, e);
}

static void note_missing(const char *name, const char *was, const char *now, struct err *note)
{
	struct err e = { 0 };

	if (check_whole(was, NULL) || !check_whole(now, &e) || err_is_shortage(e.code))
		return;
	err_pass(note, &e);
	err_prefix(note, "no VM can be started from '%s' now", name);
}

int profiles_change(const char *name, profile_change *change, void *ctx, struct err *note,
		    struct err *e)
{
	_free_ char *path = NULL, *text = NULL, *changed = NULL;
	_close_ int lock = -1;
	int r = profiles_find(name, &path, e);

	if (!r)
		r = profile_lock(path, &lock, e);
	if (!r)
		r = profile_read(path, &text, e);
	if (!r)
		r = change(text, ctx, &changed, e);
	if (!r)
		r = check_changed(text, changed, path, e);
	if (!r && strcmp(text, changed) != 0)
		r = profile_write(path, changed, strlen(changed), e);
	if (!r)
		note_missing(name, text, changed, note);
	return r;
}

static int check_unchanged(const char *path, const char *was, struct err *e)
{
	_free_ char *text = NULL;
	int r = profile_read(path, &text, e);

	if (r || strcmp(text, was) == 0)
		return r;
	err_set(e, -EBUSY, "'%s' was changed meanwhile", path);
	return err_hint(e, "look at it and try again");
}

int profiles_replace(const char *path, const char *was, const char *now, struct err *e)
{
	_close_ int lock = -1;
	int r = profile_lock(path, &lock, e);

	if (!r)
		r = check_unchanged(path, was, e);
	return r ? r : profile_write(path, now, strlen(now), e);
}

int profiles_remove(const char *path, const char *was, struct err *e)
{
	_close_ int lock = -1;
	int r = profile_lock(path, &lock, e);

	if (!r && was)
		r = check_unchanged(path, was, e);
	if (!r && unlink(path) < 0)
		r = err_errno(e, -errno, "cannot remove '%s'", path);
	return r;
}

int profiles_create(const char *name, const char *text, char **path, struct err *e)
{
	_close_ int lock = -1;
	_free_ char *made = NULL;
	int r = profiles_new(name, &made, e);

	if (!r)
		r = profile_lock(made, &lock, e);
	/* Another writer may have been first while this one waited. */
	if (!r && access(made, F_OK) == 0)
		r = err_set(e, -EEXIST, "a profile '%s' exists", name);
	if (!r)
		r = profiles_check_text(text, NULL, e);
	if (!r)
		r = profile_write(made, text, strlen(text), e);
	if (!r)
		*path = steal_ptr(&made);
	return r;
}

int profiles_create_from(const char *name, struct vm_config *config, char **path, struct err *e)
{
	_strbuf_ struct strbuf text = { 0 };
	int r = vm_config_label_devices(config, &vm_section_disk, e);

	if (!r)
		r = vm_config_label_devices(config, &vm_section_vdpa, e);
	if (r)
		return r;
	vm_config_to_ini(config, &text);
	return text.failed ? err_nomem(e) : profiles_create(name, strbuf_text(&text), path, e);
}
