/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The descriptors behind a console; used by console_backend.c only. */
#pragma once

#include "base/err.h"
#include "config/vm_config.h"

struct console_fds {
	int in, out; /* non-blocking where that can be; -1: none; may be the same */
	int listener;
	int keep;           /* a pty's other side, so that it never hangs up */
	bool is_tty;        /* raw until it is closed */
	bool shared_socket; /* `out` blocks or not as others want it */
	char *path;         /* owned */
};

int console_fds_open(const struct console_config *config, const char *what, struct console_fds *fds,
		     struct err *e);
void console_fds_close(struct console_fds *fds, bool remove_socket);
