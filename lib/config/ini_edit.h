/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Edits of a profile's text that leave every other byte, comments and order included, as it was.
 * Each gives the whole new text in *out (the caller's to free). They know the form of lines and
 * which sections there may be several of, not the keys: read the result with vm_config_from_ini
 * before it is kept.
 */
#pragma once

#include "base/err.h"

struct ini_place {
	const char *section;
	const char *label; /* of [section "label"], or NULL */
	const char *key;   /* not looked at where a section is meant */
	bool last;         /* of several with this head the last is meant; else they are refused */
};

/* Replaces the value of a key, or adds the key behind the last of its section, or the section with
 * it at the end of the text; -ENOENT when that is one that there may be several of. */
int ini_edit_set(const char *text, const struct ini_place *place, const char *value, char **out,
		 struct err *e);

/* Removes the line of a key; -ENOENT when there is none. */
int ini_edit_unset(const char *text, const struct ini_place *place, char **out, struct err *e);

/* Adds an empty section at the end; -EEXIST when one of that name and label is there, but for those
 * that there may be several of and that take no label. */
int ini_edit_add(const char *text, const struct ini_place *place, char **out, struct err *e);

/* Removes a section with its keys and the comments between them; what stands directly above the
 * next head belongs to that one. -ENOENT when there is none. */
int ini_edit_remove(const char *text, const struct ini_place *place, char **out, struct err *e);
