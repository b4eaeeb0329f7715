/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owner and mode of files, as operators write them. */
#pragma once

#include "base/err.h"

#include <sys/types.h>

/* "USER", "USER:GROUP" or ":GROUP", by name or number; a part that is not given becomes -1. */
int owner_parse(const char *word, uid_t *uid, gid_t *gid, struct err *e);

/* "root:root"; numbers where there is no name. */
void owner_format(uid_t uid, gid_t gid, char *buf, size_t size);

/* Octal, at most 4 digits: read and write bits only. */
int mode_parse(const char *word, mode_t *mode, struct err *e);

/* Who shall have a device node; a part of -1 stays as it is. */
struct ownership {
	uid_t uid;
	gid_t gid;
	mode_t mode;
};

/* From the two words; either may be NULL: as it is. */
int ownership_parse(const char *owner, const char *mode, struct ownership *out, struct err *e);

/* Does it ask for anything? */
bool ownership_given(const struct ownership *o);

/* Gives it to the node of device `name`. */
int ownership_apply(const struct ownership *o, const char *name, struct err *e);
