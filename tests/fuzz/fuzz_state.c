/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Saved state of virtio functions: what a guest's accesses led to is saved, changed in the text,
 * and read into a fresh machine, with which the guest then goes on. Unchanged it must be taken.
 */
#include "fuzz_functions.h"

#include "snapshot/state.h"

#include <json-c/json.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	MAX_CHANGES = 8,
	MAX_DEPTH = 6,
};

static void walk(struct fixture *f, struct json_object *text, bool loading, struct err *e)
{
	static const char *const names[FUNCTIONS] = { "rng", "iommu" };
	struct state s = state_begin(text, loading, e);

	for (unsigned int i = 0; i < FUNCTIONS; i++) {
		struct state in = state_enter(&s, names[i]);

		virtio_pci_state(f->functions[i], &in);
	}
}

static struct json_object *save(struct fixture *f)
{
	struct json_object *text = json_object_new_object();
	struct err e = { 0 };

	walk(f, text, false, &e);
	if (e.code)
		abort();
	return text;
}

/* The member number `n` of an object; NULL when it has none. */
static struct json_object *member(struct json_object *o, unsigned int n, const char **key)
{
	int members = json_object_is_type(o, json_type_object) ? json_object_object_length(o) : 0;

	if (!members)
		return NULL;
	n %= (unsigned int)members;
	json_object_object_foreach (o, name, value)
		if (n-- == 0) {
			*key = name;
			return value;
		}
	return NULL;
}

static struct json_object *changed(struct json_object *value, struct fuzz_input *in)
{
	size_t len = (size_t)json_object_get_string_len(value);
	_free_ char *text = NULL;

	if (!json_object_is_type(value, json_type_string) || !len)
		return json_object_new_uint64(fuzz_u8(in) & 1 ? fuzz_u8(in) : fuzz_u64(in));
	text = strdup(json_object_get_string(value));
	if (!text)
		abort();
	text[fuzz_u16(in) % len] = "0123456789abcdef"[fuzz_u8(in) % 16];
	return json_object_new_string(text);
}

/* One number, digit or member, anywhere. */
static void change(struct json_object *o, struct fuzz_input *in)
{
	const char *key;

	for (unsigned int depth = 0; depth < MAX_DEPTH; depth++) {
		struct json_object *value = member(o, fuzz_u8(in), &key);
		uint8_t how;

		if (!value)
			return;
		if (json_object_is_type(value, json_type_object)) {
			o = value;
			continue;
		}
		how = fuzz_u8(in);
		if (how == 1)
			json_object_object_del(o, key);
		else
			json_object_object_add(o, key, changed(value, in));
		return;
	}
}

static void steps(struct fixture *f, struct fuzz_input *in)
{
	unsigned int n = fuzz_u8(in) % 64;

	while (n-- && fuzz_more(in))
		step(f, in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fixture f;
	struct fuzz_input in = { .at = data, .end = data + size };
	struct json_object *text;
	struct err e = { 0 };
	unsigned int changes;

	set_up(&f);
	memset(fake_at(&f.guest, 0), 0, 0x10010);
	steps(&f, &in);
	text = save(&f);
	tear_down(&f);
	changes = fuzz_u8(&in) % MAX_CHANGES;
	for (unsigned int i = 0; i < changes; i++)
		change(text, &in);
	set_up(&f);
	walk(&f, text, true, &e);
	if (e.code && !changes)
		abort();
	json_object_put(text);
	if (!e.code)
		steps(&f, &in);
	tear_down(&f);
	return 0;
}
