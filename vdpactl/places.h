/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The user's folders, from the environment. */
#pragma once

#include "base/err.h"

/* Each gives an owned path in *path; -ENOENT when the environment names no home. */

/* $XDG_CONFIG_HOME/vdpactl/NAME, for example of "profiles" */
int place_config(const char *name, char **path, struct err *e);
/* $XDG_STATE_HOME/vdpactl/NAME */
int place_state(const char *name, char **path, struct err *e);
/* $XDG_RUNTIME_DIR/vdpactl, of root /run/vdpactl */
int place_runtime(char **path, struct err *e);

/* Makes a path one that means the same in any folder; *path is owned, NULL stays NULL. */
int place_absolute(char **path, struct err *e);
