/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Serves the API by libevent's HTTP server. */
#include "api/http_server.h"

#include "api/requests.h"
#include "config/config_json.h"
#include "log.h"
#include "vmm_api/routes.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

enum {
	MAX_HEADERS = 16 << 10, /* bytes */
	ACCEPT_RETRY_US = 100000,
};

struct http_server {
	struct vmm *vmm; /* borrowed */
	struct evhttp *http;
};

DEFINE_CLEANUP(struct http_server, server, http_server_destroy)

static const char *method_name(enum evhttp_cmd_type type)
{
	switch (type) {
	case EVHTTP_REQ_GET:
		return "GET";
	case EVHTTP_REQ_PUT:
		return "PUT";
	case EVHTTP_REQ_POST:
		return "POST";
	case EVHTTP_REQ_HEAD:
		return "HEAD";
	case EVHTTP_REQ_DELETE:
		return "DELETE";
	case EVHTTP_REQ_PATCH:
		return "PATCH";
	case EVHTTP_REQ_OPTIONS:
	case EVHTTP_REQ_TRACE:
	case EVHTTP_REQ_CONNECT:
		break;
	}
	return "this method";
}

static void send_answer(struct evhttp_request *req, const struct api_answer *answer)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(req);
	struct evbuffer *buffer = NULL;

	evhttp_add_header(headers, "Server", "Cloud Hypervisor API");
	if (answer->body) {
		const char *text = config_json_text(
			answer->body, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);

		evhttp_add_header(headers, "Content-Type", "application/json");
		buffer = evbuffer_new();
		if (!buffer || !text || evbuffer_add(buffer, text, strlen(text)) < 0) {
			if (buffer)
				evbuffer_free(buffer);
			evhttp_send_error(req, HTTP_INTERNAL, NULL);
			return;
		}
	}
	evhttp_send_reply(req, answer->status, NULL, buffer);
	if (buffer)
		evbuffer_free(buffer);
}

static void stop_vmm(struct http_server *server)
{
	vmm_stop(server->vmm, EXIT_SUCCESS);
}

static void on_answered(struct evhttp_request *req _unused_, void *data)
{
	stop_vmm(data);
}

static void on_closed(struct evhttp_connection *conn _unused_, void *data)
{
	stop_vmm(data);
}

static void on_request(struct evhttp_request *req, void *data)
{
	struct http_server *server = data;
	struct evbuffer *input = evhttp_request_get_input_buffer(req);
	const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(req));
	const char *method = method_name(evhttp_request_get_command(req));
	size_t len = evbuffer_get_length(input);
	const char *body = len ? (const char *)evbuffer_pullup(input, -1) : "";
	_api_answer_ struct api_answer answer = { 0 };

	if (!path || !body) {
		evhttp_send_error(req, path ? HTTP_INTERNAL : HTTP_BADREQUEST, NULL);
		return;
	}
	api_request(server->vmm, method, path, body, len, &answer);
	/* libevent counts the time for the answer from when it last looked at the clock. */
	event_base_update_cache_time(event_loop_base(server->vmm->setup.loop));
	log_info("api: %s %.200s: %d", method, path, answer.status);
	if (answer.stop) {
		/* The process ends when the answer is out, or when nobody waits for it. */
		evhttp_request_set_on_complete_cb(req, on_answered, server);
		evhttp_connection_set_closecb(evhttp_request_get_connection(req), on_closed,
					      server);
	}
	send_answer(req, &answer);
}

static void accept_again(evutil_socket_t fd _unused_, short what _unused_, void *data)
{
	evconnlistener_enable(data);
}

/* Out of descriptors, as a rule: trying again at once would only spin. */
static void on_accept_error(struct evconnlistener *listener, void *http _unused_)
{
	const struct timeval later = { .tv_usec = ACCEPT_RETRY_US };

	log_warn("api: could not accept a client: %s", err_strerror(errno));
	if (event_base_once(evconnlistener_get_base(listener), -1, EV_TIMEOUT, accept_again,
			    listener, &later) == 0)
		evconnlistener_disable(listener);
}

static int set_up(struct http_server *server, int fd, unsigned int idle_seconds)
{
	struct event_base *base = event_loop_base(server->vmm->setup.loop);
	struct evconnlistener *listener;

	server->http = evhttp_new(base);
	if (!server->http)
		return -ENOMEM;
	evhttp_set_gencb(server->http, on_request, server);
	/* A wrong method, one that libevent has no name for too, is answered by us, as 400. */
	evhttp_set_allowed_methods(server->http, UINT16_MAX);
	evhttp_set_max_headers_size(server->http, MAX_HEADERS);
	evhttp_set_max_body_size(server->http, VMM_API_MAX_BODY);
	evhttp_set_timeout(server->http, (int)idle_seconds);
	listener = evconnlistener_new(base, NULL, NULL, LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_DISABLED, 0,
				      fd);
	if (!listener)
		return -ENOMEM;
	if (!evhttp_bind_listener(server->http, listener)) {
		evconnlistener_free(listener);
		return -ENOMEM;
	}
	evconnlistener_set_error_cb(listener, on_accept_error);
	return evconnlistener_enable(listener) < 0 ? -ENOMEM : 0;
}

int http_server_create(struct vmm *vmm, int fd, unsigned int idle_seconds, struct http_server **out,
		       struct err *e)
{
	_cleanup_(cleanup_server) struct http_server *server = calloc(1, sizeof(*server));

	if (!server)
		return err_nomem(e);
	server->vmm = vmm;
	if (set_up(server, fd, idle_seconds) < 0)
		return err_set(e, -ENOMEM, "could not set up the API server");
	*out = steal_ptr(&server);
	return 0;
}

void http_server_destroy(struct http_server *server)
{
	if (!server)
		return;
	if (server->http)
		evhttp_free(server->http);
	free(server);
}
