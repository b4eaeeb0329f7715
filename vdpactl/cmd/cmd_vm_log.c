/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vm log: what the VMM of a detached VM has printed, and prints. */
#include "cmd/cmds.h"

#include "base/file.h"
#include "shell/complete.h"
#include "vm/vm_folder.h"

#include <errno.h>
#include <string.h>
#include <time.h>

struct log_args {
	struct arg_words names;
	bool follow;
};

enum {
	MAX_LOG = 64 << 20, /* bytes */
	FOLLOW_STEP_MS = 200
};

static const struct arg rows[] = {
	ARG_WORDS_ROW(log_args, names, "VM", "running VM", .required = true,
		      .complete = complete_vms),
	ARG_FLAG_ROW(log_args, follow, "follow",
		     "go on with what it prints until the VM has ended"),
};

/* Path of its log; the folder outlives a VMM that died, so that the log can be read. */
static int find_log(const char *name, struct vm_folder *f, char path[VM_PATH_MAX + 32],
		    struct err *e)
{
	int r = vm_folder_of(name, f, e);

	if (r)
		return r;
	vm_folder_file(f, "vmm.log", path);
	if (access(path, F_OK) == 0)
		return 0;
	if (vm_folder_life(f, NULL) == VM_ABSENT)
		return vm_folder_alive(name, f, NULL, e);
	err_set(e, -ENOENT, "VM '%s' has no log", name);
	return err_hint(e, "one that was started without --detach prints on its terminal");
}

static int show(struct session *s, const char *name, struct err *e)
{
	char path[VM_PATH_MAX + 32];
	_free_ char *text = NULL;
	struct vm_folder f;
	int r = find_log(name, &f, path, e);

	if (!r)
		r = vm_folder_read(&f, "vmm.log", MAX_LOG, &text, e);
	if (r)
		return r;
	if (s->out.json) {
		out_item(&s->out, f.name);
		out_str(&s->out, "text", NULL, text);
	} else if (*text) {
		/* Each line gets its own end. */
		if (text[strlen(text) - 1] == '\n')
			text[strlen(text) - 1] = '\0';
		out_line(&s->out, "%s", text);
	}
	return 0;
}

/* The whole lines in `buf`, of which `*n` bytes are filled; what is left moves to its front. */
static int put_lines(struct session *s, char *buf, size_t *n, size_t size, struct err *e)
{
	char *end = memrchr(buf, '\n', *n);
	size_t used;

	/* A line longer than the buffer is cut in two. */
	if (!end && *n < size - 1)
		return 0;
	used = end ? (size_t)(end - buf) : *n;
	buf[used] = '\0';
	out_line(&s->out, "%s", buf);
	used += end ? 1 : 0;
	memmove(buf, buf + used, *n - used);
	*n -= used;
	return session_flush(s, e);
}

static int follow(struct session *s, const char *name, struct err *e)
{
	static const struct timespec step = { .tv_nsec = FOLLOW_STEP_MS * 1000000L };
	char path[VM_PATH_MAX + 32], buf[8192];
	_close_ int fd = -1;
	struct vm_folder f;
	size_t n = 0;
	bool last = false;
	int r = find_log(name, &f, path, e);

	if (r)
		return r;
	fd = vm_folder_open(&f, "vmm.log", e);
	if (fd < 0)
		return fd;
	for (;;) {
		ssize_t got = read(fd, buf + n, sizeof(buf) - 1 - n);

		if (got < 0 && errno != EINTR)
			return err_errno(e, -errno, "cannot read '%s'", path);
		if (got > 0) {
			n += (size_t)got;
			r = put_lines(s, buf, &n, sizeof(buf), e);
			if (r)
				return r;
			continue;
		}
		if (last)
			break;
		/* One more look after its end: the last words are the interesting ones. */
		last = vm_folder_life(&f, NULL) != VM_ALIVE;
		if (!last)
			nanosleep(&step, NULL);
	}
	buf[n] = '\0';
	if (n)
		out_line(&s->out, "%s", buf);
	return 0;
}

static int run(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct log_args *a = args;
	int r = 0;

	(void)n;
	if (a->follow) {
		if (s->out.json)
			return err_misuse(e, "a log that is followed has no JSON form");
		if (a->names.n > 1)
			return err_misuse(e, "--follow takes one VM");
		return follow(s, a->names.list[0], e);
	}
	out_begin(&s->out, "log", OUT_RECORDS, OUT_MAP, "VM");
	for (size_t i = 0; !r && i < a->names.n; i++)
		r = show(s, a->names.list[i], e);
	out_end(&s->out);
	return r;
}

const struct command command_vm_log = {
	.path = "vm log",
	.summary = "Show what the VMM of a detached VM has printed",
	.example = "vdpactl vm log blk-demo --follow",
	COMMAND_ARGS(rows, log_args),
	.run = run,
};
