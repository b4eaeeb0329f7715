/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guest-visible state on its way into JSON or back. */
#include "snapshot/state.h"

#include "base/strbuf.h"

#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <string.h>

struct state state_begin(struct json_object *object, bool loading, struct err *e)
{
	return (struct state){ .loading = loading, .object = object, .e = e };
}

bool state_failed(const struct state *s)
{
	return s->e->code != 0;
}

static void put_place(const struct state *s, struct strbuf *place)
{
	if (!s->up)
		return;
	put_place(s->up, place);
	strbuf_printf(place, "%s%s", place->len ? "/" : "", s->name);
}

void state_fail(const struct state *s, int code, const char *fmt, ...)
{
	_strbuf_ struct strbuf place = { 0 };
	char text[512];
	va_list args;

	if (state_failed(s))
		return;
	put_place(s, &place);
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	err_set(s->e, code, "%s%s%s", strbuf_text(&place), place.len ? ": " : "", text);
}

/* Hands a value over to the text. */
static void put(const struct state *s, const char *key, struct json_object *value)
{
	if (!value || json_object_object_add(s->object, key, value) < 0) {
		json_object_put(value);
		state_fail(s, -ENOMEM, "out of memory");
	}
}

static struct json_object *get(const struct state *s, const char *key, enum json_type type)
{
	struct json_object *value = NULL;

	if (state_failed(s))
		return NULL;
	if (!json_object_object_get_ex(s->object, key, &value))
		state_fail(s, -EINVAL, "'%s' is missing", key);
	else if (!json_object_is_type(value, type))
		state_fail(s, -EINVAL, "'%s' is no %s", key, json_type_to_name(type));
	else
		return value;
	return NULL;
}

struct state state_enter(const struct state *s, const char *name)
{
	struct state in = { .loading = s->loading, .up = s, .name = name, .e = s->e };

	if (s->loading) {
		in.object = get(s, name, json_type_object);
	} else if (!state_failed(s)) {
		in.object = json_object_new_object();
		put(s, name, in.object);
	}
	return in;
}

bool state_has(const struct state *s, const char *key)
{
	return s->object && json_object_object_get_ex(s->object, key, NULL);
}

void state_number(const struct state *s, const char *key, uint64_t *value, uint64_t most)
{
	struct json_object *o;
	uint64_t n;

	if (state_failed(s))
		return;
	if (!s->loading) {
		put(s, key, json_object_new_uint64(*value));
		return;
	}
	o = get(s, key, json_type_int);
	if (!o)
		return;
	n = json_object_get_uint64(o);
	if (json_object_get_int64(o) < 0 || n > most)
		state_fail(s, -ERANGE, "'%s' is not in the range from 0 to %llu", key,
			   (unsigned long long)most);
	else
		*value = n;
}

void state_same(const struct state *s, const char *key, uint64_t value)
{
	uint64_t saved = value;

	state_number(s, key, &saved, UINT64_MAX);
	if (saved != value)
		state_fail(s, -EINVAL, "%s is %llu in the snapshot, and %llu here", key,
			   (unsigned long long)saved, (unsigned long long)value);
}

static struct json_object *to_hex(const uint8_t *data, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	_free_ char *text = NULL;

	while (size && data[size - 1] == 0)
		size--;
	if (size > INT_MAX / 2)
		return NULL;
	text = malloc(2 * size + 1);
	if (!text)
		return NULL;
	for (size_t i = 0; i < size; i++) {
		text[2 * i] = digits[data[i] >> 4];
		text[2 * i + 1] = digits[data[i] & 0xf];
	}
	return json_object_new_string_len(text, (int)(2 * size));
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool from_hex(const char *text, size_t n, uint8_t *data)
{
	for (size_t i = 0; i < n; i++) {
		int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		data[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

/* How many bytes the text of `key` has; 0 after a fault. */
static size_t text_of(const struct state *s, const char *key, const char **text, size_t most)
{
	struct json_object *o = get(s, key, json_type_string);
	size_t len = o ? (size_t)json_object_get_string_len(o) : 0;

	*text = o ? json_object_get_string(o) : "";
	if (len % 2 == 0 && len / 2 <= most)
		return len / 2;
	state_fail(s, -EINVAL, "'%s' has %zu digits, of at most %zu", key, len, 2 * most);
	return 0;
}

void state_bytes(const struct state *s, const char *key, void *data, size_t size)
{
	const char *text;
	size_t n;

	if (state_failed(s))
		return;
	if (!s->loading) {
		put(s, key, to_hex(data, size));
		return;
	}
	n = text_of(s, key, &text, size);
	if (state_failed(s))
		return;
	memset(data, 0, size);
	if (!from_hex(text, n, data))
		state_fail(s, -EINVAL, "'%s' is not made of hexadecimal digits", key);
}

void state_blob(const struct state *s, const char *key, void **data, size_t *size, size_t most)
{
	uint64_t n = *size;
	struct state in = state_enter(s, key);

	state_number(&in, "size", &n, most);
	if (s->loading && !state_failed(s)) {
		*data = calloc(1, n ? n : 1);
		*size = n;
		if (!*data) {
			state_fail(s, -ENOMEM, "out of memory");
			return;
		}
	}
	state_bytes(&in, "bytes", *data, *size);
}
