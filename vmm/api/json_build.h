/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON put together where memory may run out: json-c's own calls end the process then. */
#pragma once

struct json_object;

/*
 * Adds a member or an element and owns the value from here on. Where memory ran out (for the
 * object, the value or its place) the member is left out or null, and the VM lives on.
 */
void json_build_add(struct json_object *object, const char *key, struct json_object *value);
void json_build_append(struct json_object *array, struct json_object *value);
