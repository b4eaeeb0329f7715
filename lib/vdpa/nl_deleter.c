/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A process beside a netlink session that carries out deletions. */
#include "vdpa/nl_deleter.h"

#include "vdpa/dev.h"
#include "vdpa/nl_handle.h"
#include "vdpa/nl_turn.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* Parent to child, as long as the name is. */
struct order {
	uint32_t seq; /* the session's: both use one socket, never at the same time */
	char name[VDPA_NAME_LONGEST + 1];
};

/* Child to parent; a success is the code alone. */
struct verdict {
	int code;
	struct err err;
};

static size_t verdict_size(const struct verdict *v)
{
	return v->code ? sizeof(*v) : sizeof(v->code);
}

/* Whoever reads our output, or waits for a lock of ours, must not wait for a child that is stuck.
 */
static void close_all_but(int a, int b)
{
	unsigned int low = (unsigned int)(a < b ? a : b), high = (unsigned int)(a < b ? b : a);

	if (low > 0)
		close_range(0, low - 1, 0);
	if (high > low + 1)
		close_range(low + 1, high - 1, 0);
	close_range(high + 1, ~0U, 0);
}

static void serve(struct vdpa_nl *nl, int channel)
{
	struct verdict v = { 0 };
	struct order o;
	int turn;

	close_all_but(nl->fd, channel);
	turn = nl_turn_open();
	/* Ctrl-C at the terminal is meant for the parent. */
	setsid();
	if (chdir("/") < 0)
		_exit(1);
	prctl(PR_SET_NAME, "vdpactl-delete");
	while (recv(channel, &o, sizeof(o), 0) > (ssize_t)offsetof(struct order, name)) {
		const struct vdpa_nl_attr attr = nl_string(VDPA_ATTR_DEV_NAME, o.name);
		const struct vdpa_nl_request req = {
			.cmd = VDPA_CMD_DEV_DEL,
			.what = o.name,
			.attrs = &attr,
			.n_attrs = 1,
		};

		nl->seq = o.seq;
		nl_turn_begin(turn);
		v.code = vdpa_nl_request(nl, &req, &v.err);
		nl_turn_end(turn);
		if (send(channel, &v, verdict_size(&v), MSG_NOSIGNAL) < 0)
			break;
	}
	_exit(0);
}

static int start(struct vdpa_nl *nl, struct err *e)
{
	int ends[2];
	pid_t pid;

	if (nl->deleter.pid)
		return 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return err_errno(e, -errno, "cannot make a pair of sockets");
	pid = fork();
	if (pid < 0) {
		int r = err_errno(e, -errno, "cannot fork");

		close(ends[0]);
		close(ends[1]);
		return r;
	}
	if (pid == 0)
		serve(nl, ends[1]);
	close(ends[1]);
	nl->deleter.fd = ends[0];
	nl->deleter.timeout_ms = 0;
	nl->deleter.pid = pid;
	return 0;
}

/* Any further request of this session would hang as well. */
static void abandon(struct vdpa_nl *nl)
{
	close(nl->fd);
	nl->fd = -1;
	close(nl->deleter.fd);
	nl->deleter.left = nl->deleter.pid;
	nl->deleter.pid = 0;
}

bool nl_deleter_waits(struct vdpa_nl *nl)
{
	if (nl->deleter.left && waitpid(nl->deleter.left, NULL, WNOHANG) == 0)
		return true;
	nl->deleter.left = 0;
	return false;
}

static int limit_waiting(struct vdpa_nl *nl, unsigned int timeout_ms, struct err *e)
{
	const struct timeval limit = {
		.tv_sec = timeout_ms / 1000,
		.tv_usec = timeout_ms % 1000 * 1000,
	};

	if (timeout_ms == nl->deleter.timeout_ms)
		return 0;
	if (setsockopt(nl->deleter.fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) < 0)
		return err_errno(e, -errno, "cannot limit the time of a deletion");
	nl->deleter.timeout_ms = timeout_ms;
	return 0;
}

static int wait_for_verdict(struct vdpa_nl *nl, struct err *e)
{
	struct verdict v;
	ssize_t n;

	do
		n = recv(nl->deleter.fd, &v, sizeof(v), 0);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN) {
		abandon(nl);
		return -ETIMEDOUT;
	}
	if (n < (ssize_t)sizeof(v.code) || n != (ssize_t)verdict_size(&v)) {
		nl_deleter_stop(nl);
		return err_set(e, -EIO, "the deletion ended without a result");
	}
	if (v.code && e)
		*e = v.err;
	return v.code;
}

int nl_deleter_run(struct vdpa_nl *nl, const char *name, unsigned int timeout_ms, struct err *e)
{
	size_t size = strlen(name) + 1;
	struct order o;
	int r;

	if (size > sizeof(o.name))
		return err_set(e, -ENAMETOOLONG, "a name of %zu bytes", size - 1);
	if (nl->fd < 0)
		return vdpa_nl_out_of_use(e);
	r = start(nl, e);
	if (!r)
		r = limit_waiting(nl, timeout_ms, e);
	if (r)
		return r;
	o.seq = nl->seq++;
	memcpy(o.name, name, size);
	size += offsetof(struct order, name);
	if (send(nl->deleter.fd, &o, size, MSG_NOSIGNAL) != (ssize_t)size) {
		r = err_errno(e, -errno, "cannot reach the process for deletions");
		nl_deleter_stop(nl);
		return r;
	}
	return wait_for_verdict(nl, e);
}

void nl_deleter_stop(struct vdpa_nl *nl)
{
	if (!nl->deleter.pid)
		return;
	/* It sees the end of its orders and exits. */
	close(nl->deleter.fd);
	while (waitpid(nl->deleter.pid, NULL, 0) < 0 && errno == EINTR)
		;
	nl->deleter.pid = 0;
}
