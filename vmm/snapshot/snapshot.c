/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The folder that a snapshot is. */
#include "snapshot/snapshot.h"

#include "base/file.h"
#include "config/config_json.h"
#include "snapshot/snapshot_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORMAT "vdpa-vmm snapshot"

enum {
	STATE_VERSION = 1,     /* of what state.json says; another one is not understood */
	MAX_STATE = 128 << 20, /* bytes: a guest may have a million IOMMU mappings */
	N_FILES = 3,
};

/* state.json gets its name last: without it there is no snapshot. */
static const char *const file_names[N_FILES] = { "memory", "config.json", "state.json" };

/* The path in "file:///path". */
static int folder_of(const char *url, const char **folder, struct err *e)
{
	static const char scheme[] = "file://";
	size_t len = strlen(scheme);

	if (strncmp(url, scheme, len) != 0 || url[len] != '/') {
		err_set(e, -EINVAL, "'%s' is not the URL of a folder", url);
		return err_hint(e, "file:///path, with the whole path");
	}
	*folder = url + len;
	return 0;
}

/* Nobody is to wait for a pipe. */
static int check_regular(const char *path, struct err *e)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return err_errno(e, -errno, "cannot open '%s'", path);
	return S_ISREG(st.st_mode) ? 0 : err_set(e, -EINVAL, "'%s' is no regular file", path);
}

static int read_json(const char *folder, const char *name, size_t most, struct json_object **out,
		     struct err *e)
{
	char path[PATH_MAX];
	_free_ char *text = NULL;
	size_t len;
	int r;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
		return err_set(e, -ENAMETOOLONG, "'%.100s...' is too long", folder);
	r = check_regular(path, e);
	if (!r)
		r = file_read(path, most, &text, &len, e);
	if (r)
		return r;
	if (json_parse(text, len, out, e))
		return err_prefix(e, "'%s'", path);
	if (json_object_is_type(*out, json_type_object))
		return 0;
	return err_set(e, -EINVAL, "'%s' is no JSON object", path);
}

/* Did we write it, and in the way we would now? */
static int check_head(const struct snapshot *s, struct err *e)
{
	struct json_object *format = NULL, *version = NULL;

	json_object_object_get_ex(s->state, "format", &format);
	json_object_object_get_ex(s->state, "version", &version);
	if (!json_object_is_type(format, json_type_string) ||
	    strcmp(json_object_get_string(format), FORMAT) != 0)
		return err_set(e, -EINVAL, "'%s/state.json' is not the state of a " FORMAT,
			       s->folder);
	if (!json_object_is_type(version, json_type_int) ||
	    json_object_get_int64(version) != STATE_VERSION) {
		err_set(e, -EINVAL, "'%s' is a snapshot of version %s; this VMM knows version %d",
			s->folder, json_object_to_json_string(version), STATE_VERSION);
		return err_hint(e, "restore it with the VMM that wrote it");
	}
	return 0;
}

static int open_memory(struct snapshot *s, struct err *e)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/memory", s->folder);
	s->memory = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	return s->memory < 0 ? err_errno(e, -errno, "cannot open '%s'", path) : 0;
}

int snapshot_open(const char *url, struct snapshot **out, struct err *e)
{
	_snapshot_ struct snapshot *s = calloc(1, sizeof(*s));
	const char *folder = "";
	int r;

	if (!s)
		return err_nomem(e);
	s->memory = -1;
	r = folder_of(url, &folder, e);
	if (r)
		return r;
	s->folder = strdup(folder);
	if (!s->folder)
		return err_nomem(e);
	r = read_json(folder, "state.json", MAX_STATE, &s->state, e);
	if (r == -ENOENT)
		err_hint(e, "a snapshot is a folder of config.json, memory and state.json");
	if (!r)
		r = check_head(s, e);
	if (!r)
		r = read_json(folder, "config.json", CONFIG_JSON_MAX, &s->config, e);
	if (!r)
		r = open_memory(s, e);
	if (r)
		return r;
	*out = steal_ptr(&s);
	return 0;
}

void snapshot_close(struct snapshot *s)
{
	if (!s)
		return;
	json_object_put(s->config);
	json_object_put(s->state);
	if (s->memory >= 0)
		close(s->memory);
	free(s->folder);
	free(s);
}

int snapshot_load_memory(const struct snapshot *s, const struct guest_memory *mem, struct err *e)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/memory", s->folder);
	return snapshot_memory_read(s->memory, path, mem, e);
}

static int write_text(int fd, const char *path, struct json_object *json, struct err *e)
{
	const char *text =
		config_json_text(json, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
					       JSON_C_TO_STRING_NOSLASHESCAPE);
	int r = text ? file_write_all(fd, text, strlen(text)) : err_nomem(e);

	return text && r ? err_errno(e, r, "cannot write '%s'", path) : r;
}

struct writing {
	const char *folder;
	struct json_object *config, *state;
	const struct guest_memory *mem;
	int folder_fd;
};

/* Until all are there and on the disk, the files have other names. */
static const char *unfinished(unsigned int i)
{
	static const char *const names[N_FILES] = { ".memory.part", ".config.json.part",
						    ".state.json.part" };

	return names[i];
}

static int write_content(const struct writing *w, unsigned int i, int fd, struct err *e)
{
	const char *name = file_names[i];
	int r;

	if (i == 0)
		r = snapshot_memory_write(fd, name, w->mem, e);
	else
		r = write_text(fd, name, i == 1 ? w->config : w->state, e);
	if (!r && fsync(fd) < 0)
		r = err_errno(e, -errno, "cannot write '%s'", name);
	return r;
}

static int write_file(const struct writing *w, unsigned int i, struct err *e)
{
	_close_ int fd = -1;

	/* What a VMM left that was killed over it. */
	unlinkat(w->folder_fd, unfinished(i), 0);
	fd = openat(w->folder_fd, unfinished(i), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return fd < 0 ? err_errno(e, -errno, "cannot create '%s'", unfinished(i))
		      : write_content(w, i, fd, e);
}

/* The names are free, and nobody else's file is replaced where the file system can see to that. */
static int name_file(const struct writing *w, unsigned int i, struct err *e)
{
	int fd = w->folder_fd;
	int r = renameat2(fd, unfinished(i), fd, file_names[i], RENAME_NOREPLACE);

	if (r < 0 && errno == EINVAL)
		r = renameat(fd, unfinished(i), fd, file_names[i]);
	return r < 0 ? err_errno(e, -errno, "cannot create '%s'", file_names[i]) : 0;
}

static int check_free(const struct writing *w, struct err *e)
{
	for (unsigned int i = 0; i < N_FILES; i++) {
		if (faccessat(w->folder_fd, file_names[i], F_OK, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		err_set(e, -EEXIST, "'%s' is there already", file_names[i]);
		return err_hint(e, "a snapshot is written into a folder that holds none");
	}
	return 0;
}

static int write_all(const struct writing *w, struct err *e)
{
	unsigned int named = 0;
	int r = check_free(w, e);

	if (r)
		return r;
	for (unsigned int i = 0; !r && i < N_FILES; i++)
		r = write_file(w, i, e);
	while (!r && named < N_FILES) {
		r = name_file(w, named, e);
		named += !r;
	}
	if (!r && fsync(w->folder_fd) < 0 && errno != EINVAL)
		r = err_errno(e, -errno, "cannot write the folder");
	if (!r)
		return 0;
	while (named > 0)
		unlinkat(w->folder_fd, file_names[--named], 0);
	for (unsigned int i = 0; i < N_FILES; i++)
		unlinkat(w->folder_fd, unfinished(i), 0);
	return r;
}

int snapshot_write(const char *url, struct json_object *config, struct json_object *state,
		   const struct guest_memory *mem, struct err *e)
{
	struct writing w = { .config = config, .state = state, .mem = mem, .folder = "" };
	int r = folder_of(url, &w.folder, e);

	if (r)
		return r;
	_close_ int fd = open(w.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0) {
		err_errno(e, -errno, "cannot open folder '%s'", w.folder);
		return err_hint(e, "the folder of a snapshot has to be there");
	}
	w.folder_fd = fd;
	if (json_object_object_add(state, "format", json_object_new_string(FORMAT)) < 0 ||
	    json_object_object_add(state, "version", json_object_new_int(STATE_VERSION)) < 0)
		return err_nomem(e);
	r = write_all(&w, e);
	return r ? err_prefix(e, "folder '%s'", w.folder) : 0;
}
