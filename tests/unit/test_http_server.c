/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The HTTP server against clients that send half, too much or nonsense. */
#include "unit.h"

#include "api/api_socket.h"
#include "api/http_server.h"
#include "vmm_api/client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

/* No request here gets further than this: one that takes longer than a client may be silent. */
static int fail_slowly(const struct vm_config *config _unused_,
		       const struct machine_setup *setup _unused_, struct machine **out _unused_,
		       struct err *e)
{
	const struct timespec two = { .tv_sec = 2 };

	nanosleep(&two, NULL);
	return err_set(e, -EIO, "no machine here");
}

static const struct machine_ops no_machine = { .create = fail_slowly };

struct world {
	char path[64];
	struct api_socket api;
	struct event_loop *loop;
	struct vmm vmm;
	struct http_server *http;
	pthread_t thread;
	bool ended; /* the thread is joined */
};

static void *serve(void *data)
{
	struct world *w = data;

	event_loop_run(w->loop, NULL);
	return NULL;
}

static int set_up(void **state)
{
	static struct world w; /* one at a time */

	snprintf(w.path, sizeof(w.path), "/tmp/http-server-%d.sock", getpid());
	assert_int_equal(api_socket_open(w.path, -1, &w.api, NULL), 0);
	assert_int_equal(event_loop_create(&w.loop, NULL), 0);
	vmm_init(&w.vmm, &(struct vmm_setup){ .loop = w.loop, .ops = &no_machine });
	assert_int_equal(http_server_create(&w.vmm, w.api.fd, 1, &w.http, NULL), 0);
	assert_int_equal(pthread_create(&w.thread, NULL, serve, &w), 0);
	w.ended = false;
	*state = &w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;
	char lock[80];

	event_loop_stop(w->loop);
	if (!w->ended)
		pthread_join(w->thread, NULL);
	http_server_destroy(w->http);
	vmm_fini(&w->vmm);
	event_loop_destroy(w->loop);
	api_socket_close(&w->api, true);
	snprintf(lock, sizeof(lock), "%s.lock", w->path);
	unlink(lock);
	return 0;
}

static int dial(const struct world *w)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strncpy(addr.sun_path, w->path, sizeof(addr.sun_path) - 1);
	assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	return fd;
}

/* Sends all of it and reads what comes until the server closes or is silent for four seconds. */
static void talk(const struct world *w, const char *text, char *answer, size_t size)
{
	int fd = dial(w);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	size_t len = 0;
	ssize_t n;

	send(fd, text, strlen(text), MSG_NOSIGNAL);
	while (len < size - 1 && poll(&p, 1, 4000) == 1 &&
	       (n = recv(fd, answer + len, size - 1 - len, 0)) > 0)
		len += (size_t)n;
	answer[len] = '\0';
	close(fd);
}

static bool alive(const struct world *w)
{
	_vmm_reply_ struct vmm_reply reply = { 0 };

	return vmm_client_request(
		       &(struct vmm_peer){ .socket = w->path, .timeout_ms = VMM_CLIENT_TIMEOUT_MS },
		       VMM_PING, NULL, &reply, NULL) == 0 &&
	       reply.status == 200;
}

static void nonsense(void **state)
{
#define CLOSE "Connection: close\r\n\r\n"
	static const struct {
		const char *text, *answer; /* begins with; "" for none */
	} rows[] = {
		{ "GARBAGE\r\n\r\n", "HTTP/1.1 400 " },
		{ "\r\n\r\n\r\n", "" },
		{ "GET\r\n\r\n", "HTTP/1.1 400 " },
		{ "GET /api/v1/vmm.ping HTTP/1.1\r\nHost: x\r\n" CLOSE, "HTTP/1.1 200 " },
		{ "GET http://localhost/api/v1/vmm.ping HTTP/1.1\r\n" CLOSE, "HTTP/1.1 200 " },
		{ "GET /api/v1/vmm.ping?x=1 HTTP/1.1\r\n" CLOSE, "HTTP/1.1 200 " },
		{ "GET /api/v1/vmm%2eping HTTP/1.1\r\n" CLOSE, "HTTP/1.1 404 " },
		{ "GET /../../etc/passwd HTTP/1.1\r\n" CLOSE, "HTTP/1.1 404 " },
		{ "POST /api/v1/vmm.shutdown HTTP/1.1\r\nContent-Length: 0\r\n" CLOSE,
		  "HTTP/1.1 400 " },
		{ "OPTIONS * HTTP/1.1\r\n" CLOSE, "HTTP/1.1 4" },
		{ "PUT /api/v1/vm.create HTTP/1.1\r\nContent-Length: -1\r\n" CLOSE,
		  "HTTP/1.1 400 " },
		{ "PUT /api/v1/vm.create HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n" CLOSE,
		  "HTTP/1.1 4" },
		{ "PUT /api/v1/vm.create HTTP/1.1\r\nContent-Length: 4194305\r\n" CLOSE,
		  "HTTP/1.1 413 " },
		{ "PUT /api/v1/vm.create HTTP/1.1\r\nContent-Length: 2\r\n" CLOSE "{}",
		  "HTTP/1.1 400 " },
		{ "PUT /api/v1/vm.create HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" CLOSE
		  "2\r\n{}\r\n0\r\n\r\n",
		  "HTTP/1.1 400 " },
		{ "PUT /api/v1/vm.create HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" CLOSE
		  "zz\r\n{}\r\n0\r\n\r\n",
		  "HTTP/1.1 4" },
		{ "PUT /api/v1/vm.create HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" CLOSE
		  "ffffffffffffffff\r\n{}\r\n",
		  "HTTP/1.1 4" },
	};
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char answer[4096];

		talk(w, rows[i].text, answer, sizeof(answer));
		if (strncmp(answer, rows[i].answer, strlen(rows[i].answer)) != 0)
			fail_msg("row %zu: '%s'", i, answer);
		assert_true(alive(w));
	}
}

/* What is well-formed is answered by us, whatever the method. */
static void methods(void **state)
{
	static const char *const names[] = { "FOO", "DELETE", "TRACE", "PROPFIND" };
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char text[128], answer[4096];

		snprintf(text, sizeof(text), "%s /api/v1/vmm.ping HTTP/1.1\r\n" CLOSE, names[i]);
		talk(w, text, answer, sizeof(answer));
		if (strncmp(answer, "HTTP/1.1 400 ", 13) != 0)
			fail_msg("%s: '%s'", names[i], answer);
		assert_non_null(strstr(answer, "\r\nServer: Cloud Hypervisor API\r\n"));
		assert_non_null(strstr(answer, "\r\n\r\n[\"wrong method\",\"vmm.ping takes GET"));
	}
}

static void an_answer_that_takes_long(void **state)
{
	static const char create[] =
		"PUT /api/v1/vm.create HTTP/1.1\r\nContent-Length: 30\r\n" CLOSE
		"{\"payload\":{\"kernel\":\"/none\"}}";
	struct world *w = *state;
	char answer[4096];

	talk(w, create, answer, sizeof(answer));
	assert_memory_equal(answer, "HTTP/1.1 204 ", 13);
	talk(w, "PUT /api/v1/vm.boot HTTP/1.1\r\n" CLOSE, answer, sizeof(answer));
	if (!strstr(answer, "no machine here"))
		fail_msg("'%s'", answer);
	assert_true(alive(w));
}

static void a_head_without_end(void **state)
{
	struct world *w = *state;
	char text[65536] = "GET /api/v1/vmm.ping HTTP/1.1\r\nX: ", answer[4096];

	memset(text + strlen(text), 'a', sizeof(text) - strlen(text) - 1);
	text[sizeof(text) - 1] = '\0';
	talk(w, text, answer, sizeof(answer));
	assert_true(*answer == '\0' || strncmp(answer, "HTTP/1.1 4", 10) == 0);
	assert_true(alive(w));
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A hundred clients that stop half-way do not keep another from its answer, and are dropped. */
static void half_open_clients(void **state)
{
	static const char half[] = "PUT /api/v1/vm.create HTTP/1.1\r\nContent-Length: 100\r\n\r\n{";
	struct world *w = *state;
	int fds[100];
	int64_t start;
	char c;

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = dial(w);
		assert_int_equal(send(fds[i], half, i % (sizeof(half) - 1), MSG_NOSIGNAL),
				 i % (sizeof(half) - 1));
	}
	start = now_ms();
	assert_true(alive(w));
	assert_true(now_ms() - start < 500);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		struct pollfd p = { .fd = fds[i], .events = POLLIN };

		assert_int_equal(poll(&p, 1, 3000), 1);
		while (recv(fds[i], &c, 1, 0) > 0)
			;
		close(fds[i]);
	}
	assert_true(now_ms() - start < 3000);
	assert_true(alive(w));
}

static void *many_pings(void *data)
{
	for (int i = 0; i < 200; i++)
		if (!alive(data))
			return data;
	return NULL;
}

static void concurrent_clients(void **state)
{
	struct world *w = *state;
	pthread_t threads[8];

	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, many_pings, w), 0);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
		void *bad = w;

		pthread_join(threads[i], &bad);
		assert_null(bad);
	}
}

/* Two requests in one go, on one connection: two answers, in order. */
static void kept_alive(void **state)
{
	struct world *w = *state;
	char answer[4096], *second;

	talk(w,
	     "GET /api/v1/vmm.ping HTTP/1.1\r\n\r\n"
	     "GET /api/v1/vm.info HTTP/1.1\r\nConnection: close\r\n\r\n",
	     answer, sizeof(answer));
	assert_memory_equal(answer, "HTTP/1.1 200 ", 13);
	second = strstr(answer + 1, "HTTP/1.1 ");
	assert_non_null(second);
	assert_memory_equal(second, "HTTP/1.1 404 ", 13);
}

static void shutdown_answers_first(void **state)
{
	_vmm_reply_ struct vmm_reply reply = { 0 };
	struct world *w = *state;
	struct timespec limit;

	assert_int_equal(
		vmm_client_request(&(struct vmm_peer){ .socket = w->path,
						       .timeout_ms = VMM_CLIENT_TIMEOUT_MS },
				   VMM_SHUTDOWN, NULL, &reply, NULL),
		0);
	assert_int_equal(reply.status, 204);
	clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_sec += 30;
	assert_int_equal(pthread_timedjoin_np(w->thread, NULL, &limit), 0);
	w->ended = true;
	assert_true(w->vmm.stopping);
}

static void sockets(void **state)
{
	struct world *w = *state;
	struct api_socket second = { .fd = -1, .lock_fd = -1 };
	struct err e = { 0 };
	char path[80], lock[96], want[160];
	int fd;

	assert_int_equal(api_socket_open(w->path, -1, &second, &e), -EADDRINUSE);
	snprintf(want, sizeof(want), "API socket %s is already in use by another running instance",
		 w->path);
	assert_string_equal(e.text, want);
	/* One that was left behind is replaced, anything else is not. */
	snprintf(path, sizeof(path), "%s.2", w->path);
	snprintf(lock, sizeof(lock), "%s.lock", path);
	assert_int_equal(api_socket_open(path, -1, &second, &e), 0);
	api_socket_close(&second, false);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(api_socket_open(path, -1, &second, &e), 0);
	fd = dup(second.fd);
	api_socket_close(&second, true);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(api_socket_open(NULL, fd, &second, &e), 0);
	api_socket_close(&second, true);
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_int_equal(api_socket_open(NULL, fd, &second, &e), -EBADF);
	close(fd);
	assert_int_equal(api_socket_open(path, -1, &second, &e), -EEXIST);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(unlink(lock), 0);
	assert_int_equal(symlink("/tmp/elsewhere", lock), 0);
	assert_int_equal(api_socket_open(path, -1, &second, &e), -ELOOP);
	assert_int_equal(unlink(lock), 0);
	assert_int_equal(api_socket_open("", -1, &second, &e), -ENAMETOOLONG);
}

int main(void)
{
#define SERVED(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		SERVED(nonsense),
		SERVED(a_head_without_end),
		SERVED(an_answer_that_takes_long),
		SERVED(half_open_clients),
		SERVED(concurrent_clients),
		SERVED(kept_alive),
		SERVED(shutdown_answers_first),
		SERVED(sockets),
		SERVED(methods),
	};

	return cmocka_run_group_tests_name("http_server", tests, NULL, NULL);
}
