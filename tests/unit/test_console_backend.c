/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Consoles whose other end does not read. */
#include "unit.h"

#include "console_backend.h"
#include "event_loop.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

/* As inetd and some secure shells start a program; O_NONBLOCK on it would be everybody's. */
static void a_full_socket_on_standard_output_holds_nobody_up(void **state)
{
	static const struct console_config config = { .mode = CONSOLE_TTY };
	static const char text[1 << 20] = "the guest says much";
	struct console_backend *backend = NULL;
	struct event_loop *loop = NULL;
	int pair[2], saved, flags;
	char got[8];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	saved = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	fflush(stdout);
	dup2(pair[0], STDOUT_FILENO);
	alarm(20);
	int ret = event_loop_create(&loop, NULL);

	if (ret == 0)
		ret = console_backend_open(&config, "console", loop, &backend, NULL);
	if (ret == 0)
		console_backend_write(backend, text, sizeof(text));
	flags = fcntl(STDOUT_FILENO, F_GETFL);
	console_backend_close(backend);
	alarm(0);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	assert_int_equal(ret, 0);
	assert_int_equal(flags & O_NONBLOCK, 0);
	assert_int_equal(read(pair[1], got, sizeof(got)), sizeof(got));
	assert_memory_equal(got, text, sizeof(got));
	event_loop_destroy(loop);
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_socket_on_standard_output_holds_nobody_up),
	};

	return cmocka_run_group_tests_name("console backend", tests, NULL, NULL);
}
