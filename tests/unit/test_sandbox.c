/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sandbox, each case in a child of its own, since none can be taken off again. */
#include "unit.h"

#include "base/file.h"
#include "sandbox/landlock.h"
#include "sandbox/process.h"
#include "sandbox/syscall_filter.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/vhost.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

struct outcome {
	int status; /* of waitpid */
	char err[1024];
};

/* Runs `fn` in a child and collects how it ended and what it wrote to standard error. */
static struct outcome in_child(int (*fn)(void *data), void *data)
{
	struct outcome o = { 0 };
	int pipefd[2];
	size_t len = 0;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe2(pipefd, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(pipefd[1], STDERR_FILENO);
		_exit(fn(data));
	}
	close(pipefd[1]);
	while ((n = read(pipefd[0], o.err + len, sizeof(o.err) - 1 - len)) > 0)
		len += (size_t)n;
	close(pipefd[0]);
	assert_int_equal(waitpid(pid, &o.status, 0), pid);
	return o;
}

static int enter(enum vmm_seccomp mode, enum filter_thread thread)
{
	struct syscall_filters *filters;
	struct err e = { 0 };

	if (process_confine(&e) < 0 || syscall_filters_create(mode, &filters, &e) < 0 ||
	    syscall_filter_enter(filters, FILTER_MAIN, &e) < 0 ||
	    (thread != FILTER_MAIN && syscall_filter_enter(filters, thread, &e) < 0)) {
		dprintf(STDERR_FILENO, "%s", e.text);
		return 100;
	}
	return 0;
}

static int foreign_socket(void *data)
{
	const enum vmm_seccomp *mode = data;
	int r = enter(*mode, FILTER_MAIN);

	if (r)
		return r;
	prctl(PR_SET_NAME, "tester");
	return socket(AF_INET, SOCK_STREAM, 0) < 0 && errno == EPERM ? 2 : 3;
}

static void violations(void **state)
{
	enum vmm_seccomp mode = VMM_SECCOMP_TRUE;
	struct outcome o = in_child(foreign_socket, &mode);

	(void)state;
	assert_true(WIFSIGNALED(o.status) && WTERMSIG(o.status) == SIGSYS);
	assert_string_equal(o.err, "Probable seccomp violation: si_syscall=41 si_arch=0xc000003e "
				   "thread=tester call=socket\n");
	mode = VMM_SECCOMP_ERRNO;
	o = in_child(foreign_socket, &mode);
	assert_true(WIFEXITED(o.status));
	assert_int_equal(WEXITSTATUS(o.status), 2);
	mode = VMM_SECCOMP_LOG;
	o = in_child(foreign_socket, &mode);
	assert_true(WIFEXITED(o.status));
	assert_int_equal(WEXITSTATUS(o.status), 3);
	mode = VMM_SECCOMP_FALSE;
	o = in_child(foreign_socket, &mode);
	assert_true(WIFEXITED(o.status));
	assert_int_equal(WEXITSTATUS(o.status), 3);
}

static void *work(void *data)
{
	void *p = malloc(1 << 20);

	free(p);
	return data;
}

/* What the main loop does all day passes. */
static int everyday(void *data)
{
	pthread_t thread;
	int r = enter(VMM_SECCOMP_TRUE, FILTER_MAIN), fds[2];

	(void)data;
	if (r)
		return r;
	if (pthread_create(&thread, NULL, work, NULL) || pthread_join(thread, NULL))
		return 4;
	if (open("/dev/null", O_RDONLY | O_CLOEXEC) < 0)
		return 5;
	/* TCGETS2 and TCSETS2, with which newer libraries ask for a terminal's modes. */
	if (ioctl(-1, 0x802c542aUL, NULL) != -1 || ioctl(-1, 0x402c542bUL, NULL) != -1)
		return 8;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0)
		return 6; /* not one of ours: must not come here */
	return 7;
}

static void daily_work_passes(void **state)
{
	struct outcome o = in_child(everyday, NULL);

	(void)state;
	assert_true(WIFSIGNALED(o.status) && WTERMSIG(o.status) == SIGSYS);
	assert_non_null(strstr(o.err, "call=socketpair"));
}

static int vcpu_opens(void *data)
{
	int r = enter(VMM_SECCOMP_TRUE, FILTER_VCPU);

	(void)data;
	if (r)
		return r;
	if (open("/dev/null", O_RDONLY | O_CLOEXEC) < 0)
		return 8;
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

/* A guest that lifts its IOMMU has all its memory mapped by its vCPU; where that fails, the vCPU
 * finds out why: its limits, what the device reaches, and in sysfs what device it is. */
static int vcpu_asks_why(void *data)
{
	struct vhost_vdpa_iova_range range;
	char target[64];
	struct stat st;
	DIR *d;
	int r = enter(VMM_SECCOMP_TRUE, FILTER_VCPU);

	(void)data;
	if (r)
		return r;
	d = opendir("/proc/self/fd");
	if (!d || !readdir(d) || stat("/dev/null", &st) < 0)
		return 9;
	r = openat(dirfd(d), "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (ioctl(dirfd(d), VHOST_VDPA_GET_IOVA_RANGE, &range) == 0 || errno != ENOTTY)
		return 11;
	if (r < 0 || readlinkat(r, "exe", target, sizeof(target)) < 0 ||
	    readlink("/proc/self/exe", target, sizeof(target)) < 0)
		return 10;
	close(r);
	closedir(d);
	return 0;
}

static void a_vcpu_finds_out_why_mapping_failed(void **state)
{
	struct outcome o = in_child(vcpu_asks_why, NULL);

	(void)state;
	assert_string_equal(o.err, "");
	assert_true(WIFEXITED(o.status));
	assert_int_equal(WEXITSTATUS(o.status), 0);
}

static void a_vcpu_opens_nothing_to_write(void **state)
{
	struct outcome o = in_child(vcpu_opens, NULL);

	(void)state;
	assert_true(WIFSIGNALED(o.status) && WTERMSIG(o.status) == SIGSYS);
	assert_non_null(strstr(o.err, "call=openat"));
}

static int close_all_but(void *data)
{
	int *keep = data;
	struct err e = { 0 };

	if (process_close_inherited(keep, 1, &e) < 0)
		return 9;
	for (int fd = 3; fd < 64; fd++)
		if ((fcntl(fd, F_GETFD) >= 0) != (fd == *keep))
			return 1;
	return 0;
}

static void nothing_is_inherited(void **state)
{
	int fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 40);
	struct outcome o;

	(void)state;
	assert_true(fd >= 40);
	o = in_child(close_all_but, &fd);
	assert_int_equal(o.status, 0);
	close(fd);
}

/* Landlock, as the VMM enters it: 0, or the status with which the child ends. */
static int restrict_by(const struct vm_config *config)
{
	struct err e = { 0 };
	int r = process_confine(&e);

	if (r == 0)
		r = landlock_restrict(config, NULL, &e);
	if (r == -EOPNOTSUPP)
		return 77;
	if (r < 0)
		dprintf(STDERR_FILENO, "%s", e.text);
	return r < 0 ? 100 : 0;
}

static int restricted(void *data)
{
	static char kernel[] = "/etc/passwd", src[] = "/dev/urandom";
	const char *readable = data;
	struct vm_config config = { .payload.kernel = kernel, .rng.src = src };
	int r = restrict_by(&config);

	if (r)
		return r;
	return open(readable, O_RDONLY | O_CLOEXEC) >= 0 ? 1 : errno == EACCES ? 2 : 3;
}

static void landlock(void **state)
{
	static char named[] = "/etc/passwd", other[] = "/etc/group";
	struct outcome o = in_child(restricted, named);

	(void)state;
	if (WEXITSTATUS(o.status) == 77)
		skip();
	assert_string_equal(o.err, "");
	assert_int_equal(WEXITSTATUS(o.status), 1);
	o = in_child(restricted, other);
	assert_int_equal(WEXITSTATUS(o.status), 2);
}

static int writing(void *data)
{
	struct vm_config config = { .console = { .mode = CONSOLE_FILE, .path = data } };
	char beside[64];
	int r;

	snprintf(beside, sizeof(beside), "%s.beside", (const char *)data);
	r = restrict_by(&config);
	if (r)
		return r;
	if (open(beside, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0 || errno != EACCES)
		return 2;
	return file_open_output(data, O_WRONLY | O_TRUNC, 0600, NULL) >= 0 ? 1 : 3;
}

/* A console's file may be written, and nothing beside it. */
static void landlock_of_a_file(void **state)
{
	char folder[] = "/tmp/test_sandbox.XXXXXX", path[40];
	struct outcome o;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/out", folder);
	o = in_child(writing, path);
	unlink(path);
	rmdir(folder);
	if (WEXITSTATUS(o.status) == 77)
		skip();
	assert_string_equal(o.err, "");
	assert_int_equal(WEXITSTATUS(o.status), 1);
}

/* The caller's description stays as it is: the terminal is opened again, by its name in /proc. */
static int on_a_terminal(void *data _unused_)
{
	const struct vm_config config = { .console = { .mode = CONSOLE_TTY } };
	int main_end = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	char name[64];
	int fd, r;

	if (main_end < 0 || unlockpt(main_end) || ptsname_r(main_end, name, sizeof(name)))
		return 4;
	fd = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0)
		return 5;
	r = restrict_by(&config);
	if (r)
		return r;
	if (open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC) >= 0)
		return 2;
	return open("/proc/self/fd/1", O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) >= 0 ? 1 : 3;
}

static void landlock_of_a_terminal(void **state)
{
	struct outcome o = in_child(on_a_terminal, NULL);

	(void)state;
	if (WEXITSTATUS(o.status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(o.status), 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(violations),
		cmocka_unit_test(daily_work_passes),
		cmocka_unit_test(a_vcpu_finds_out_why_mapping_failed),
		cmocka_unit_test(a_vcpu_opens_nothing_to_write),
		cmocka_unit_test(nothing_is_inherited),
		cmocka_unit_test(landlock),
		cmocka_unit_test(landlock_of_a_file),
		cmocka_unit_test(landlock_of_a_terminal),
	};

	return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
