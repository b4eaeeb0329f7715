/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The API's listening socket. */
#include "api/api_socket.h"

#include "base/strbuf.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

enum {
	API_BACKLOG = 128
};

/* Takes over a listening socket that the parent process made. */
static int adopt(int fd, struct api_socket *out, struct err *e)
{
	int domain = 0, type = 0, listens = 0;
	socklen_t len = sizeof(int);

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) < 0 || domain != AF_UNIX ||
	    type != SOCK_STREAM || !listens)
		return err_set(e, -EBADF, "--api-socket: fd=%d is not a listening UNIX socket", fd);
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		return err_errno(e, -errno, "--api-socket: fd=%d", fd);
	*out = (struct api_socket){ .fd = fd, .lock_fd = -1 };
	return 0;
}

/*
 * The lock lies beside the socket and outlives it: whoever holds it may replace the socket. It is
 * never removed, since a second VMM could hold the one without a name while a third makes another.
 */
static int take_lock(const char *path, struct err *e)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	_strbuf_ struct strbuf name = { 0 };
	_close_ int fd = -1;

	strbuf_printf(&name, "%s.lock", path);
	if (name.failed)
		return err_nomem(e);
	fd = open(name.text, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK,
		  0600);
	if (fd < 0)
		return err_errno(e, -errno, "--api-socket: could not open the lock '%s'",
				 name.text);
	if (fcntl(fd, F_OFD_SETLK, &whole) == 0)
		return steal_fd(&fd);
	if (errno != EAGAIN && errno != EACCES)
		return err_errno(e, -errno, "--api-socket: could not lock '%s'", name.text);
	return err_set(e, -EADDRINUSE,
		       "API socket %s is already in use by another running instance", path);
}

/* Removes what a dead VMM left at the address; under the lock. */
static int remove_stale(const struct sockaddr_un *addr, struct err *e)
{
	_close_ int probe = -1;
	struct stat st;

	if (lstat(addr->sun_path, &st) < 0)
		return errno == ENOENT ? 0
				       : err_errno(e, -errno, "--api-socket: '%s'", addr->sun_path);
	if (!S_ISSOCK(st.st_mode))
		return err_set(e, -EEXIST, "--api-socket: '%s' exists and is not a socket",
			       addr->sun_path);
	/* A server that knows nothing of our lock may still be there. */
	probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (probe >= 0 &&
	    (connect(probe, (const struct sockaddr *)addr, sizeof(*addr)) == 0 || errno == EAGAIN))
		return err_set(e, -EADDRINUSE,
			       "API socket %s is already in use by another running instance",
			       addr->sun_path);
	if (unlink(addr->sun_path) < 0)
		return err_errno(e, -errno, "--api-socket: could not remove the stale socket '%s'",
				 addr->sun_path);
	return 0;
}

int api_socket_open(const char *path, int fd, struct api_socket *out, struct err *e)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	_close_ int lock = -1, own = -1;
	_free_ char *copy = NULL;
	int r;

	if (!path)
		return adopt(fd, out, e);
	if (!*path || strlen(path) >= sizeof(addr.sun_path))
		return err_set(e, -ENAMETOOLONG,
			       "--api-socket: the path '%s' is not of 1 to %zu "
			       "bytes",
			       path, sizeof(addr.sun_path) - 1);
	memcpy(addr.sun_path, path, strlen(path));
	copy = strdup(path);
	if (!copy)
		return err_nomem(e);
	lock = take_lock(path, e);
	if (lock < 0)
		return lock;
	r = remove_stale(&addr, e);
	if (r < 0)
		return r;
	own = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (own < 0)
		return err_errno(e, -errno, "--api-socket: could not make a socket");
	/* The umask of 077 (sandbox/process.c) makes the mode: nobody else gets in, at no moment.
	 */
	if (bind(own, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return err_errno(e, -errno, "--api-socket: could not bind to '%s'", path);
	if (listen(own, API_BACKLOG) < 0) {
		err_errno(e, -errno, "--api-socket: could not listen on '%s'", path);
		unlink(path);
		return e->code;
	}
	*out = (struct api_socket){
		.fd = steal_fd(&own),
		.lock_fd = steal_fd(&lock),
		.path = steal_ptr(&copy),
	};
	return 0;
}

void api_socket_close(struct api_socket *socket, bool remove)
{
	if (remove && socket->path)
		unlink(socket->path);
	if (socket->fd >= 0)
		close(socket->fd);
	if (socket->lock_fd >= 0)
		close(socket->lock_fd);
	free(socket->path);
	*socket = (struct api_socket){ .fd = -1, .lock_fd = -1 };
}
