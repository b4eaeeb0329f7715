/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The other end of a netlink session: replies written before the request is made. */
#pragma once

#include "vdpa/netlink.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	FAKE_FAMILY = 35,
};

struct fake_kernel {
	int fd;
	struct vdpa_nl *nl;
};

/* One datagram under construction. */
struct fake_reply {
	_Alignas(8) uint8_t bytes[131072];
	size_t len;
	struct nlmsghdr *message; /* the last one */
};

static inline void fake_kernel_start(struct fake_kernel *k)
{
	int ends[2];

	/* Several replies wait in it: as many as a real socket would hold. */
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	k->fd = ends[0];
	assert_int_equal(vdpa_nl_adopt(ends[1], FAKE_FAMILY, &k->nl, NULL), 0);
}

static inline void fake_kernel_stop(struct fake_kernel *k)
{
	close(k->fd);
	vdpa_nl_close(k->nl);
}

static inline void fake_message(struct fake_reply *r, uint16_t type, uint16_t flags, uint32_t seq)
{
	r->message = (struct nlmsghdr *)(void *)(r->bytes + r->len);
	*r->message = (struct nlmsghdr){
		.nlmsg_len = NLMSG_HDRLEN,
		.nlmsg_type = type,
		.nlmsg_flags = flags,
		.nlmsg_seq = seq,
	};
	r->len += NLMSG_HDRLEN;
}

static inline void fake_bytes(struct fake_reply *r, const void *data, size_t len)
{
	memset(r->bytes + r->len, 0, NLMSG_ALIGN(len));
	memcpy(r->bytes + r->len, data, len);
	r->len += NLMSG_ALIGN(len);
	r->message->nlmsg_len += (uint32_t)NLMSG_ALIGN(len);
}

/* A message of the family with its header of generic netlink. */
static inline void fake_genl(struct fake_reply *r, enum vdpa_cmd cmd, uint16_t flags, uint32_t seq)
{
	struct genlmsghdr g = { .cmd = (uint8_t)cmd, .version = 1 };

	fake_message(r, FAKE_FAMILY, flags, seq);
	fake_bytes(r, &g, sizeof(g));
}

static inline void fake_attr(struct fake_reply *r, uint16_t type, const void *data, size_t len)
{
	struct nlattr a = { .nla_len = (uint16_t)(NLA_HDRLEN + len), .nla_type = type };

	fake_bytes(r, &a, sizeof(a));
	fake_bytes(r, data, len);
}

static inline void fake_str(struct fake_reply *r, uint16_t type, const char *text)
{
	fake_attr(r, type, text, strlen(text) + 1);
}

static inline void fake_u16(struct fake_reply *r, uint16_t type, uint16_t v)
{
	fake_attr(r, type, &v, sizeof(v));
}

static inline void fake_u32(struct fake_reply *r, uint16_t type, uint32_t v)
{
	fake_attr(r, type, &v, sizeof(v));
}

static inline void fake_u64(struct fake_reply *r, uint16_t type, uint64_t v)
{
	fake_attr(r, type, &v, sizeof(v));
}

/* NLMSG_ERROR as with NETLINK_CAP_ACK, with a text where given. */
static inline void fake_ack(struct fake_reply *r, int code, const char *text, uint32_t seq)
{
	struct nlmsgerr err = { .error = code };

	fake_message(r, NLMSG_ERROR, NLM_F_CAPPED | (text ? NLM_F_ACK_TLVS : 0), seq);
	fake_bytes(r, &err, sizeof(err));
	if (text)
		fake_str(r, NLMSGERR_ATTR_MSG, text);
}

static inline void fake_done(struct fake_reply *r, int code, uint16_t flags, uint32_t seq)
{
	fake_message(r, NLMSG_DONE, NLM_F_MULTI | flags, seq);
	fake_bytes(r, &code, sizeof(code));
}

static inline void fake_send(struct fake_kernel *k, struct fake_reply *r)
{
	assert_int_equal(send(k->fd, r->bytes, r->len, 0), r->len);
	r->len = 0;
}
