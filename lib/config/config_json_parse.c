/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One bounded, strict JSON text to a JSON value. */
#include "config/config_json.h"

#include <ctype.h>
#include <errno.h>
#include <json-c/json.h>
#include <limits.h>

enum {
	MAX_DEPTH = 32
};

int json_parse(const char *text, size_t len, struct json_object **out, struct err *e)
{
	struct json_tokener *tokener;
	struct json_object *object;
	enum json_tokener_error error;
	size_t end;

	if (len > INT_MAX)
		return err_set(e, -EFBIG, "JSON of %zu bytes is too long", len);
	tokener = json_tokener_new_ex(MAX_DEPTH);
	if (!tokener)
		return err_nomem(e);
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	object = json_tokener_parse_ex(tokener, text, (int)len);
	error = json_tokener_get_error(tokener);
	/* A number is only complete when something follows it. */
	if (error == json_tokener_continue) {
		object = json_tokener_parse_ex(tokener, "", 1);
		error = json_tokener_get_error(tokener);
		end = len;
	} else {
		end = json_tokener_get_parse_end(tokener);
	}
	json_tokener_free(tokener);
	if (error == json_tokener_continue)
		return err_set(e, -EINVAL, "invalid JSON: unexpected end");
	if (error != json_tokener_success)
		return err_set(e, -EINVAL, "invalid JSON: %s at byte %zu",
			       json_tokener_error_desc(error), end);
	while (end < len && isspace((unsigned char)text[end]))
		end++;
	if (end < len) {
		json_object_put(object);
		return err_set(e, -EINVAL, "invalid JSON: something follows at byte %zu", end);
	}
	*out = object;
	return 0;
}

int config_json_parse(const char *text, size_t len, struct json_object **out, struct err *e)
{
	if (len > CONFIG_JSON_MAX)
		return err_set(e, -EFBIG, "JSON of %zu bytes is longer than %d", len,
			       CONFIG_JSON_MAX);
	return json_parse(text, len, out, e);
}
