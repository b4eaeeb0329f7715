/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Consoles whose other end does not read. */
#include "unit.h"

#include "console_backend.h"
#include "event_loop.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>
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

static void *run(void *loop)
{
	event_loop_run(loop, NULL);
	return NULL;
}

static int64_t cpu_ms(pthread_t thread)
{
	struct timespec t;
	clockid_t clock;

	assert_int_equal(pthread_getcpuclockid(thread, &clock), 0);
	assert_int_equal(clock_gettime(clock, &t), 0);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Half a second of the loop while nobody can take what was written: it sleeps. */
static void output_that_nobody_can_take(void **state)
{
	static const struct console_config config = { .mode = CONSOLE_TTY };
	const struct timespec half = { .tv_nsec = 500000000 };
	struct console_backend *backend = NULL;
	struct event_loop *loop = NULL;
	int ends[2], saved, ret;
	pthread_t thread;
	int64_t used;

	(void)state;
	signal(SIGPIPE, SIG_IGN); /* as the VMM does */
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	saved = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	fflush(stdout);
	dup2(ends[1], STDOUT_FILENO);
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(event_loop_create(&loop, NULL), 0);
	ret = console_backend_open(&config, "console", loop, &backend, NULL);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	assert_int_equal(ret, 0);
	assert_int_equal(pthread_create(&thread, NULL, run, loop), 0);
	console_backend_write(backend, "x", 1);
	nanosleep(&half, NULL);
	console_backend_write(backend, "y", 1);
	used = cpu_ms(thread);
	event_loop_stop(loop);
	pthread_join(thread, NULL);
	console_backend_close(backend);
	event_loop_destroy(loop);
	assert_true(used < 100);
}

struct reader {
	size_t room, got;
	struct event_loop *loop;
};

static size_t input(void *data, const uint8_t *buf _unused_, size_t len)
{
	struct reader *r = data;
	size_t n = len < r->room ? len : r->room;

	r->got += n;
	r->room -= n;
	event_loop_stop(r->loop);
	return n;
}

/* A machine that comes up after another gets what that one had no room for. */
static void input_that_waits_for_the_next(void **state)
{
	static const struct console_config config = { .mode = CONSOLE_TTY };
	struct reader first = { .room = 1 }, second = { .room = 99 };
	const struct console_user users[] = { { .input = input, .data = &first },
					      { .input = input, .data = &second } };
	struct console_backend *backend = NULL;
	struct event_loop *loop = NULL;
	int ends[2], saved, ret;

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	saved = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	assert_int_equal(event_loop_create(&loop, NULL), 0);
	ret = console_backend_open(&config, "serial", loop, &backend, NULL);
	assert_int_equal(ret, 0);
	first.loop = second.loop = loop;
	alarm(20);
	console_backend_attach(backend, &users[0]);
	assert_int_equal(write(ends[1], "abc", 3), 3);
	assert_int_equal(event_loop_run(loop, NULL), 0);
	assert_int_equal(first.got, 1);
	console_backend_attach(backend, NULL);
	console_backend_attach(backend, &users[1]);
	assert_int_equal(event_loop_run(loop, NULL), 0);
	alarm(0);
	assert_int_equal(second.got, 2);
	console_backend_close(backend);
	event_loop_destroy(loop);
	dup2(saved, STDIN_FILENO);
	close(saved);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_socket_on_standard_output_holds_nobody_up),
		cmocka_unit_test(output_that_nobody_can_take),
		cmocka_unit_test(input_that_waits_for_the_next),
	};

	return cmocka_run_group_tests_name("console backend", tests, NULL, NULL);
}
