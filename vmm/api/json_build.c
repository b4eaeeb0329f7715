/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON put together where memory may run out. */
#include "api/json_build.h"

#include <json-c/json.h>

void json_build_add(struct json_object *object, const char *key, struct json_object *value)
{
	if (!object || json_object_object_add(object, key, value))
		json_object_put(value);
}

void json_build_append(struct json_object *array, struct json_object *value)
{
	if (!array || json_object_array_add(array, value))
		json_object_put(value);
}
