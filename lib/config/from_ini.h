/* SPDX-License-Identifier: GPL-3.0-or-later */
/* INI profiles to configurations. */
#pragma once

#include "config/vm_config.h"

/*
 * Reads a profile's text (at most INI_MAX_FILE bytes) into an uninitialised configuration; `file`
 * is its name for messages ("profile.ini:12: ..."), NULL where the text is in no file, so that a
 * line would say nothing ("memory.size: ..."). On failure the configuration holds nothing to
 * release. Not from two threads at once: inih's settings are of the process.
 */
int vm_config_from_ini(const char *text, size_t len, const char *file, struct vm_config *config,
		       struct err *e);
