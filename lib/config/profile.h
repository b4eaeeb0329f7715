/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Profiles as files: NAME is FOLDER/NAME.ini in the first folder that has it, a path with a slash
 * is a path. The caller says which folders there are. */
#pragma once

#include "base/err.h"
#include "config/vm_config.h"

struct profile_entry {
	char *name, *path; /* owned */
};

struct profile_list {
	struct profile_entry *entries; /* by name; one that an earlier folder hides is left out */
	size_t n;
};

/* The file of an existing profile; `folders` ends with NULL. -ENOENT names where it was sought,
 * another errno the file that could not be looked for. *path is the caller's to free. */
int profile_find(const char *const *folders, const char *name, char **path, struct err *e);

/* The file that a new profile of this name has in `folder`; a name with a slash is the file. */
int profile_path(const char *folder, const char *name, char **path, struct err *e);

/* The name of the profile in a file: its last component without ".ini". Caller frees; NULL when
 * memory ran out. */
char *profile_name(const char *path);

/* Does the file's name end as those of profiles do? */
bool profile_is_named(const char *path);

/* Fills `out`, which a failure leaves as it was: -ENOMEM, or the errno of a folder that cannot be
 * read; one that does not exist has no profiles. */
int profile_list(const char *const *folders, struct profile_list *out, struct err *e);
void profile_list_free(struct profile_list *list);

#define _profile_list_ _cleanup_(profile_list_free)

/* The text of a profile, bounded and without a NUL byte, behind which nothing would be seen; caller
 * frees. */
int profile_read(const char *path, char **text, struct err *e);

/* Reads a profile into an uninitialised configuration, which has a name afterwards: that of the
 * file where [vm] has none. */
int profile_load(const char *path, struct vm_config *config, struct err *e);

/* Writes a profile: the old or the new one is there at any moment. Folders are made. */
int profile_write(const char *path, const char *text, size_t len, struct err *e);

/* Waits until no other writer holds the folder of `path` (which is made) and holds it until *lock
 * is closed: read, edit and write inside. -EBUSY where one holds it for ten seconds. */
int profile_lock(const char *path, int *lock, struct err *e);
