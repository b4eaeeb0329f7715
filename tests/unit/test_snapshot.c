/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A snapshot's text read back as hostile input, and the files in its folder. */
#include "unit.h"

#include "config/config_json.h"
#include "snapshot/snapshot.h"
#include "snapshot/state.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a device might keep. */
struct thing {
	uint8_t byte;
	uint16_t word;
	uint64_t wide;
	bool flag;
	uint8_t bytes[4];
	void *blob;
	size_t blob_size;
};

static void thing_state(struct thing *t, const struct state *s)
{
	struct state in = state_enter(s, "thing");

	STATE_NUMBER(&in, "byte", t->byte);
	STATE_NUMBER(&in, "word", t->word);
	STATE_NUMBER(&in, "wide", t->wide);
	STATE_NUMBER(&in, "flag", t->flag);
	state_same(&in, "kind", 7);
	state_bytes(&in, "bytes", t->bytes, sizeof(t->bytes));
	state_blob(&in, "blob", &t->blob, &t->blob_size, 8);
}

static void state_comes_back(void **state)
{
	uint8_t blob[] = { 1, 0, 2, 0 };
	struct thing out = { .byte = 255,
			     .word = 65535,
			     .wide = UINT64_MAX,
			     .flag = true,
			     .bytes = { 0xab, 0, 0xc, 0 },
			     .blob = blob,
			     .blob_size = sizeof(blob) };
	struct json_object *text = json_object_new_object();
	struct thing in = { 0 };
	struct err e = { 0 };
	struct state s = state_begin(text, false, &e);

	(void)state;
	thing_state(&out, &s);
	assert_int_equal(e.code, 0);
	s = state_begin(text, true, &e);
	thing_state(&in, &s);
	assert_int_equal(e.code, 0);
	assert_int_equal(in.byte, 255);
	assert_int_equal(in.word, 65535);
	assert_true(in.wide == UINT64_MAX);
	assert_true(in.flag);
	assert_memory_equal(in.bytes, out.bytes, sizeof(in.bytes));
	assert_int_equal(in.blob_size, sizeof(blob));
	assert_memory_equal(in.blob, blob, sizeof(blob));
	free(in.blob);
	json_object_put(text);
}

static void hostile_state_is_refused(void **state)
{
	static const struct {
		const char *text, *fault;
	} rows[] = {
		{ "{}", "'thing' is missing" },
		{ "{\"thing\":7}", "'thing' is no object" },
		{ "{\"thing\":{}}", "thing: 'byte' is missing" },
		{ "{\"thing\":{\"byte\":\"1\"}}", "thing: 'byte' is no int" },
		{ "{\"thing\":{\"byte\":1e0}}", "thing: 'byte' is no int" },
		{ "{\"thing\":{\"byte\":256}}", "'byte' is not in the range from 0 to 255" },
		{ "{\"thing\":{\"byte\":-1}}", "'byte' is not in the range from 0 to 255" },
		{ "{\"thing\":{\"byte\":1,\"word\":65536}}", "'word' is not in the range" },
		{ "{\"thing\":{\"byte\":1,\"word\":1,\"wide\":-9223372036854775808}}",
		  "'wide' is not in the range" },
		{ "{\"thing\":{\"byte\":1,\"word\":1,\"wide\":1,\"flag\":2}}",
		  "'flag' is not in the range from 0 to 1" },
		{ "{\"thing\":{\"byte\":1,\"word\":1,\"wide\":1,\"flag\":1,\"kind\":8}}",
		  "kind is 8 in the snapshot, and 7 here" },
#define GOOD "{\"thing\":{\"byte\":1,\"word\":1,\"wide\":1,\"flag\":1,\"kind\":7,"
		{ GOOD "\"bytes\":\"0\"}}", "'bytes' has 1 digits, of at most 8" },
		{ GOOD "\"bytes\":\"0011223344\"}}", "'bytes' has 10 digits, of at most 8" },
		{ GOOD "\"bytes\":\"0g\"}}", "'bytes' is not made of hexadecimal digits" },
		{ GOOD "\"bytes\":\"AB\"}}", "'bytes' is not made of hexadecimal digits" },
		{ GOOD "\"bytes\":\"\\u0000\\u0000\"}}", "not made of hexadecimal digits" },
		{ GOOD "\"bytes\":\"\",\"blob\":\"00\"}}", "'blob' is no object" },
		{ GOOD "\"bytes\":\"\",\"blob\":{\"size\":9,\"bytes\":\"\"}}}",
		  "thing/blob: 'size' is not in the range from 0 to 8" },
		{ GOOD "\"bytes\":\"\",\"blob\":{\"size\":1,\"bytes\":\"0011\"}}}",
		  "thing/blob: 'bytes' has 4 digits, of at most 2" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct json_object *text = json_tokener_parse(rows[i].text);
		struct thing in = { 0 };
		struct err e = { 0 };
		struct state s = state_begin(text, true, &e);

		assert_non_null(text);
		thing_state(&in, &s);
		if (!e.code || !strstr(e.text, rows[i].fault))
			fail_msg("%s: '%s' and not '%s'", rows[i].text, e.text, rows[i].fault);
		free(in.blob);
		json_object_put(text);
	}
}

enum {
	RAM = 64 << 10,
};

struct folder {
	char path[64], url[80];
	struct guest_memory *mem;
	struct json_object *config, *state;
};

static void make_memory(struct folder *f, bool shared)
{
	const struct memory_config config = { .size = RAM, .shared = shared };

	assert_int_equal(guest_memory_create(&config, &f->mem, NULL), 0);
}

static int set_up(void **state)
{
	static struct folder f;

	f = (struct folder){ .path = "/tmp/snapshot-test-XXXXXX" };
	assert_non_null(mkdtemp(f.path));
	snprintf(f.url, sizeof(f.url), "file://%s", f.path);
	f.config = json_object_new_object();
	f.state = json_object_new_object();
	make_memory(&f, true);
	*state = &f;
	return 0;
}

static void in_folder(const struct folder *f, const char *name, char path[128])
{
	snprintf(path, 128, "%s/%s", f->path, name);
}

static int tear_down(void **state)
{
	static const char *const names[] = { "memory", "config.json", "state.json" };
	struct folder *f = *state;
	char path[128];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		in_folder(f, names[i], path);
		unlink(path);
	}
	/* Nothing else is left in it. */
	assert_int_equal(rmdir(f->path), 0);
	guest_memory_destroy(f->mem);
	json_object_put(f->config);
	json_object_put(f->state);
	return 0;
}

static int save(struct folder *f, struct err *e)
{
	*e = (struct err){ 0 };
	return snapshot_write(f->url, f->config, f->state, f->mem, e);
}

static void memory_comes_back(void **state)
{
	struct folder *f = *state;
	struct snapshot *s;
	char path[128];
	struct stat st;
	struct err e;

	for (int shared = 0; shared < 2; shared++) {
		uint8_t *ram;

		guest_memory_destroy(f->mem);
		make_memory(f, shared);
		ram = f->mem->regions[0].hva;
		memset(ram + 4096, 0x5a, 1);
		memset(ram + RAM - 1, 0xa5, 1);
		assert_int_equal(save(f, &e), 0);
		in_folder(f, "memory", path);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_size, RAM);
		assert_int_equal(st.st_mode & 07777, 0600);
		assert_true(st.st_blocks * 512 <= 4 * 4096);
		guest_memory_destroy(f->mem);
		make_memory(f, shared);
		ram = f->mem->regions[0].hva;
		assert_int_equal(snapshot_open(f->url, &s, &e), 0);
		assert_int_equal(snapshot_load_memory(s, f->mem, &e), 0);
		snapshot_close(s);
		assert_int_equal(ram[0], 0);
		assert_int_equal(ram[4096], 0x5a);
		assert_int_equal(ram[4097], 0);
		assert_int_equal(ram[RAM - 1], 0xa5);
		unlink(path);
		in_folder(f, "config.json", path);
		unlink(path);
		in_folder(f, "state.json", path);
		unlink(path);
	}
}

static void nothing_is_replaced(void **state)
{
	struct folder *f = *state;
	char path[128], target[128];
	struct stat st;
	struct err e;

	/* Not even where a link points to. */
	in_folder(f, "target", target);
	in_folder(f, "state.json", path);
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(save(f, &e), -EEXIST);
	assert_non_null(strstr(e.text, "'state.json' is there already"));
	assert_int_equal(lstat(target, &st), -1);
	unlink(path);
	/* What an interrupted one left is. */
	in_folder(f, ".memory.part", path);
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(save(f, &e), 0);
	assert_int_equal(lstat(target, &st), -1);
	assert_int_equal(save(f, &e), -EEXIST);
}

static void folders_and_urls(void **state)
{
	static const char *const urls[] = { "",           "/tmp",      "file:",
					    "file://tmp", "http://x/", "file://" };
	struct folder *f = *state;
	struct snapshot *s;
	struct err e;

	for (size_t i = 0; i < ARRAY_SIZE(urls); i++) {
		e = (struct err){ 0 };
		assert_int_equal(snapshot_open(urls[i], &s, &e), -EINVAL);
		assert_non_null(strstr(e.text, "is not the URL of a folder"));
	}
	e = (struct err){ 0 };
	assert_int_equal(snapshot_write("file:///nonesuch", f->config, f->state, f->mem, &e),
			 -ENOENT);
	assert_non_null(strstr(e.text, "cannot open folder '/nonesuch'"));
}

static void put_text(const struct folder *f, const char *name, const char *text)
{
	char path[128];
	FILE *file;

	in_folder(f, name, path);
	file = fopen(path, "we");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void what_is_no_snapshot_is_refused(void **state)
{
	static const struct {
		const char *name, *text, *fault;
	} rows[] = {
		{ "state.json", "", "state.json" },
		{ "state.json", "{\"format\":\"vdpa-vmm snap", "state.json" },
		{ "state.json", "[]", "is no JSON object" },
		{ "state.json", "{}", "is not the state of a vdpa-vmm snapshot" },
		{ "state.json", "{\"format\":1}", "is not the state of a vdpa-vmm snapshot" },
		{ "state.json", "{\"format\":\"vdpa-vmm snapshot\"}", "version null" },
		{ "state.json", "{\"format\":\"vdpa-vmm snapshot\",\"version\":2}", "version 2" },
		{ "state.json", "{\"format\":\"vdpa-vmm snapshot\",\"version\":\"1\"}",
		  "version \"1\"" },
		{ "config.json", "{", "config.json" },
		{ "config.json", "7", "is no JSON object" },
	};
	struct folder *f = *state;
	struct snapshot *s;
	char path[128];
	struct err e;

	assert_int_equal(save(f, &e), 0);
	for (size_t i = ARRAY_SIZE(rows); i-- > 0;) {
		put_text(f, rows[i].name, rows[i].text);
		e = (struct err){ 0 };
		assert_true(snapshot_open(f->url, &s, &e) < 0);
		if (!strstr(e.text, rows[i].fault))
			fail_msg("'%s': %s", rows[i].text, e.text);
		if (i == 8)
			put_text(f, "config.json", "{}");
	}
	in_folder(f, "state.json", path);
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	e = (struct err){ 0 };
	assert_int_equal(snapshot_open(f->url, &s, &e), -EINVAL);
	assert_non_null(strstr(e.text, "is no regular file"));
}

static void memory_of_another_size_is_refused(void **state)
{
	struct folder *f = *state;
	struct snapshot *s;
	char path[128];
	struct err e;

	assert_int_equal(save(f, &e), 0);
	in_folder(f, "memory", path);
	assert_int_equal(truncate(path, RAM - 1), 0);
	assert_int_equal(snapshot_open(f->url, &s, &e), 0);
	assert_int_equal(snapshot_load_memory(s, f->mem, &e), -EINVAL);
	assert_non_null(strstr(e.text, "has 65535 bytes, and the VM's memory 65536"));
	snapshot_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(state_comes_back),
		cmocka_unit_test(hostile_state_is_refused),
		cmocka_unit_test_setup_teardown(memory_comes_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nothing_is_replaced, set_up, tear_down),
		cmocka_unit_test_setup_teardown(folders_and_urls, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_no_snapshot_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(memory_of_another_size_is_refused, set_up,
						tear_down),
	};

	return cmocka_run_group_tests_name("snapshot", tests, NULL, NULL);
}
