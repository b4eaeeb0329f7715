/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a console's bytes go and come from: nowhere, a pty, the terminal, a file, a socket. */
#pragma once

#include "base/err.h"
#include "config/vm_config.h"
#include "event_loop.h"

#include <stddef.h>
#include <stdint.h>

struct console_backend;

/* The device behind the backend; its functions are called on the main thread. */
struct console_user {
	/* Takes up to `len` bytes of input, returns how many; after fewer than `len` the backend
	 * keeps the rest and is silent until console_backend_resume(). */
	size_t (*input)(void *data, const uint8_t *buf, size_t len);
	/* The terminal's size changed; optional. */
	void (*resized)(void *data);
	void *data;
};

/*
 * Opens what `config` asks for; modes off and null give a backend that swallows output. `what`
 * ("console", "serial") stands in messages and is borrowed.
 */
int console_backend_open(const struct console_config *config, const char *what,
			 struct event_loop *loop, struct console_backend **out, struct err *e);

/* Restores the terminal, removes the socket; NULL is fine. */
void console_backend_close(struct console_backend *backend);

/* Main thread; `user` is borrowed until it is replaced (NULL: nobody). */
void console_backend_attach(struct console_backend *backend, const struct console_user *user);

/* There is room for input again. Any thread. */
void console_backend_resume(struct console_backend *backend);

/*
 * Any thread; never blocks: what the other side does not take is kept up to a bound, then the
 * oldest is dropped.
 */
void console_backend_write(struct console_backend *backend, const void *buf, size_t len);

/* False where the backend has no size. */
bool console_backend_size(struct console_backend *backend, uint16_t *columns, uint16_t *rows);

/* Main thread, on SIGWINCH: tells the user when this backend is the terminal. */
void console_backend_winch(struct console_backend *backend);

/* Path of the pty, file or socket; NULL where there is none. Borrowed. */
const char *console_backend_path(const struct console_backend *backend);
