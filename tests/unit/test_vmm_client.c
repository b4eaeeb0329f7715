/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The VMM API client: reading answers, and what it makes of a peer that misbehaves. */
#include "unit.h"

#include "base/clock.h"
#include "vmm_api/client.h"

#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>

static void heads(void **state)
{
	static const struct {
		const char *text;
		int r, status;
		size_t body_len;
		bool until_eof;
	} rows[] = {
		{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 1, 200, 5, false },
		{ "HTTP/1.1 200 OK\r\ncontent-length:\t5 \r\n\r\n", 1, 200, 5, false },
		{ "HTTP/1.1 204 No Content\r\nServer: x\r\n\r\n", 1, 204, 0, false },
		{ "HTTP/1.0 500\r\n\r\nabc", 1, 500, 0, true },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", 0, 0, 0, false },
		{ "", 0, 0, 0, false },
		{ "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", -EPROTO, 0, 0, false },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\n", -EPROTO, 0, 0, false },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", -EPROTO, 0,
		  0, false },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\n", -EFBIG, 0, 0,
		  false },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", -EOPNOTSUPP, 0, 0,
		  false },
		{ "HTTP/1.1 2000 OK\r\n\r\n", -EPROTO, 0, 0, false },
		{ "HTTP/1.1 20\r\n\r\n", -EPROTO, 0, 0, false },
		{ "HTTP/2 200 OK\r\n\r\n", -EPROTO, 0, 0, false },
		{ "SSH-2.0-x\r\n\r\n", -EPROTO, 0, 0, false },
		{ "\r\n\r\n", -EPROTO, 0, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct http_head head = { 0 };

		assert_int_equal(http_head_parse(rows[i].text, strlen(rows[i].text), &head, NULL),
				 rows[i].r);
		assert_int_equal(head.status, rows[i].status);
		assert_int_equal(head.body_len, rows[i].body_len);
		assert_int_equal(head.until_eof, rows[i].until_eof);
	}
}

static void a_head_without_end_is_refused(void **state)
{
	static char text[HTTP_MAX_HEAD + 2];
	struct http_head head;

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_int_equal(http_head_parse(text, sizeof(text), &head, NULL), -EFBIG);
}

static const struct vmm_peer patient = { .timeout_ms = VMM_CLIENT_TIMEOUT_MS };

struct peer {
	char path[64];
	int listener;
	const char *answer, *more;
	unsigned step_us;
	char request[512];
	pthread_t thread;
};

static void *peer_run(void *data)
{
	struct peer *p = data;
	int fd = accept4(p->listener, NULL, NULL, SOCK_CLOEXEC);
	ssize_t n = recv(fd, p->request, sizeof(p->request) - 1, 0);

	p->request[n > 0 ? n : 0] = '\0';
	if (*p->answer)
		assert_true(send(fd, p->answer, strlen(p->answer), MSG_NOSIGNAL) > 0);
	/* Goes on until nobody listens. */
	while (p->more && send(fd, p->more, strlen(p->more), MSG_NOSIGNAL) > 0)
		usleep(p->step_us);
	close(fd);
	return NULL;
}

static int ask(const char *answer, const char *body, struct vmm_peer peer, struct peer *p,
	       struct vmm_reply *reply, struct err *e)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int r;

	p->answer = answer;
	snprintf(p->path, sizeof(p->path), "/tmp/vmm-client-%d.sock", getpid());
	strncpy(addr.sun_path, p->path, sizeof(addr.sun_path) - 1);
	p->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(p->listener, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(p->listener, 1), 0);
	assert_int_equal(pthread_create(&p->thread, NULL, peer_run, p), 0);
	peer.socket = p->path;
	r = vmm_client_request(&peer, VM_CREATE, body, reply, e);
	pthread_join(p->thread, NULL);
	close(p->listener);
	unlink(p->path);
	return r;
}

static void answers(void **state)
{
	static const struct {
		const char *answer;
		int r;
		const char *body, *text;
	} rows[] = {
		{ "HTTP/1.1 204 No Content\r\n\r\n", 0, NULL, NULL },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 0, "{}", NULL },
		{ "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 0,
		  "{}", NULL },
		{ "HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\n[\"a\",\"b\"]", -ENOENT, NULL,
		  "a: b" },
		{ "HTTP/1.1 500 Oops\r\n\r\n<html>", -EIO, NULL,
		  "the VMM refused with HTTP status 500" },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}", -EPROTO, NULL,
		  "the VMM closed the connection in the middle of its answer" },
		{ "", -EPROTO, NULL, "the VMM closed the connection without answer" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_vmm_reply_ struct vmm_reply reply = { 0 };
		struct err e = { 0 };
		struct peer p = { 0 };

		assert_int_equal(ask(rows[i].answer, "{\"a\":1}", patient, &p, &reply, &e),
				 rows[i].r);
		assert_non_null(strstr(p.request, "PUT /api/v1/vm.create HTTP/1.1\r\n"));
		assert_non_null(strstr(p.request, "Content-Length: 7\r\n"));
		assert_non_null(strstr(p.request, "\r\n\r\n{\"a\":1}"));
		if (rows[i].body)
			assert_string_equal(reply.body, rows[i].body);
		if (rows[i].text)
			assert_string_equal(e.text, rows[i].text);
	}
}

/* Of any kind: the time is up, or the answer is none. */
static void answers_without_end(void **state)
{
	static const struct {
		const char *answer, *more, *text;
		unsigned step_us;
		int r;
	} rows[] = {
		{ "HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", "x",
		  "the VMM did not answer within 1 s", 20000, -ETIMEDOUT },
		{ "HTTP/1.1 200 OK\r\n\r\n", "x", "the VMM did not answer within 1 s", 0,
		  -ETIMEDOUT },
		{ "", "HTTP/1.1 100 Continue\r\n\r\n", "the VMM keeps putting the answer off", 0,
		  -EPROTO },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_vmm_reply_ struct vmm_reply reply = { 0 };
		struct peer p = { .more = rows[i].more, .step_us = rows[i].step_us };
		struct err e = { 0 };
		uint64_t began = clock_ms();

		assert_int_equal(ask(rows[i].answer, NULL, (struct vmm_peer){ .timeout_ms = 300 },
				     &p, &reply, &e),
				 rows[i].r);
		assert_string_equal(e.text, rows[i].text);
		assert_true(clock_ms() - began < 5000);
	}
}

/* What a path leads to may be another's socket. */
static void served_by_another_process(void **state)
{
	_vmm_reply_ struct vmm_reply reply = { 0 };
	struct vmm_peer peer = patient;
	struct peer p = { 0 };
	struct err e = { 0 };

	(void)state;
	peer.pid = getppid();
	assert_int_equal(ask("", NULL, peer, &p, &reply, &e), -EPERM);
	assert_non_null(strstr(e.text, ".sock', not the VMM, which is PID "));
	/* Nothing was said to it. */
	assert_string_equal(p.request, "");
	peer.pid = getpid();
	assert_int_equal(ask("HTTP/1.1 204 No Content\r\n\r\n", NULL, peer, &p, &reply, &e), 0);
}

static void nobody_there(void **state)
{
	const struct vmm_peer peer = { .socket = "/nowhere/api.sock", .timeout_ms = 1000 };
	_vmm_reply_ struct vmm_reply reply = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(vmm_client_request(&peer, VMM_PING, NULL, &reply, &e), -ECONNREFUSED);
	assert_string_equal(e.text, "no VMM serves '/nowhere/api.sock'");
}

static void routes(void **state)
{
	(void)state;
	assert_int_equal(vmm_route_find("/api/v1/vmm.ping"), VMM_PING);
	assert_int_equal(vmm_route_find("/api/v1/vm.add-generic-vhost-user"),
			 VM_ADD_GENERIC_VHOST_USER);
	assert_int_equal(vmm_route_find("/api/v1/vmm.pin"), VMM_REQUESTS);
	assert_int_equal(vmm_route_find("/api/v1/"), VMM_REQUESTS);
	assert_int_equal(vmm_route_find("vmm.ping"), VMM_REQUESTS);
	for (size_t i = 0; i < VMM_REQUESTS; i++)
		assert_non_null(vmm_routes[i].name);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(heads),
		cmocka_unit_test(a_head_without_end_is_refused),
		cmocka_unit_test(answers),
		cmocka_unit_test(answers_without_end),
		cmocka_unit_test(served_by_another_process),
		cmocka_unit_test(nobody_there),
		cmocka_unit_test(routes),
	};

	return cmocka_run_group_tests_name("vmm_client", tests, NULL, NULL);
}
