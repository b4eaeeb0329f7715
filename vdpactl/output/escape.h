/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Foreign text made safe to print: on a terminal and inside JSON. */
#pragma once

#include "base/strbuf.h"

/* Appends `text` so that it can move no cursor and break no line: control characters and bytes
 * that are no UTF-8 become \xNN. Returns the number of columns it takes. */
size_t escape_text(struct strbuf *sb, const char *text);

/* Appends `text` as a JSON string with its quotes; bytes that are no UTF-8 become
 * \xNN as in text, so that names stay apart. */
void escape_json(struct strbuf *sb, const char *text);
