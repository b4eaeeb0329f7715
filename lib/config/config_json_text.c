/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON values as text, whole or not at all. */
#include "config/config_json.h"

#include "base/cleanup.h"

#include <json-c/json.h>
#include <string.h>

/* Printed twice: the second time json-c has the room that it found the first time, so that a text
 * with something left out is not the same again. Where there is no room at all, this copy has none
 * either. */
const char *config_json_text(struct json_object *value, int flags)
{
	const char *text = json_object_to_json_string_ext(value, flags);
	_free_ char *copy = text ? strdup(text) : NULL;

	text = copy ? json_object_to_json_string_ext(value, flags) : NULL;
	return text && strcmp(text, copy) == 0 ? text : NULL;
}
