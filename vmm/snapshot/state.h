/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guest-visible state on its way into JSON or back: each part has one function for both. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct json_object;

/* One object of the text. What is read is foreign input: the first fault stays, and whoever goes on
 * after it reads nothing (fields keep their value) and writes nothing. */
struct state {
	bool loading;
	struct json_object *object; /* borrowed; NULL where the text has none */
	const struct state *up;     /* the object around this one, borrowed; NULL: the outermost */
	const char *name;           /* within `up`; borrowed */
	struct err *e; /* of the whole walk, borrowed; its code says whether it failed */
};

/* The outermost object; `e` is all zero. */
struct state state_begin(struct json_object *object, bool loading, struct err *e);

/* The object `name` in it; `name` and `s` outlive the result. */
struct state state_enter(const struct state *s, const char *name);

bool state_failed(const struct state *s);

/* Is there such a key? */
bool state_has(const struct state *s, const char *key);

/* Records a fault of what was read; "PLACE: " goes in front. */
void state_fail(const struct state *s, int code, const char *fmt, ...) _printf_(3, 4);

/* An integer from 0 to `most`. */
void state_number(const struct state *s, const char *key, uint64_t *value, uint64_t most);

#define STATE_MOST(field)                                                                          \
	_Generic((field), bool : UINT64_C(1), default : UINT64_MAX >> (64 - 8 * sizeof(field)))

/* A field of any unsigned type or bool. */
#define STATE_NUMBER(s, key, field)                                                                \
	do {                                                                                       \
		uint64_t number_ = (field);                                                        \
		state_number(s, key, &number_, STATE_MOST(field));                                 \
		(field) = (__typeof__(field))number_;                                              \
	} while (0)

/* A number that must be the same when it is read back: it names what the state is of. */
void state_same(const struct state *s, const char *key, uint64_t value);

/* Exactly `size` bytes, as hexadecimal digits; zeros at the end are left out of the text. */
void state_bytes(const struct state *s, const char *key, void *data, size_t size);

/* Any number of bytes up to `most`; when loading *data is the caller's to free. */
void state_blob(const struct state *s, const char *key, void **data, size_t *size, size_t most);
