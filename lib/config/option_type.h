/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How each type of option is read from text, printed and owned; used by the engine alone. */
#pragma once

#include "config/option.h"

struct option_type_ops {
	/* Stores the value of a non-empty text; on failure the record is as before. */
	int (*set)(const struct option *o, void *record, const char *text, struct err *e);
	/* Makes the option absent. */
	void (*unset)(const struct option *o, void *record);
	/* Appends the text of the value; nothing where absent. */
	void (*get)(const struct option *o, const void *record, struct strbuf *out);
	/* For types that own memory: `record` was copied byte by byte; makes the value its own. On
	 * failure the value is absent. */
	int (*dup)(const struct option *o, void *record);
};

extern const struct option_type_ops option_type_topology, option_type_list;

const struct option_type_ops *option_type_ops(enum option_type type);
