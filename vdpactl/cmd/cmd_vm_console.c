/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vm console: this terminal on the console of a detached VM. */
#include "cmd/cmds.h"

#include "base/file.h"
#include "shell/complete.h"
#include "terminal_modes.h"
#include "vm/vm_folder.h"
#include "vmm_api/client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

struct console_args {
	const char *name;
	bool serial;
};

enum {
	ESCAPE = 0x1d /* Ctrl-] */
};

static const struct arg rows[] = {
	ARG_WORD_ROW(console_args, name, "VM", "VM that was started with --detach",
		     .required = true, .complete = complete_vms),
	ARG_FLAG_ROW(console_args, serial, "serial", "the serial port rather than the console"),
};

static int connect_to(const char *path, pid_t vmm, struct err *e)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int r;

	if (strlen(path) >= sizeof(address.sun_path))
		return err_set(e, -ENAMETOOLONG, "'%s' is too long for a socket", path);
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		r = -errno;
		err_errno(e, r, "cannot reach '%s'", path);
		if (r == -ENOENT)
			return err_hint(e, "was the VM started with --detach, and with that "
					   "console?");
		if (r == -EAGAIN)
			return err_hint(e, "others wait there already: its VMM takes nobody in");
		return r;
	}
	if (fcntl(fd, F_SETFL, 0) < 0)
		return err_errno(e, -errno, "cannot wait for '%s'", path);
	r = vmm_client_check_peer(fd, vmm, path, e);
	return r ? r : steal_fd(&fd);
}

/* Copies both ways until the VM, or the escape key, ends it. */
static void copy(int fd)
{
	struct pollfd fds[] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = fd, .events = POLLIN },
	};
	char buf[4096];

	for (;;) {
		ssize_t n;

		if (poll(fds, ARRAY_SIZE(fds), -1) < 0 && errno != EINTR)
			return;
		if (fds[1].revents) {
			n = read(fd, buf, sizeof(buf));
			if (n <= 0 || file_write_all(STDOUT_FILENO, buf, (size_t)n))
				return;
		}
		if (fds[0].revents) {
			const char *escape;

			n = read(STDIN_FILENO, buf, sizeof(buf));
			if (n <= 0) {
				/* A script's input is at its end: what the guest says still counts.
				 */
				fds[0].fd = -1;
				continue;
			}
			escape = isatty(STDIN_FILENO) ? memchr(buf, ESCAPE, (size_t)n) : NULL;
			if (file_write_all(fd, buf, escape ? (size_t)(escape - buf) : (size_t)n) ||
			    escape)
				return;
		}
	}
}

static int run(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct console_args *a = args;
	char path[VM_PATH_MAX + 32];
	struct terminal_modes modes;
	const struct sigaction ignored = { .sa_handler = SIG_IGN };
	struct sigaction before;
	struct vm_folder f;
	_close_ int fd = -1;
	pid_t vmm;
	int r = vm_folder_alive(a->name, &f, &vmm, e);

	(void)n;
	if (r)
		return r;
	if (s->out.json)
		return err_misuse(e, "a console has no JSON form");
	vm_folder_file(&f, a->serial ? "serial.sock" : "console.sock", path);
	fd = connect_to(path, vmm, e);
	if (fd < 0)
		return fd;
	if (isatty(STDIN_FILENO)) {
		out_line(&s->out, "%s: attached, Ctrl-] detaches", a->name);
		r = session_flush(s, e);
	}
	terminal_modes_raw(&modes);
	/* A key that is pressed when the VM has just ended must not leave the terminal raw. */
	sigaction(SIGPIPE, &ignored, &before);
	if (!r)
		copy(fd);
	sigaction(SIGPIPE, &before, NULL);
	terminal_modes_restore(&modes);
	if (modes.is_terminal)
		out_line(&s->out, "\n%s: detached", a->name);
	return r;
}

const struct command command_vm_console = {
	.path = "vm console",
	.summary = "Attach this terminal to the console of a VM; Ctrl-] detaches",
	.example = "vdpactl vm console blk-demo",
	COMMAND_ARGS(rows, console_args),
	.run = run,
};
