/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files to write to, beside what others may have planted, and replaced ones. */
#include "unit.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

struct folder {
	char path[32], file[64], victim[64];
};

static struct folder make_folder(mode_t mode)
{
	struct folder f = { .path = "/tmp/vdpa-file.XXXXXX" };

	assert_non_null(mkdtemp(f.path));
	assert_int_equal(chmod(f.path, mode), 0);
	snprintf(f.file, sizeof(f.file), "%s/file", f.path);
	snprintf(f.victim, sizeof(f.victim), "%s/victim", f.path);
	assert_int_equal(file_replace(f.victim, "precious", 8, 0600, NULL), 0);
	return f;
}

static void remove_folder(const struct folder *f)
{
	unlink(f->file);
	unlink(f->victim);
	assert_int_equal(rmdir(f->path), 0);
}

static int open_file(const struct folder *f, struct err *e)
{
	int fd = file_open_output(f->file, O_WRONLY | O_TRUNC | O_NONBLOCK, 0600, e);

	if (fd < 0)
		return fd;
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
	return 0;
}

static off_t victim_size(const struct folder *f)
{
	struct stat st;

	assert_int_equal(stat(f->victim, &st), 0);
	return st.st_size;
}

static void links(void **state)
{
	static const struct {
		mode_t mode;
		bool hard, refused;
	} rows[] = {
		{ 0700, false, false }, { 0755, false, false }, { 01777, false, true },
		{ 0777, false, true },  { 0775, false, true },  { 0700, true, false },
		{ 01777, true, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct folder f = make_folder(rows[i].mode);
		struct err e = { 0 };

		assert_int_equal(rows[i].hard ? link(f.victim, f.file) : symlink(f.victim, f.file),
				 0);
		assert_int_equal(open_file(&f, &e) < 0, rows[i].refused);
		assert_int_equal(victim_size(&f), rows[i].refused ? 8 : 0);
		if (rows[i].refused)
			assert_non_null(strstr(e.text, "in a folder where others can write"));
		remove_folder(&f);
	}
}

static void files_of_others_that_root_makes(void **state)
{
	struct folder f = make_folder(01777);
	struct err e = { 0 };

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(open_file(&f, &e), 0);
	assert_int_equal(chown(f.file, 65534, 65534), 0);
	/* The kernel may say so first (fs.protected_regular). */
	assert_true(open_file(&f, &e) < 0);
	assert_int_equal(unlink(f.file), 0);
	assert_int_equal(mkfifo(f.file, 0666), 0);
	assert_int_equal(chown(f.file, 65534, 65534), 0);
	assert_true(open_file(&f, &e) < 0);
	/* In a folder of theirs it is theirs to say what is in it, save for what a link stands for.
	 */
	assert_int_equal(unlink(f.file), 0);
	assert_int_equal(chmod(f.path, 0755), 0);
	assert_int_equal(chown(f.path, 65534, 65534), 0);
	assert_int_equal(symlink(f.victim, f.file), 0);
	assert_int_equal(open_file(&f, &e), -ELOOP);
	assert_int_equal(unlink(f.file), 0);
	assert_int_equal(open_file(&f, &e), 0);
	assert_int_equal(chown(f.file, 65534, 65534), 0);
	assert_int_equal(open_file(&f, &e), 0);
	remove_folder(&f);
}

static void what_is_no_file(void **state)
{
	struct err e = { 0 };
	int fd = file_open_output("/dev/null", O_WRONLY | O_TRUNC, 0600, &e);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(file_open_output("/nowhere/x", O_WRONLY, 0600, &e), -ENOENT);
	assert_string_equal(e.text,
			    "cannot open '/nowhere/x' for writing: No such file or directory");
}

/* Its mode would be that of what it leads to, which others may choose. */
static void a_link_that_is_replaced(void **state)
{
	struct folder f = make_folder(0700);
	char target[PATH_MAX];
	struct stat st;

	(void)state;
	snprintf(target, sizeof(target), "%s.theirs", f.file);
	close(open(target, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	assert_int_equal(chmod(target, 0666), 0);
	assert_int_equal(symlink(target, f.file), 0);
	assert_int_equal(file_replace(f.file, "mine", 4, 0600, NULL), 0);
	assert_int_equal(lstat(f.file, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	unlink(target);
	remove_folder(&f);
}

/* A limit in place of a full disk: the file is as it was, and nothing is left beside it. */
static void a_replacement_that_fails(void **state)
{
	struct folder f = make_folder(0700);
	struct rlimit before, limit;
	struct err e = { 0 };
	char text[16];
	int fd;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = 10;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(file_replace(f.victim, "much more than fits", 19, 0600, &e), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_non_null(strstr(e.text, "victim': File too large"));
	fd = open(f.victim, O_RDONLY | O_CLOEXEC);
	assert_int_equal(read(fd, text, sizeof(text)), 8);
	assert_memory_equal(text, "precious", 8);
	close(fd);
	/* The folder has nothing else in it, or it stays. */
	remove_folder(&f);
}

/* The device or FIFO is there as it was. */
static void no_replacement_of_what_is_no_file(void **state)
{
	struct folder f = make_folder(0700);
	struct err e = { 0 };
	struct stat st;
	int fd;

	(void)state;
	assert_int_equal(mkfifo(f.file, 0600), 0);
	assert_int_equal(file_replace(f.file, "text", 4, 0600, &e), -EINVAL);
	assert_non_null(strstr(e.text, "file' is there and is no ordinary file"));
	assert_int_equal(lstat(f.file, &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	/* What /dev/stdout is, with standard output in a file. */
	fd = open(f.victim, O_RDONLY | O_CLOEXEC);
	assert_int_equal(dup2(fd, 100), 100);
	assert_int_equal(unlink(f.file), 0);
	assert_int_equal(symlink("/proc/self/fd/100", f.file), 0);
	assert_int_equal(file_replace(f.file, "text", 4, 0600, &e), -EINVAL);
	assert_int_equal(lstat(f.file, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	close(100);
	close(fd);
	remove_folder(&f);
}

static void sizes_in_procfs(void **state)
{
	static const char text[] =
		"Name:\tVmPin: 7 kB\nVmPinned:\t 9 kB\nVmPin:\t   12 kB\nOdd: x kB\n"
		"Huge: 99999999999999999999 kB\nLast:1 kB";
	static const struct {
		const char *name;
		bool there;
		uint64_t bytes;
	} rows[] = { { "VmPin", true, 12 << 10 }, { "VmPinned", true, 9 << 10 },
		     { "Last", true, 1024 },      { "Odd", false, 0 },
		     { "Huge", false, 0 },        { "None", false, 0 },
		     { "Name", false, 0 } };
	struct folder f = make_folder(0700);
	uint64_t bytes;

	(void)state;
	assert_int_equal(file_replace(f.file, text, sizeof(text) - 1, 0600, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(file_read_kib(f.file, rows[i].name, &bytes), rows[i].there);
		if (rows[i].there)
			assert_int_equal(bytes, rows[i].bytes);
	}
	remove_folder(&f);
	assert_false(file_read_kib(f.file, "VmPin", &bytes));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_in_procfs),
		cmocka_unit_test(links),
		cmocka_unit_test(files_of_others_that_root_makes),
		cmocka_unit_test(what_is_no_file),
		cmocka_unit_test(a_replacement_that_fails),
		cmocka_unit_test(a_link_that_is_replaced),
		cmocka_unit_test(no_replacement_of_what_is_no_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
