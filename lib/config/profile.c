/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Profiles as files: where they are, listing, loading, writing under a lock. */
#include "config/profile.h"

#include "base/file.h"
#include "base/strbuf.h"
#include "config/from_ini.h"
#include "config/ini_syntax.h"
#include "config/vm_config_check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>

static const char suffix[] = ".ini";

enum {
	SUFFIX_LEN = sizeof(suffix) - 1,
	LOCK_WAIT_MS = 10000,
};

int profile_path(const char *folder, const char *name, char **path, struct err *e)
{
	_strbuf_ struct strbuf sb = { 0 };

	if (strchr(name, '/')) {
		strbuf_puts(&sb, name);
	} else {
		int r = vm_name_check(name, e);

		if (r)
			return r;
		strbuf_printf(&sb, "%s/%s%s", folder, name, suffix);
	}
	*path = strbuf_steal(&sb);
	return *path ? 0 : err_nomem(e);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool profile_is_named(const char *path)
{
	const char *base = base_name(path);
	size_t n = strlen(base);

	return n > SUFFIX_LEN && strcmp(base + n - SUFFIX_LEN, suffix) == 0;
}

/* A file here is meant only with a slash in front. */
static void hint_missing(const char *name, struct err *e)
{
	if (!strchr(name, '/') && profile_is_named(name) && access(name, F_OK) == 0)
		err_hint(e, "did you mean './%s'?", name);
	else
		err_hint(e, "'vdpactl profile list' shows the profiles there are");
}

int profile_find(const char *const *folders, const char *name, char **path, struct err *e)
{
	_strbuf_ struct strbuf sought = { 0 };

	if (strchr(name, '/') && access(name, F_OK) != 0)
		return err_errno(e, -errno, "profile '%s'", name);
	for (size_t i = 0; folders[i]; i++) {
		_free_ char *candidate = NULL;
		int r = profile_path(folders[i], name, &candidate, e);

		if (r)
			return r;
		if (access(candidate, F_OK) == 0) {
			*path = steal_ptr(&candidate);
			return 0;
		}
		if (errno != ENOENT)
			return err_errno(e, -errno, "profile '%s'", candidate);
		strbuf_printf(&sought, "%s%s", i ? ", " : "", folders[i]);
	}
	err_set(e, -ENOENT, "no profile '%s' in %s", name, strbuf_text(&sought));
	hint_missing(name, e);
	return -ENOENT;
}

char *profile_name(const char *path)
{
	const char *base = base_name(path);

	return strndup(base, strlen(base) - (profile_is_named(path) ? SUFFIX_LEN : 0));
}

static bool is_listed(const struct profile_list *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->entries[i].name, name) == 0)
			return true;
	return false;
}

static int list_add(struct profile_list *list, const char *folder, const char *file)
{
	_free_ char *name = profile_name(file);
	_free_ char *path = NULL;
	struct profile_entry *entries;

	if (!name)
		return -ENOMEM;
	/* A file that profile_find would never give. */
	if (vm_name_check(name, NULL) || is_listed(list, name))
		return 0;
	if (profile_path(folder, name, &path, NULL))
		return -ENOMEM;
	entries = realloc(list->entries, (list->n + 1) * sizeof(*entries));
	if (!entries)
		return -ENOMEM;
	list->entries = entries;
	entries[list->n++] =
		(struct profile_entry){ .name = steal_ptr(&name), .path = steal_ptr(&path) };
	return 0;
}

static int list_folder(struct profile_list *list, const char *folder, struct err *e)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int r = 0;

	if (!dir)
		return errno == ENOENT ? 0 : err_errno(e, -errno, "folder '%s'", folder);
	while (!r && (entry = readdir(dir)))
		if (profile_is_named(entry->d_name))
			r = list_add(list, folder, entry->d_name);
	closedir(dir);
	return r ? err_nomem(e) : 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct profile_entry *)a)->name,
		      ((const struct profile_entry *)b)->name);
}

int profile_list(const char *const *folders, struct profile_list *out, struct err *e)
{
	struct profile_list list = { 0 };
	int r = 0;

	for (size_t i = 0; folders[i] && !r; i++)
		r = list_folder(&list, folders[i], e);
	if (r) {
		profile_list_free(&list);
		return r;
	}
	if (list.n)
		qsort(list.entries, list.n, sizeof(*list.entries), by_name);
	*out = list;
	return 0;
}

void profile_list_free(struct profile_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		free(list->entries[i].name);
		free(list->entries[i].path);
	}
	free(list->entries);
	*list = (struct profile_list){ 0 };
}

int profile_read(const char *path, char **text, struct err *e)
{
	_free_ char *whole = NULL;
	unsigned int line = 1;
	size_t len;
	int r = file_read(path, INI_MAX_FILE, &whole, &len, e);

	if (r)
		return r;
	if (strlen(whole) != len) {
		for (const char *p = whole; *p; p++)
			line += *p == '\n';
		err_set(e, -EINVAL, "%s:%u: control character 0x00", path, line);
		return -EINVAL;
	}
	*text = steal_ptr(&whole);
	return 0;
}

int profile_load(const char *path, struct vm_config *config, struct err *e)
{
	_free_ char *text = NULL;
	int r = profile_read(path, &text, e);

	if (!r)
		r = vm_config_from_ini(text, strlen(text), path, config, e);
	if (r || config->name)
		return r;
	config->name = profile_name(path);
	if (config->name)
		return 0;
	vm_config_clear(config);
	return err_nomem(e);
}

static int make_folder(const char *path, char **folder, struct err *e)
{
	const char *slash = strrchr(path, '/');

	*folder = slash == path ? strdup("/")
		  : slash       ? strndup(path, (size_t)(slash - path))
				: strdup(".");
	return *folder ? file_mkdirs(*folder, 0755, e) : err_nomem(e);
}

int profile_write(const char *path, const char *text, size_t len, struct err *e)
{
	_free_ char *folder = NULL;
	int r = make_folder(path, &folder, e);

	return r ? r : file_replace(path, text, len, 0644, e);
}

int profile_lock(const char *path, int *lock, struct err *e)
{
	_free_ char *folder = NULL;
	_close_ int fd = -1;
	int r = make_folder(path, &folder, e);

	if (r)
		return r;
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(e, -errno, "folder '%s'", folder);
	/* Other users can lock the folder too. */
	r = file_lock_within(fd, LOCK_EX, LOCK_WAIT_MS);
	if (r == -EWOULDBLOCK) {
		err_set(e, -EBUSY, "folder '%s' is locked by another process", folder);
		return err_hint(e, "'fuser %s' names it", folder);
	}
	if (r)
		return err_errno(e, r, "lock on folder '%s'", folder);
	*lock = steal_fd(&fd);
	return 0;
}
