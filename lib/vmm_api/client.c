/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A blocking client of the VMM API. libevent's client resolves host names and connects by itself,
 * so it can not be given a UNIX socket before 2.2; curl would bring TLS along.
 */
#include "vmm_api/client.h"

#include "base/clock.h"
#include "base/strbuf.h"

#include <errno.h>
#include <json-c/json.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

enum {
	MAX_INTERIM = 16, /* answers of 1xx before the one that counts */
};

/* A request under way. */
struct exchange {
	int fd;
	unsigned timeout_ms;
	uint64_t end; /* of the time for it, as clock_ms counts */
};

void vmm_reply_clear(struct vmm_reply *reply)
{
	free(reply->body);
	*reply = (struct vmm_reply){ 0 };
}

static int api_connect(const char *path, struct err *e)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	_close_ int fd = -1;
	int r;

	if (strlen(path) >= sizeof(addr.sun_path))
		return err_set(
			e, -ENAMETOOLONG,
			"socket path '%s' is longer than the %zu bytes that the kernel takes", path,
			sizeof(addr.sun_path) - 1);
	memcpy(addr.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_errno(e, -errno, "could not make a socket");
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0)
		return steal_fd(&fd);
	r = -errno;
	if (r == -ECONNREFUSED || r == -ENOENT) {
		err_set(e, -ECONNREFUSED, "no VMM serves '%s'", path);
		return err_hint(e, "the VM is not running, or was started without --api-socket");
	}
	return err_errno(e, r, "could not connect to '%s'", path);
}

int vmm_client_check_peer(int fd, pid_t pid, const char *path, struct err *e)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return err_errno(e, -errno, "cannot tell who serves '%s'", path);
	if (peer.pid != pid)
		return err_set(e, -EPERM, "PID %d serves '%s', not the VMM, which is PID %d",
			       peer.pid, path, pid);
	return 0;
}

static int wait_for(const struct exchange *x, short events, struct err *e)
{
	struct pollfd p = { .fd = x->fd, .events = events };
	uint64_t now;
	int n = 0;

	do {
		now = clock_ms();
		if (now < x->end)
			n = poll(&p, 1, (int)(x->end - now));
	} while (now < x->end && n < 0 && errno == EINTR);
	if (n < 0 && now < x->end)
		return err_errno(e, -errno, "could not wait for the VMM");
	if (n <= 0)
		return err_set(e, -ETIMEDOUT, "the VMM did not answer within %u s",
			       (x->timeout_ms + 999) / 1000);
	return 0;
}

static int send_all(const struct exchange *x, const char *data, size_t len, struct err *e)
{
	while (len) {
		ssize_t n = send(x->fd, data, len, MSG_NOSIGNAL);
		int r;

		if (n >= 0) {
			data += n;
			len -= (size_t)n;
			continue;
		}
		/* It may have answered (too large, say) before it took all: read that. */
		if (errno == EPIPE || errno == ECONNRESET)
			return 0;
		if (errno != EAGAIN && errno != EINTR)
			return err_errno(e, -errno, "could not send the request");
		r = wait_for(x, POLLOUT, e);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Reads what is there into `sb`; 1: something came, 0: end of the connection. */
static int receive_some(const struct exchange *x, struct strbuf *sb, struct err *e)
{
	char buf[16384];

	for (;;) {
		/* First, for a peer that always has something to say gets no more time either. */
		int r = wait_for(x, POLLIN, e);
		ssize_t n = r < 0 ? 0 : recv(x->fd, buf, sizeof(buf), 0);

		if (r < 0)
			return r;
		if (n > 0) {
			strbuf_append(sb, buf, (size_t)n);
			return sb->failed ? err_nomem(e) : 1;
		}
		if (n == 0 || errno == ECONNRESET)
			return 0;
		if (errno != EAGAIN && errno != EINTR)
			return err_errno(e, -errno, "could not read the answer");
	}
}

static int receive_reply(const struct exchange *x, struct vmm_reply *reply, struct err *e)
{
	_strbuf_ struct strbuf sb = { 0 };
	struct http_head head = { 0 };
	int r, whole = 0, interim = 0;

	for (;;) {
		if (!whole)
			whole = http_head_parse(strbuf_text(&sb), sb.len, &head, e);
		if (whole < 0)
			return whole;
		if (whole && sb.text && head.status >= 100 &&
		    head.status < 200) { /* 100 Continue */
			if (++interim > MAX_INTERIM)
				return err_set(e, -EPROTO, "the VMM keeps putting the answer off");
			sb.len -= head.head_len;
			memmove(sb.text, sb.text + head.head_len, sb.len + 1);
			whole = 0;
			continue;
		}
		if (whole && !head.until_eof && sb.len - head.head_len >= head.body_len)
			break;
		if (sb.len > HTTP_MAX_HEAD + (size_t)HTTP_MAX_REPLY_BODY)
			return err_set(e, -EFBIG, "the answer is too long");
		r = receive_some(x, &sb, e);
		if (r < 0)
			return r;
		if (r == 0 && whole && head.until_eof) {
			head.body_len = sb.len - head.head_len;
			break;
		}
		if (r == 0)
			return err_set(e, -EPROTO, "the VMM closed the connection %s",
				       sb.len ? "in the middle of its answer" : "without answer");
	}
	reply->status = head.status;
	if (!head.body_len || !sb.text)
		return 0;
	reply->body = strndup(sb.text + head.head_len, head.body_len);
	if (!reply->body)
		return err_nomem(e);
	return 0;
}

static int status_code(int status)
{
	static const struct {
		int status, code;
	} codes[] = {
		{ 400, -EINVAL }, { 404, -ENOENT },     { 409, -EEXIST },
		{ 413, -EFBIG },  { 501, -EOPNOTSUPP },
	};

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		if (codes[i].status == status)
			return codes[i].code;
	return -EIO;
}

/* The causes of a refusal, a JSON array of strings, as one line. */
static int refusal(const struct vmm_reply *reply, struct err *e)
{
	struct json_object *causes = reply->body ? json_tokener_parse(reply->body) : NULL;
	_strbuf_ struct strbuf sb = { 0 };
	int code = status_code(reply->status);

	if (json_object_is_type(causes, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(causes); i++) {
			struct json_object *cause = json_object_array_get_idx(causes, i);

			if (json_object_is_type(cause, json_type_string))
				strbuf_printf(&sb, "%s%s", sb.len ? ": " : "",
					      json_object_get_string(cause));
		}
	}
	json_object_put(causes);
	if (sb.len)
		return err_set(e, code, "%s", strbuf_text(&sb));
	return err_set(e, code, "the VMM refused with HTTP status %d", reply->status);
}

int vmm_client_request(const struct vmm_peer *peer, enum vmm_request request, const char *body,
		       struct vmm_reply *reply, struct err *e)
{
	const struct vmm_route *route = &vmm_routes[request];
	_strbuf_ struct strbuf sb = { 0 };
	_close_ int fd = api_connect(peer->socket, e);
	const struct exchange x = {
		.fd = fd,
		.timeout_ms = peer->timeout_ms,
		.end = clock_ms() + peer->timeout_ms,
	};
	int r;

	*reply = (struct vmm_reply){ 0 };
	if (fd < 0)
		return fd;
	r = peer->pid ? vmm_client_check_peer(fd, peer->pid, peer->socket, e) : 0;
	if (r < 0)
		return r;
	strbuf_printf(&sb,
		      "%s " VMM_API_PREFIX
		      "%s HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nConnection: close\r\n",
		      route->method, route->name);
	if (body)
		strbuf_printf(&sb, "Content-Type: application/json\r\nContent-Length: %zu\r\n",
			      strlen(body));
	strbuf_printf(&sb, "\r\n%s", body ? body : "");
	if (sb.failed)
		return err_nomem(e);
	r = send_all(&x, sb.text, sb.len, e);
	if (r == 0)
		r = receive_reply(&x, reply, e);
	if (r < 0)
		return r;
	return reply->status >= 200 && reply->status < 300 ? 0 : refusal(reply, e);
}
