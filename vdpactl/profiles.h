/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The user's profiles: where they are, and edits that lose nothing. */
#pragma once

#include "config/profile.h"

enum {
	PROFILE_FOLDERS = 2
};

/* The user's folder, then the system's; `list` ends with NULL. Release with profiles_clear. */
struct profile_folders {
	const char *list[PROFILE_FOLDERS + 1];
	char *user; /* owned; NULL where the environment names no home */
};

#define _folders_ _cleanup_(profile_folders_clear)
int profile_folders_get(struct profile_folders *folders, struct err *e);
void profile_folders_clear(struct profile_folders *folders);

/* The file of an existing profile; caller frees. */
int profiles_find(const char *name, char **path, struct err *e);

/* The file that a new profile gets; caller frees. -EEXIST when it is there. */
int profiles_new(const char *name, char **path, struct err *e);

/* Loads a profile by name. */
int profiles_load(const char *name, struct vm_config *config, struct err *e);

/* Is `text` a profile that could become a VM? It need not be whole yet. `path` (NULL: of no file)
 * is for messages. */
int profiles_check_text(const char *text, const char *path, struct err *e);

/* Makes new text from old; *out is the caller's to free. */
typedef int profile_change(const char *text, void *ctx, char **out, struct err *e);

/* Reads, changes, checks and writes a profile while no other writer can. What does not pass the
 * check is not written, and said in terms of places, since its lines are in no file. `note` (all
 * zero) says what is missing where a VM could be started from the profile before and cannot be now.
 */
int profiles_change(const char *name, profile_change *change, void *ctx, struct err *note,
		    struct err *e);

/* Replaces the file of a profile, `was`, by `now`, which the caller has checked; -EBUSY when it is
 * no longer what `was` says. */
int profiles_replace(const char *path, const char *was, const char *now, struct err *e);

/* Removes the file of a profile while no other writer is at it; -EBUSY when it is no longer what
 * `was` says (NULL: whatever it is). */
int profiles_remove(const char *path, const char *was, struct err *e);

/* Writes a new profile. */
int profiles_create(const char *name, const char *text, char **path, struct err *e);

/* Writes a new profile of a configuration, whose several disks or vDPA devices get labels, by which
 * edits tell them apart. */
int profiles_create_from(const char *name, struct vm_config *config, char **path, struct err *e);
