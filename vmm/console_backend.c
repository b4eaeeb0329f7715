/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a console's bytes go and come from: nowhere, a pty, the terminal, a file, a socket. */
#include "console_backend.h"

#include "base/cleanup.h"
#include "console_backend_open.h"
#include "log.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

enum {
	BACKLOG_SIZE = 64 << 10, /* output that the other side did not take yet */
	INPUT_SIZE = 512,
};

struct console_backend {
	enum console_mode mode;
	const char *what; /* borrowed */
	struct event_loop *loop;
	struct console_fds fds;
	struct loop_source *reader, *writer, *acceptor;
	const struct console_user *user;
	uint8_t input[INPUT_SIZE]; /* read but not taken by the user yet */
	size_t input_at, input_len;
	pthread_mutex_t lock; /* fds.out, and the backlog: a ring */
	uint8_t *backlog;     /* owned; made when first needed */
	size_t start, len;
	bool writer_wanted;
	bool broken; /* whom output went to is gone */
};

/* Writes what goes without waiting; the caller holds the lock. */
static size_t try_write(struct console_backend *b, const uint8_t *buf, size_t len)
{
	size_t done = 0;

	while (done < len && b->fds.out >= 0 && !b->broken) {
		ssize_t n = b->fds.shared_socket ? send(b->fds.out, buf + done, len - done,
							MSG_DONTWAIT | MSG_NOSIGNAL)
						 : write(b->fds.out, buf + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			b->broken =
				n < 0 && (errno == EPIPE || errno == ECONNRESET || errno == EIO);
			break;
		}
		done += (size_t)n;
	}
	return done;
}

/* Keeps bytes for later, the oldest giving way. */
static void keep(struct console_backend *b, const uint8_t *buf, size_t len)
{
	if (!b->backlog)
		b->backlog = malloc(BACKLOG_SIZE);
	if (!b->backlog)
		return;
	for (size_t i = 0; i < len; i++) {
		b->backlog[(b->start + b->len) % BACKLOG_SIZE] = buf[i];
		if (b->len < BACKLOG_SIZE)
			b->len++;
		else
			b->start = (b->start + 1) % BACKLOG_SIZE;
	}
}

/* Writes from the backlog; true when it is empty. */
static bool drain(struct console_backend *b)
{
	while (b->len) {
		size_t piece = BACKLOG_SIZE - b->start < b->len ? BACKLOG_SIZE - b->start : b->len;
		size_t done = try_write(b, b->backlog + b->start, piece);

		b->start = (b->start + done) % BACKLOG_SIZE;
		b->len -= done;
		if (done < piece)
			return false;
	}
	return true;
}

static void drop_sources(struct console_backend *b)
{
	loop_remove(b->reader);
	loop_remove(b->writer);
	b->reader = b->writer = NULL;
}

/* The client of a socket is gone: the next one gets what it did not take. */
static void drop_client(struct console_backend *b)
{
	drop_sources(b);
	pthread_mutex_lock(&b->lock);
	close(b->fds.out);
	b->fds.out = b->fds.in = -1;
	b->writer_wanted = b->broken = false;
	pthread_mutex_unlock(&b->lock);
}

static void on_writable(void *data)
{
	struct console_backend *b = data;

	pthread_mutex_lock(&b->lock);
	bool empty = drain(b), broken = b->broken;

	b->writer_wanted = !empty && !broken && b->fds.out >= 0;
	if (!b->writer_wanted && b->writer)
		loop_set_enabled(b->writer, false);
	pthread_mutex_unlock(&b->lock);
	if (broken && b->mode == CONSOLE_SOCKET)
		drop_client(b);
}

static void start_writer(void *data)
{
	struct console_backend *b = data;

	if (b->writer)
		loop_set_enabled(b->writer, true);
}

void console_backend_write(struct console_backend *b, const void *buf, size_t len)
{
	const uint8_t *at = buf;

	if (b->mode == CONSOLE_OFF || b->mode == CONSOLE_NULL)
		return;
	pthread_mutex_lock(&b->lock);
	size_t done = b->len ? 0 : try_write(b, at, len);

	/* A full disk or a broken file swallows, and so does a pipe that nobody reads: none will
	 * ever take it from the backlog. */
	if (done < len && b->mode != CONSOLE_FILE && (!b->broken || b->mode == CONSOLE_SOCKET)) {
		keep(b, at + done, len - done);
		if (!b->writer_wanted && b->fds.out >= 0)
			b->writer_wanted = loop_defer(b->loop, start_writer, b) == 0;
	}
	pthread_mutex_unlock(&b->lock);
}

/* Offers what was read; false when the user has no room. */
static bool offer(struct console_backend *b)
{
	while (b->input_len) {
		size_t taken = b->user ? b->user->input(b->user->data, b->input + b->input_at,
							b->input_len)
				       : b->input_len;

		b->input_at += taken;
		b->input_len -= taken;
		if (taken == 0)
			return false;
	}
	b->input_at = 0;
	return true;
}

/* The other side is gone: a socket waits for the next, all others are silent from now on. */
static void input_ended(struct console_backend *b)
{
	if (b->mode == CONSOLE_SOCKET) {
		drop_client(b);
		return;
	}
	loop_remove(b->reader);
	b->reader = NULL;
}

static void on_readable(void *data)
{
	struct console_backend *b = data;

	if (!b->input_len) {
		ssize_t n = read(b->fds.in, b->input, sizeof(b->input));

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			input_ended(b);
			return;
		}
		b->input_len = (size_t)n;
	}
	if (!offer(b))
		loop_set_enabled(b->reader, false);
}

static void resume_now(void *data)
{
	struct console_backend *b = data;

	if (offer(b) && b->reader)
		loop_set_enabled(b->reader, true);
}

void console_backend_resume(struct console_backend *b)
{
	loop_defer(b->loop, resume_now, b);
}

static int watch(struct console_backend *b, struct err *e)
{
	struct err unused = { 0 };
	int ret = 0;

	/* Regular files cannot be watched and are not: they never make one wait. */
	if (b->fds.in >= 0 &&
	    loop_add_reader(b->loop, b->fds.in, on_readable, b, &b->reader, &unused) < 0)
		log_info("%s: no input: %s", b->what, unused.text);
	if (b->fds.out >= 0 && b->mode != CONSOLE_FILE)
		ret = loop_add_writer(b->loop, b->fds.out, on_writable, b, &b->writer, e);
	return ret;
}

/* The newest client gets the console, so that a dead one can be replaced. */
static void on_connect(void *data)
{
	struct console_backend *b = data;
	struct err e = { 0 };
	int fd = accept4(b->fds.listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	if (b->fds.in >= 0)
		input_ended(b);
	pthread_mutex_lock(&b->lock);
	b->fds.in = b->fds.out = fd;
	pthread_mutex_unlock(&b->lock);
	if (watch(b, &e) < 0)
		log_warn("%s: %s", b->what, e.text);
	on_writable(b);
	if (b->len && b->writer)
		loop_set_enabled(b->writer, true);
	if (b->user && b->user->resized)
		b->user->resized(b->user->data);
}

DEFINE_CLEANUP(struct console_backend, backend, console_backend_close)

int console_backend_open(const struct console_config *config, const char *what,
			 struct event_loop *loop, struct console_backend **out, struct err *e)
{
	_cleanup_(cleanup_backend) struct console_backend *b = calloc(1, sizeof(*b));

	if (!b)
		return err_nomem(e);
	b->mode = config->mode;
	b->what = what;
	b->loop = loop;
	pthread_mutex_init(&b->lock, NULL);
	int ret = console_fds_open(config, what, &b->fds, e);

	if (ret == 0)
		ret = watch(b, e);
	if (ret == 0 && b->fds.listener >= 0)
		ret = loop_add_reader(loop, b->fds.listener, on_connect, b, &b->acceptor, e);
	if (ret < 0)
		return ret;
	if (b->mode == CONSOLE_PTY)
		log_info("%s: %s", what, b->fds.path);
	*out = steal_ptr(&b);
	return 0;
}

void console_backend_close(struct console_backend *b)
{
	if (!b)
		return;
	loop_cancel(b->loop, b);
	drop_sources(b);
	loop_remove(b->acceptor);
	/* What is left goes out as far as it goes: the last words of a guest matter. */
	drain(b);
	console_fds_close(&b->fds, true);
	free(b->backlog);
	pthread_mutex_destroy(&b->lock);
	free(b);
}

void console_backend_attach(struct console_backend *b, const struct console_user *user)
{
	b->user = user;
	/* What was typed to the one before, and had no room, is this one's. */
	if (user)
		console_backend_resume(b);
}

bool console_backend_size(struct console_backend *b, uint16_t *columns, uint16_t *rows)
{
	struct winsize size;

	if (!b->fds.is_tty || ioctl(STDIN_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_col)
		return false;
	*columns = size.ws_col;
	*rows = size.ws_row;
	return true;
}

void console_backend_winch(struct console_backend *b)
{
	if (b->fds.is_tty && b->user && b->user->resized)
		b->user->resized(b->user->data);
}

const char *console_backend_path(const struct console_backend *b)
{
	return b->fds.path;
}
