/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Generic netlink with the family "vdpa": a session, requests with acknowledgement, dumps. */
#include "vdpa/netlink.h"

#include "vdpa/nl_deleter.h"
#include "vdpa/nl_reply.h"
#include "vdpa/nl_turn.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <sys/socket.h>

#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif

enum {
	/* The kernel fills dump messages up to what the reader offers, at most 32 KiB. */
	RECEIVE_SIZE = 65536,
};

int vdpa_nl_out_of_use(struct err *e)
{
	err_set(e, -EBUSY, "an earlier deletion still waits in the kernel");
	err_hint(e, "stop the process that holds the device, then try again");
	return -EBUSY;
}

static int send_message(struct vdpa_nl *nl, struct nl_msg *msg, struct err *e)
{
	struct nlmsghdr *h = nlmsg_hdr(msg);
	ssize_t n;

	do
		n = send(nl->fd, h, h->nlmsg_len, 0);
	while (n < 0 && errno == EINTR);
	return n < 0 ? err_errno(e, -errno, "cannot send to the kernel over netlink") : 0;
}

/* Receives one datagram into nl->buf; *len is 0 for one that is not the kernel's. */
static int receive(struct vdpa_nl *nl, size_t *len, struct err *e)
{
	struct sockaddr_nl from = { 0 };
	struct iovec iov = { .iov_base = nl->buf, .iov_len = RECEIVE_SIZE };
	struct msghdr m = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};
	ssize_t n;

	do
		n = recvmsg(nl->fd, &m, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_errno(e, -errno, "cannot receive from the kernel over netlink");
	if (n == 0)
		return err_set(e, -EPROTO, "the kernel closed the netlink socket");
	if (m.msg_flags & MSG_TRUNC)
		return err_set(e, -EPROTO, "answer of the kernel larger than %d bytes",
			       RECEIVE_SIZE);
	*len = m.msg_namelen == sizeof(from) && from.nl_pid ? 0 : (size_t)n;
	return 0;
}

/* Receives until the request is answered. */
static int complete(struct vdpa_nl *nl, struct nl_progress *p)
{
	while (!p->done) {
		size_t len;
		int r = receive(nl, &len, p->result ? NULL : p->err);

		if (r)
			return p->result ? p->result : r;
		if (len)
			nl_progress_feed(p, nl->buf, len);
	}
	if (p->result)
		return p->result;
	if (p->interrupted)
		return err_set(p->err, -EINTR, "the list changed while it was read");
	return 0;
}

static struct nl_msg *build(const struct vdpa_nl *nl, const struct vdpa_nl_request *req)
{
	size_t size = NLMSG_HDRLEN + GENL_HDRLEN;
	struct nl_msg *msg;
	int flags = NLM_F_REQUEST;

	for (size_t i = 0; i < req->n_attrs; i++)
		size += (size_t)nla_total_size(req->attrs[i].len);
	/* An answer to a single get ends it by itself; anything else wants an acknowledgement. */
	if (req->dump)
		flags |= NLM_F_DUMP;
	else if (!req->reply)
		flags |= NLM_F_ACK;
	msg = nlmsg_alloc_size(size);
	if (!msg)
		return NULL;
	if (!genlmsg_put(msg, NL_AUTO_PORT, nl->seq, nl->family, 0, flags, (uint8_t)req->cmd,
			 VDPA_FAMILY_VERSION))
		goto full;
	for (size_t i = 0; i < req->n_attrs; i++)
		if (nla_put(msg, req->attrs[i].type, req->attrs[i].len, req->attrs[i].data) < 0)
			goto full;
	return msg;
full:
	nlmsg_free(msg);
	return NULL;
}

int vdpa_nl_request(struct vdpa_nl *nl, const struct vdpa_nl_request *req, struct err *e)
{
	struct nl_progress p = {
		.req = req,
		.family = nl->family,
		.warning = nl->warning,
		.warning_size = sizeof(nl->warning),
		.err = e,
	};
	struct nl_msg *msg;
	int r;

	if (nl->fd < 0)
		return vdpa_nl_out_of_use(e);
	nl->warning[0] = '\0';
	p.seq = ++nl->seq;
	msg = build(nl, req);
	if (!msg)
		return err_nomem(e);
	r = send_message(nl, msg, e);
	nlmsg_free(msg);
	return r ? r : complete(nl, &p);
}

/* The answer to GETFAMILY: an id, or a kernel error in *code. */
static int parse_family(const uint8_t *buf, size_t len, uint32_t seq, uint16_t *id, int *code)
{
	struct nlmsghdr *h = (struct nlmsghdr *)(uintptr_t)buf;
	const struct nlmsgerr *err;
	struct nlattr *attr;

	if (!nlmsg_ok(h, (int)len) || h->nlmsg_seq != seq)
		return -EPROTO;
	if (h->nlmsg_type == NLMSG_ERROR && nlmsg_datalen(h) >= (int)sizeof(*err)) {
		err = nlmsg_data(h);
		*code = err->error;
		return 0;
	}
	if (h->nlmsg_type != GENL_ID_CTRL || nlmsg_datalen(h) < (int)GENL_HDRLEN)
		return -EPROTO;
	attr = nlmsg_find_attr(h, GENL_HDRLEN, CTRL_ATTR_FAMILY_ID);
	if (!attr || nla_len(attr) != sizeof(*id))
		return -EPROTO;
	*id = nla_get_u16(attr);
	return 0;
}

/* One question to the controller instead of a dump of all families. */
static int resolve_family(struct vdpa_nl *nl, struct err *e)
{
	struct nl_msg *msg = nlmsg_alloc_size(NLMSG_HDRLEN + GENL_HDRLEN + 16);
	size_t len = 0;
	int code = 0;
	int r = -ENOMEM;

	if (!msg)
		return err_nomem(e);
	if (genlmsg_put(msg, NL_AUTO_PORT, ++nl->seq, GENL_ID_CTRL, 0, NLM_F_REQUEST,
			CTRL_CMD_GETFAMILY, 1) &&
	    nla_put_string(msg, CTRL_ATTR_FAMILY_NAME, VDPA_FAMILY) == 0)
		r = send_message(nl, msg, e);
	else
		err_nomem(e);
	nlmsg_free(msg);
	while (!r && !len)
		r = receive(nl, &len, e);
	if (r)
		return r;
	r = parse_family(nl->buf, len, nl->seq, &nl->family, &code);
	if (r)
		return err_set(e, r, "malformed answer from the netlink controller");
	if (code == -ENOENT) {
		err_set(e, code, "the kernel has no netlink family '" VDPA_FAMILY "'");
		err_hint(e, "load the module with 'vdpactl module load vdpa'; if it is loaded, run "
			    "in the initial network namespace");
		return code;
	}
	return code ? err_errno(e, code, "cannot resolve the netlink family '" VDPA_FAMILY "'") : 0;
}

int vdpa_nl_adopt(int fd, uint16_t family, struct vdpa_nl **out, struct err *e)
{
	struct vdpa_nl *nl = calloc(1, sizeof(*nl));

	if (nl)
		nl->buf = malloc(RECEIVE_SIZE);
	if (!nl || !nl->buf) {
		free(nl);
		close(fd);
		err_nomem(e);
		return -ENOMEM;
	}
	nl->fd = fd;
	nl->family = family;
	*out = nl;
	return 0;
}

int vdpa_nl_open(struct vdpa_nl **out, struct err *e)
{
	_close_ int fd = -1;
	_vdpa_nl_ struct vdpa_nl *nl = NULL;
	int one = 1;
	int r = nl_turn_wait(e);

	if (r)
		return r;
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (fd < 0)
		return err_errno(e, -errno, "cannot open a netlink socket");
	/* Both only make errors tell more; kernels without them still work. */
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	r = vdpa_nl_adopt(steal_fd(&fd), 0, &nl, e);
	if (!r)
		r = resolve_family(nl, e);
	if (r)
		return r;
	*out = steal_ptr(&nl);
	return 0;
}

void vdpa_nl_close(struct vdpa_nl *nl)
{
	if (!nl)
		return;
	nl_deleter_stop(nl);
	vdpa_next_close(&nl->next);
	if (nl->fd >= 0)
		close(nl->fd);
	free(nl->buf);
	free(nl);
}
