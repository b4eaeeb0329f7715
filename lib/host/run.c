/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs a system program without a shell and keeps what it says. */
#include "host/run.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	OUTPUT_MAX = 65536,
};

static const char *const folders[] = { "/usr/sbin", "/sbin", "/usr/bin", "/bin" };

static int find_program(const char *name, char *path, size_t size)
{
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		snprintf(path, size, "%s/%s", folders[i], name);
		if (access(path, X_OK) == 0)
			return 0;
	}
	return -ENOENT;
}

static int spawn(const char *path, const char *const argv[], int out, pid_t *pid)
{
	char path_word[] = "PATH=/usr/sbin:/sbin:/usr/bin:/bin";
	char locale_word[] = "LC_ALL=C";
	char *const environment[] = { path_word, locale_word, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none;
	int r;

	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	sigemptyset(&none);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	posix_spawn_file_actions_adddup2(&actions, out, 2);
	/* posix_spawn does not write to the words; its prototype is older than const. */
	r = posix_spawn(pid, path, &actions, &attr, (char *const *)(uintptr_t)argv, environment);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return -r;
}

/* Reads until the program has closed its output. */
static int drain(int fd, unsigned int timeout_ms, struct strbuf *text)
{
	uint64_t end = clock_ms() + timeout_ms;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char chunk[1024];
	ssize_t n;

	for (;;) {
		int64_t left = (int64_t)(end - clock_ms());

		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(&p, 1, (int)left) <= 0)
			continue;
		n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return 0;
		if (text->len < OUTPUT_MAX)
			strbuf_append(text, chunk, (size_t)n);
	}
}

/* The last line that is not empty says most. */
static void last_line(const char *text, char *buf, size_t size)
{
	const char *end = text + strlen(text);
	const char *start;

	while (end > text && end[-1] == '\n')
		end--;
	for (start = end; start > text && start[-1] != '\n'; start--)
		;
	snprintf(buf, size, "%.*s", (int)(end - start), start);
}

static int finish(const char *name, pid_t pid, const struct strbuf *text, struct err *e)
{
	char words[256];
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_errno(e, -errno, "cannot wait for '%s'", name);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	last_line(strbuf_text(text), words, sizeof(words));
	if (WIFSIGNALED(status))
		return err_set(e, -EIO, "%s was ended by signal %d", name, WTERMSIG(status));
	return err_set(e, -EIO, "%s failed with status %d%s%s", name, WEXITSTATUS(status),
		       *words ? ": " : "", words);
}

int run_program(const char *const argv[], unsigned int timeout_ms, struct strbuf *output,
		struct err *e)
{
	_strbuf_ struct strbuf own = { 0 };
	struct strbuf *text = output ? output : &own;
	_close_ int in = -1;
	char path[128];
	int ends[2], r;
	pid_t pid;

	r = find_program(argv[0], path, sizeof(path));
	if (r) {
		err_set(e, r, "no program '%s' on this host", argv[0]);
		return r;
	}
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_errno(e, -errno, "cannot make a pipe");
	in = ends[0];
	r = spawn(path, argv, ends[1], &pid);
	close(ends[1]);
	if (r)
		return err_errno(e, r, "cannot run '%s'", path);
	if (drain(in, timeout_ms, text))
		return err_set(e, -ETIMEDOUT, "%s has not ended after %u ms and is left behind",
			       argv[0], timeout_ms);
	return finish(argv[0], pid, text, e);
}
