/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The descriptors behind a console, by mode. */
#include "console_backend_open.h"

#include "base/file.h"
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>

enum {
	PATH_SIZE = 64,
};

/*
 * A description of our own, so that O_NONBLOCK does not reach the shell that shares the terminal.
 * A regular file keeps the shared one: it never blocks, and its offset must go on.
 */
static int own_description(int fd, int flags)
{
	char path[PATH_SIZE];
	struct stat st;

	if (fstat(fd, &st) == 0 && (S_ISCHR(st.st_mode) || S_ISFIFO(st.st_mode))) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		int own = open(path, flags | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

		if (own >= 0)
			return own;
	}
	return fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

static int open_tty(struct console_fds *fds, struct err *e)
{
	int ret = terminal_make_raw(&fds->is_tty, e);
	struct stat st;

	if (ret < 0)
		return ret;
	/* A terminal in whose background we are must not be read: that would stop the process. */
	if (fds->is_tty || !isatty(STDIN_FILENO))
		fds->in = own_description(STDIN_FILENO, O_RDONLY);
	fds->out = own_description(STDOUT_FILENO, O_WRONLY);
	if (fds->out < 0)
		return err_errno(e, -errno, "cannot use standard output");
	/* One cannot be opened anew. */
	fds->shared_socket = fstat(fds->out, &st) == 0 && S_ISSOCK(st.st_mode);
	return 0;
}

static int open_pty(struct console_fds *fds, struct err *e)
{
	char name[PATH_SIZE];
	struct termios mode;

	fds->out = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (fds->out < 0 || grantpt(fds->out) < 0 || unlockpt(fds->out) < 0 ||
	    ptsname_r(fds->out, name, sizeof(name)) != 0)
		return err_errno(e, -errno, "cannot make a pty");
	fds->in = fds->out;
	fds->keep = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fds->keep < 0)
		return err_errno(e, -errno, "cannot open '%s'", name);
	if (tcgetattr(fds->keep, &mode) == 0) {
		cfmakeraw(&mode);
		tcsetattr(fds->keep, TCSANOW, &mode);
	}
	fds->path = strdup(name);
	return fds->path ? 0 : err_nomem(e);
}

static int open_file(const char *path, struct console_fds *fds, struct err *e)
{
	fds->out = file_open_output(path, O_WRONLY | O_TRUNC | O_NONBLOCK, 0600, e);
	if (fds->out < 0)
		return fds->out;
	fds->path = strdup(path);
	return fds->path ? 0 : err_nomem(e);
}

/* A socket that nobody serves any more was left by a VMM that died. */
static bool is_stale_socket(const struct sockaddr_un *address)
{
	struct stat st;
	_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	return lstat(address->sun_path, &st) == 0 && S_ISSOCK(st.st_mode) && fd >= 0 &&
	       connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 &&
	       errno == ECONNREFUSED;
}

static int open_socket(const char *path, struct console_fds *fds, struct err *e)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (strlen(path) >= sizeof(address.sun_path))
		return err_set(e, -ENAMETOOLONG, "socket path '%s' has more than %zu characters",
			       path, sizeof(address.sun_path) - 1);
	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	if (fd < 0)
		return err_errno(e, -errno, "cannot make a socket");
	if (is_stale_socket(&address))
		unlink(path);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		err_errno(e, -errno, "cannot listen on '%s'", path);
		return errno == EADDRINUSE ? err_hint(e, "another process serves this socket, or "
							 "the file is in the way")
					   : e->code;
	}
	fds->path = strdup(path);
	if (!fds->path)
		return err_nomem(e);
	if (listen(fd, 1) < 0)
		return err_errno(e, -errno, "cannot listen on '%s'", path);
	fds->listener = steal_fd(&fd);
	return 0;
}

static int open_mode(const struct console_config *config, struct console_fds *fds, struct err *e)
{
	switch (config->mode) {
	case CONSOLE_TTY:
		return open_tty(fds, e);
	case CONSOLE_PTY:
		return open_pty(fds, e);
	case CONSOLE_FILE:
		return open_file(config->path, fds, e);
	case CONSOLE_SOCKET:
		return open_socket(config->path, fds, e);
	case CONSOLE_OFF:
	case CONSOLE_NULL:
		break;
	}
	return 0;
}

int console_fds_open(const struct console_config *config, const char *what, struct console_fds *fds,
		     struct err *e)
{
	*fds = (struct console_fds){ .in = -1, .out = -1, .listener = -1, .keep = -1 };
	int ret = open_mode(config, fds, e);

	if (ret < 0) {
		console_fds_close(fds, fds->path != NULL);
		return err_prefix(e, "%s", what);
	}
	return 0;
}

void console_fds_close(struct console_fds *fds, bool remove_socket)
{
	if (fds->is_tty)
		terminal_restore();
	if (fds->listener >= 0 && remove_socket)
		unlink(fds->path);
	if (fds->in >= 0 && fds->in != fds->out)
		close(fds->in);
	if (fds->out >= 0)
		close(fds->out);
	if (fds->listener >= 0)
		close(fds->listener);
	if (fds->keep >= 0)
		close(fds->keep);
	free(fds->path);
	*fds = (struct console_fds){ .in = -1, .out = -1, .listener = -1, .keep = -1 };
}
