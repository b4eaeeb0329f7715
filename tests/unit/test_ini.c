/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Profiles: reading with places, and edits that keep what they do not touch. */
#include "unit.h"

#include "config/from_ini.h"
#include "config/ini_edit.h"
#include "config/profile.h"
#include "config/to_ini.h"
#include "config/vm_config_check.h"
#include "config/vm_options.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static int from_text(const char *text, struct vm_config *config, struct err *e)
{
	return vm_config_from_ini(text, strlen(text), "p.ini", config, e);
}

/* Of a text in no file, errors name the place alone. */
static void places_without_lines(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "[cpus]\nboot = x\n", "cpus.boot: 'x' is not a number" },
		{ "[cpus]\nbot = 1\n", "cpus: unknown option: bot" },
		{ "[dsk]\n", "unknown section: dsk" },
		{ "[disk \"a\"]\nid = b\n", "disk.a.id: option 'id' is given already" },
		{ "[cpus]\n[cpus]\n", "section 'cpus' is given already" },
		{ "[cpus]\nboot\n", "neither [section] nor key = value" },
		{ "boot = 1\n", "'boot' stands before the first section" },
		{ "[console]\nmode = tty\nfile = /x\n", "console.file: mode is 'tty'" },
		{ "[vm]\nname = a\x01z\n", "control character 0x01" },
		{ "[cpus]\nboot = 0\n[memory]\nsize = 1\n", "cpus.boot: '0' is out of range" },
		{ "[memory]\nsize = 1\n", "memory.size: memory size '1' is not a multiple" },
		{ "[disk]\nreadonly = on\n", "disk.path: path missing" },
		{ "[disk \"a\"]\n", "disk.a.path: path missing" },
		{ "[vdpa \"a\"]\n", "vdpa.a: path missing" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_vm_config_ struct vm_config c = { 0 };
		struct err e = { 0 };
		int r = vm_config_from_ini(cases[i].text, strlen(cases[i].text), NULL, &c, &e);

		assert_int_not_equal(r ? r : vm_config_check_partial(&c, &e), 0);
		if (strncmp(e.text, cases[i].message, strlen(cases[i].message)) != 0)
			fail_msg("%s", e.text);
	}
}

static void the_documented_profile(void **state)
{
	static const char text[] = "[vm]\nname = blk-demo\n[cpus]\nboot = 1\n[memory]\nsize = 1G\n"
				   "hugepages = on\n[payload]\nkernel = vmlinux\n"
				   "cmdline = root=/dev/vda1 console=hvc0\n"
				   "[disk \"root\"]\npath = image.raw\n[vdpa \"blk\"]\n"
				   "device = vdpa-blk1\nnum_queues = 1\n";
	_vm_config_ struct vm_config c;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(from_text(text, &c, &e), 0);
	assert_int_equal(vm_config_check(&c, &e), 0);
	assert_string_equal(c.name, "blk-demo");
	assert_int_equal(c.memory.size, 1 << 30);
	assert_string_equal(c.payload.cmdline, "root=/dev/vda1 console=hvc0");
	assert_string_equal(c.disks[0].pci.id, "root");
	assert_string_equal(c.vdpas[0].pci.id, "blk");
	assert_string_equal(c.vdpas[0].device, "vdpa-blk1");
}

static void layout(void **state)
{
	static const char text[] =
		"\xef\xbb\xbf# head\r\n  [ disk   \"a\" ]\r\n\tpath=  x;y #z \r\n"
		"; note\n\n[disk]\n path : b\n[disk]\npath = \"\"\"q\"\" \"\n"
		"[platform]\n";
	_vm_config_ struct vm_config c;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(from_text(text, &c, &e), 0);
	assert_int_equal(c.n_disks, 3);
	assert_string_equal(c.disks[0].pci.id, "a");
	assert_string_equal(c.disks[0].path, "x;y #z");
	assert_string_equal(c.disks[1].path, "b");
	assert_string_equal(c.disks[2].path, "\"q\" ");
	assert_true(c.has_platform);
}

static void refusals(void **state)
{
	static const struct {
		const char *text, *message, *hint;
	} rows[] = {
		{ "[cpus]\nboot = x\n", "p.ini:2: boot: 'x' is not a number", "" },
		{ "[cpus]\nboot = 1 ; one\n", "p.ini:2: boot: '1 ; one' is not", "" },
		{ "\n\n[vdpa]\npth = x\n", "p.ini:4: unknown option: pth", "'path'" },
		{ "[dsk]\n", "p.ini:1: unknown section: dsk", "'disk'" },
		{ "[cpus]\n[memory]\n[cpus]\n",
		  "p.ini:3: section 'cpus' is given at line 1 already", "" },
		{ "[disk \"a\"]\n[disk \"b\"]\n[disk \"a\"]\n",
		  "p.ini:3: disk 'a' is given at line 1 already", "" },
		{ "[disk \"a\"]\nid = b\n", "p.ini:2: option 'id' is given at line 1 already", "" },
		{ "[cpus]\nboot=1\nmax=2\nboot=1\n",
		  "p.ini:4: option 'boot' is given at line 2 already", "" },
		{ "boot = 1\n", "p.ini:1: 'boot' stands before the first section", "" },
		{ "[cpus]\nboot\n", "p.ini:2: neither [section] nor key = value", "" },
		{ "[cpus\nboot=1\n", "p.ini:1: neither [section] nor key = value", "" },
		{ "[cpus \"x\"]\n", "p.ini:1: section 'cpus' takes no label", "" },
		{ "[disk \"\"]\n", "p.ini:1: '[disk \"\"]' is not a section head", "" },
		{ "[disk \"a]\n", "is not a section head", "" },
		{ "[disk x]\n", "is not a section head", "" },
		{ "[cpus]\naffinity = [0@[1]]\n", "p.ini:2: affinity is not supported by this VMM",
		  "" },
		{ "[console]\nmode = tty\nfile = /x\n", "p.ini:3: file: mode is 'tty' by line 2",
		  "" },
		{ "[console]\nfile = /x\nmode = tty\n", "p.ini:3: mode: mode is 'file' by line 2",
		  "" },
		{ "[serial]\nfile = /x\nsocket = y\n", "p.ini:3: socket: mode is 'file' by line 2",
		  "" },
		{ "[console]\nmode = loud\n", "p.ini:2: mode: 'loud' is not one of off, null", "" },
		{ "[vm]\nname = a\x01z\n", "p.ini:2: control character 0x01", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_vm_config_ struct vm_config c = { 0 };
		struct err e = { 0 };

		assert_true(from_text(rows[i].text, &c, &e) < 0);
		if (!strstr(e.text, rows[i].message) || !strstr(e.hint, rows[i].hint))
			fail_msg("'%s' (%s), not '%s' (%s)", e.text, e.hint, rows[i].message,
				 rows[i].hint);
	}
}

static void too_much(void **state)
{
	_strbuf_ struct strbuf text = { 0 };
	_vm_config_ struct vm_config c = { 0 };
	struct err e = { 0 };

	(void)state;
	strbuf_puts(&text, "[payload]\ncmdline = ");
	while (text.len < 81 << 10)
		strbuf_puts(&text, "aaaaaaaaaaaaaaaa");
	assert_int_equal(from_text(strbuf_text(&text), &c, &e), -EINVAL);
	assert_string_equal(e.text, "p.ini:2: the line is too long");
	while (text.len <= 1 << 20)
		strbuf_puts(&text, "\n#aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	assert_int_equal(from_text(strbuf_text(&text), &c, &e), -EFBIG);
	assert_int_equal(
		from_text("[landlock-rules \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"]", &c, &e),
		-EINVAL);
	assert_string_equal(e.text, "p.ini:1: the line is too long");
}

/* A long command line passes whole; it is the rule between options that refuses more. */
/* What reads, prints and reads again, even where the check refuses it: one head a label. */
static void labels_given_twice(void **state)
{
	static const char *const rows[] = {
		"[disk \"a\"]\npath = x\n\n[disk]\npath = y\nid = a\n",
		"[pci-segment \"0\"]\n\n[pci-segment]\n",
		"[vdpa \"v\"]\n\n[vdpa]\nid = v\n\n[vdpa]\nid = v\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_vm_config_ struct vm_config c = { 0 };
		_strbuf_ struct strbuf printed = { 0 };
		struct err e = { 0 };

		assert_int_equal(from_text(rows[i], &c, &e), 0);
		vm_config_to_ini(&c, &printed);
		assert_string_equal(strbuf_text(&printed), rows[i]);
	}
}

static void long_command_line(void **state)
{
	_strbuf_ struct strbuf text = { 0 };
	_vm_config_ struct vm_config c;
	struct err e = { 0 };

	(void)state;
	strbuf_puts(&text, "[payload]\nkernel = k\ncmdline = ");
	for (int i = 0; i < 65535; i++)
		strbuf_putc(&text, 'a');
	strbuf_putc(&text, '\n');
	assert_int_equal(from_text(strbuf_text(&text), &c, &e), 0);
	assert_int_equal(strlen(c.payload.cmdline), 65535);
	assert_int_equal(vm_config_check(&c, &e), 0);
}

static const char before[] = "# file\n[cpus]\n  boot=1   \n# why\nmax = 2\n\n# of disk\n"
			     "[disk \"a\"]\npath =\timage\n; end";

static void assert_edit(int r, char *out, const char *expected)
{
	assert_int_equal(r, 0);
	assert_string_equal(out, expected);
	free(out);
}

static void edits(void **state)
{
	static const struct ini_place boot = { .section = "cpus", .key = "boot" };
	static const struct ini_place size = { .section = "memory", .key = "size" };
	static const struct ini_place readonly = { "disk", "a", "readonly", false };
	static const struct ini_place disk_b = { .section = "disk", .label = "b" };
	static const struct ini_place disk_a = { .section = "disk", .label = "a" };
	static const struct ini_place last_rule = { "landlock-rules", NULL, "path", true };
	char *out = NULL;
	int r;

	(void)state;
	r = ini_edit_set(before, &boot, "4", &out, NULL);
	assert_edit(r, out,
		    "# file\n[cpus]\n  boot=4   \n# why\nmax = 2\n\n# of disk\n"
		    "[disk \"a\"]\npath =\timage\n; end");
	r = ini_edit_set(before, &readonly, "on", &out, NULL);
	assert_edit(r, out,
		    "# file\n[cpus]\n  boot=1   \n# why\nmax = 2\n\n# of disk\n"
		    "[disk \"a\"]\npath =\timage\nreadonly = on\n; end");
	r = ini_edit_set(before, &size, " 1G", &out, NULL);
	assert_edit(r, out,
		    "# file\n[cpus]\n  boot=1   \n# why\nmax = 2\n\n# of disk\n"
		    "[disk \"a\"]\npath =\timage\n; end\n\n[memory]\nsize = \" 1G\"\n");
	r = ini_edit_unset(before, &boot, &out, NULL);
	assert_edit(r, out,
		    "# file\n[cpus]\n# why\nmax = 2\n\n# of disk\n"
		    "[disk \"a\"]\npath =\timage\n; end");
	r = ini_edit_add(before, &disk_b, &out, NULL);
	assert_edit(r, out,
		    "# file\n[cpus]\n  boot=1   \n# why\nmax = 2\n\n# of disk\n"
		    "[disk \"a\"]\npath =\timage\n; end\n\n[disk \"b\"]\n");
	r = ini_edit_remove(before, &boot, &out, NULL);
	assert_edit(r, out, "# file\n# of disk\n[disk \"a\"]\npath =\timage\n; end");
	r = ini_edit_remove(before, &disk_a, &out, NULL);
	assert_edit(r, out, "# file\n[cpus]\n  boot=1   \n# why\nmax = 2\n\n# of disk\n");
	r = ini_edit_set("", &boot, "4", &out, NULL);
	assert_edit(r, out, "[cpus]\nboot = 4\n");
	r = ini_edit_add("[landlock-rules]\npath = a\n", &last_rule, &out, NULL);
	assert_edit(r, out, "[landlock-rules]\npath = a\n\n[landlock-rules]\n");
	r = ini_edit_set("[landlock-rules]\npath = a\n\n[landlock-rules]\n", &last_rule, "b", &out,
			 NULL);
	assert_edit(r, out, "[landlock-rules]\npath = a\n\n[landlock-rules]\npath = b\n");
	r = ini_edit_remove("[cpus]\n", &boot, &out, NULL);
	assert_edit(r, out, "");
}

static void edits_refused(void **state)
{
	static const struct ini_place max = { .section = "memory", .key = "size" };
	static const struct ini_place none = { .section = "cpus", .key = "topology" };
	static const struct ini_place odd = { .section = "cpus", .key = "a=b\n" };
	static const struct ini_place head = { .section = "cpus]\n[x", .key = "a" };
	static const struct ini_place disk = { .section = "disk", .key = "path" };
	static const struct ini_place disk_a = { .section = "disk", .label = "a" };
	static const struct ini_place disk_path = { "disk", "a", "path", false };
	char *out = NULL;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(ini_edit_unset(before, &max, &out, &e), -ENOENT);
	assert_string_equal(e.text, "no section [memory]");
	assert_int_equal(ini_edit_unset(before, &none, &out, &e), -ENOENT);
	assert_string_equal(e.text, "section [cpus] has no 'topology'");
	assert_int_equal(ini_edit_remove(before, &max, &out, &e), -ENOENT);
	assert_int_equal(ini_edit_add(before, &disk_a, &out, &e), -EEXIST);
	assert_int_equal(ini_edit_set(before, &none, "a\nb", &out, &e), -EINVAL);
	assert_int_equal(ini_edit_set(before, &odd, "x", &out, &e), -EINVAL);
	assert_int_equal(ini_edit_set(before, &head, "x", &out, &e), -EINVAL);
	assert_int_equal(ini_edit_set("[disk]\n[disk]\n", &disk, "x", &out, &e), -EINVAL);
	assert_string_equal(e.text, "several sections [disk]");
	assert_non_null(strstr(e.hint, "[disk \"NAME\"]"));
	assert_int_equal(ini_edit_set("[memory]\n[memory]\n", &max, "x", &out, &e), -EINVAL);
	assert_null(strstr(e.hint, "NAME"));
	assert_int_equal(ini_edit_add("[memory]\n", &max, &out, &e), -EEXIST);
	assert_null(strstr(e.hint, "NAME"));
	assert_int_equal(ini_edit_add("[disk]\n", &disk, &out, &e), -EEXIST);
	assert_non_null(strstr(e.hint, "disk.NAME"));
	assert_int_equal(ini_edit_set("[disk]\n", &disk_path, "x", &out, &e), -ENOENT);
	assert_string_equal(e.text, "no section [disk \"a\"]");
	assert_null(out);
}

/* What an edit writes is what reading gives, whatever the value is made of. */
static void edited_values_read_back(void **state)
{
	static const char *const values[] = {
		"x",   " x ",   "\"x\"", "\"",  "\"\"",     "a\"b", "\"a\" b \"c\"", "# x",
		"; x", "x ; y", "[x]",   "a=b", "\"\"\"\"", " \" ", "\\n",           "\xc3\xa9",
	};
	static const struct ini_place place = { .section = "payload", .key = "cmdline" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		_vm_config_ struct vm_config c = { 0 };
		_free_ char *out = NULL;
		struct err e = { 0 };

		assert_int_equal(
			ini_edit_set("[payload]\ncmdline = old\n", &place, values[i], &out, &e), 0);
		assert_int_equal(from_text(out, &c, &e), 0);
		assert_string_equal(c.payload.cmdline, values[i]);
	}
}

static void files(void **state)
{
	char top[] = "/tmp/profile-XXXXXX";
	char user[64], other[64], file[96], hidden[96];
	const char *folders[] = { user, other, "/nonexistent", NULL };
	_profile_list_ struct profile_list list = { 0 };
	_vm_config_ struct vm_config c = { 0 };
	_free_ char *path = NULL;
	struct err e = { 0 };
	int lock;

	(void)state;
	assert_non_null(mkdtemp(top));
	snprintf(user, sizeof(user), "%s/user", top);
	snprintf(other, sizeof(other), "%s/other", top);
	snprintf(file, sizeof(file), "%s/demo.ini", user);
	snprintf(hidden, sizeof(hidden), "%s/demo.ini", other);
	assert_int_equal(profile_write(file, "[cpus]\nboot = 2\n", 16, &e), 0);
	assert_int_equal(profile_write(hidden, "", 0, &e), 0);
	assert_int_equal(profile_lock(file, &lock, &e), 0);
	close(lock);
	assert_int_equal(profile_find(folders, "demo", &path, &e), 0);
	assert_string_equal(path, file);
	assert_int_equal(profile_list(folders, &list, &e), 0);
	assert_int_equal(list.n, 1);
	assert_string_equal(list.entries[0].path, file);
	assert_int_equal(profile_load(path, &c, &e), 0);
	assert_string_equal(c.name, "demo");
	assert_int_equal(c.cpus.boot, 2);
	free(steal_ptr(&path));
	assert_int_equal(profile_find(folders, hidden, &path, &e), 0);
	assert_string_equal(path, hidden);
	free(steal_ptr(&path));
	assert_int_equal(profile_find(folders, "none", &path, &e), -ENOENT);
	assert_non_null(strstr(e.text, user));
	assert_int_equal(profile_find(folders, "none.ini", &path, NULL), -ENOENT);
	/* What is in the way of looking is not overlooked. */
	folders[0] = file;
	assert_int_equal(profile_find(folders, "demo", &path, &e), -ENOTDIR);
	assert_int_equal(profile_find(folders, "..", &path, &e), -EINVAL);
	assert_int_equal(profile_find(folders, "/nonexistent/x", &path, &e), -ENOENT);
	unlink(file);
	unlink(hidden);
	rmdir(user);
	rmdir(other);
	assert_int_equal(rmdir(top), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_documented_profile),
		cmocka_unit_test(places_without_lines),
		cmocka_unit_test(layout),
		cmocka_unit_test(refusals),
		cmocka_unit_test(too_much),
		cmocka_unit_test(labels_given_twice),
		cmocka_unit_test(long_command_line),
		cmocka_unit_test(edits),
		cmocka_unit_test(edits_refused),
		cmocka_unit_test(edited_values_read_back),
		cmocka_unit_test(files),
	};

	return cmocka_run_group_tests_name("ini", tests, NULL, NULL);
}
