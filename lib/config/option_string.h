/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Option strings, "key=value,key=value": commas in double quotes or in brackets do not separate,
 * "" inside quotes is one quote, blanks around a value are dropped, the last of equal keys wins,
 * and `key=` stands for the default.
 */
#pragma once

#include "base/err.h"
#include "base/strbuf.h"
#include "config/option.h"

/* Sets the options named in `text` in a record with defaults. Errors are without the section. */
int option_string_parse(const struct option_section *section, void *record, const char *text,
			struct err *e);

/* Appends every option that differs from its default, so that parsing it gives the same record;
 * profile-only options are left out. */
void option_string_print(const struct option_section *section, const void *record,
			 struct strbuf *out);

/* Appends `key=<value>,...` for the help of the section. */
void option_string_usage(const struct option_section *section, struct strbuf *out);

/* Appends the defaults other than "off", `key=value,...`; nothing where there is none. */
void option_string_defaults(const struct option_section *section, struct strbuf *out);
