/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Taking a datagram of netlink messages apart, everything in it checked. */
#include "vdpa/nl_reply.h"

#include "vdpa/nl_errors.h"

#include <errno.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <string.h>

/* Lengths that each attribute must have in a reply; `string` wants its NUL at the end. */
#define SIZED(n)                                                                                   \
	{                                                                                          \
		.min = (n), .max = (n),                                                            \
	}
#define STRING                                                                                     \
	{                                                                                          \
		.min = 1, .max = UINT16_MAX, .string = true,                                       \
	}
static const struct {
	uint16_t min, max;
	bool string;
} policy[VDPA_ATTR_MAX + 1] = {
	[VDPA_ATTR_PAD] = { .min = 0, .max = UINT16_MAX },
	[VDPA_ATTR_MGMTDEV_BUS_NAME] = STRING,
	[VDPA_ATTR_MGMTDEV_DEV_NAME] = STRING,
	[VDPA_ATTR_MGMTDEV_SUPPORTED_CLASSES] = SIZED(8),
	[VDPA_ATTR_DEV_NAME] = STRING,
	[VDPA_ATTR_DEV_ID] = SIZED(4),
	[VDPA_ATTR_DEV_VENDOR_ID] = SIZED(4),
	[VDPA_ATTR_DEV_MAX_VQS] = SIZED(4),
	[VDPA_ATTR_DEV_MAX_VQ_SIZE] = SIZED(2),
	[VDPA_ATTR_DEV_MIN_VQ_SIZE] = SIZED(2),
	[VDPA_ATTR_NET_MACADDR] = SIZED(6),
	[VDPA_ATTR_NET_STATUS] = { .min = 1, .max = 2 }, /* u16, although documented as u8 */
	[VDPA_ATTR_NET_MAX_VQP] = SIZED(2),
	[VDPA_ATTR_NET_MTU] = SIZED(2),
	[VDPA_ATTR_NEGOTIATED_FEATURES] = SIZED(8),
	[VDPA_ATTR_MGMTDEV_MAX_VQS] = SIZED(4),
	[VDPA_ATTR_MGMTDEV_FEATURES] = SIZED(8),
	[VDPA_ATTR_QUEUE_INDEX] = SIZED(4),
	[VDPA_ATTR_VENDOR_NAME] = STRING,
	[VDPA_ATTR_VENDOR_VALUE] = SIZED(8),
	[VDPA_ATTR_DEV_FEATURES] = SIZED(8),
	[VDPA_ATTR_BLK_CAPACITY] = SIZED(8),
	[VDPA_ATTR_BLK_SIZE_MAX] = SIZED(4),
	[VDPA_ATTR_BLK_BLK_SIZE] = SIZED(4),
	[VDPA_ATTR_BLK_SEG_MAX] = SIZED(4),
	[VDPA_ATTR_BLK_NUM_QUEUES] = SIZED(2),
	[VDPA_ATTR_BLK_PHY_BLK_EXP] = SIZED(1),
	[VDPA_ATTR_BLK_ALIGN_OFFSET] = SIZED(1),
	[VDPA_ATTR_BLK_MIN_IO_SIZE] = SIZED(2),
	[VDPA_ATTR_BLK_OPT_IO_SIZE] = SIZED(4),
	[VDPA_ATTR_BLK_MAX_DISCARD_SEC] = SIZED(4),
	[VDPA_ATTR_BLK_MAX_DISCARD_SEG] = SIZED(4),
	[VDPA_ATTR_BLK_DISCARD_SEC_ALIGN] = SIZED(4),
	[VDPA_ATTR_BLK_MAX_WRITE_ZEROES_SEC] = SIZED(4),
	[VDPA_ATTR_BLK_MAX_WRITE_ZEROES_SEG] = SIZED(4),
	[VDPA_ATTR_BLK_READ_ONLY] = SIZED(1),
	[VDPA_ATTR_BLK_FLUSH] = SIZED(1),
};

static int malformed(struct err *e, const char *what)
{
	return err_set(e, -EPROTO, "malformed answer from the kernel: %s", what);
}

static bool attr_fits(struct nlattr *attr, int type)
{
	size_t len = (size_t)nla_len(attr);
	const char *text = nla_data(attr);

	if (len < policy[type].min || len > policy[type].max)
		return false;
	return !policy[type].string || text[len - 1] == '\0';
}

/* Fills `attrs` with the first of each known attribute; numbers that we do not know are newer. */
static int parse_attrs(struct nlattr *head, int len, struct nlattr **attrs, uint64_t *present,
		       struct err *e)
{
	struct nlattr *attr;
	int rem;

	nla_for_each_attr(attr, head, len, rem)
	{
		int type = nla_type(attr);

		if (type > VDPA_ATTR_MAX)
			continue;
		if (!attr_fits(attr, type))
			return err_set(e, -EPROTO,
				       "malformed answer from the kernel: attribute %d of %d bytes",
				       type, nla_len(attr));
		if (attrs[type])
			continue;
		attrs[type] = attr;
		*present |= UINT64_C(1) << type;
	}
	return rem > 0 ? malformed(e, "cut attribute") : 0;
}

static int deliver(struct nl_progress *p, struct nlmsghdr *h)
{
	struct nlattr *attrs[VDPA_ATTR_MAX + 1] = { NULL };
	struct genlmsghdr *g = nlmsg_data(h);
	struct vdpa_nl_reply reply = { .attrs = attrs };
	int r;

	if (nlmsg_datalen(h) < (int)GENL_HDRLEN)
		return malformed(p->err, "message without a header");
	reply.payload = (struct nlattr *)(void *)((uint8_t *)g + GENL_HDRLEN);
	reply.payload_len = (size_t)nlmsg_datalen(h) - GENL_HDRLEN;
	r = parse_attrs(reply.payload, (int)reply.payload_len, attrs, &reply.present, p->err);
	if (r || !p->req->reply)
		return r;
	return p->req->reply(p->req->ctx, &reply, p->err);
}

/* Copies the extended-ack text of an NLMSG_ERROR or NLMSG_DONE message into `buf`, "" if none.
 * `fixed` is the length of what comes before the attributes. */
static void extack_text(const struct nlmsghdr *h, size_t fixed, char *buf, size_t size)
{
	size_t len = (size_t)nlmsg_datalen(h);
	struct nlattr *attr;
	int rem;

	buf[0] = '\0';
	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS) || NLMSG_ALIGN(fixed) >= len)
		return;
	nla_for_each_attr(attr,
			  (struct nlattr *)(void *)((uint8_t *)nlmsg_data(h) + NLMSG_ALIGN(fixed)),
			  (int)(len - NLMSG_ALIGN(fixed)), rem)
	{
		if (nla_type(attr) == NLMSGERR_ATTR_MSG && nla_len(attr) > 0) {
			snprintf(buf, size, "%.*s", nla_len(attr), (char *)nla_data(attr));
			return;
		}
	}
}

/* A success: only what is asked for nothing, or for a list, may come without an answer. */
static int succeed(struct nl_progress *p)
{
	return p->req->reply && !p->req->dump ? malformed(p->err, "nothing but a success") : 0;
}

/* What ended the request: 0, or the negative errno behind which the kernel's words may follow at
 * @fixed. */
static int conclude(struct nl_progress *p, const struct nlmsghdr *h, int code, size_t fixed)
{
	char text[256];

	p->done = true;
	extack_text(h, fixed, text, sizeof(text));
	if (code < -4095)
		return malformed(p->err, "impossible error code");
	if (code)
		return nl_error(p->err, code, p->req->cmd, p->req->what, text);
	if (text[0])
		snprintf(p->warning, p->warning_size, "%s", text);
	return succeed(p);
}

/* NLMSG_ERROR: a failure, or with code 0 the acknowledgement. */
static int take_error(struct nl_progress *p, const struct nlmsghdr *h)
{
	const struct nlmsgerr *err = nlmsg_data(h);
	size_t fixed = sizeof(*err);

	if (nlmsg_datalen(h) < (int)sizeof(*err))
		return malformed(p->err, "cut acknowledgement");
	/* Without NETLINK_CAP_ACK the whole request is repeated in front of the attributes. */
	if (!(h->nlmsg_flags & NLM_F_CAPPED) && err->msg.nlmsg_len > sizeof(err->msg))
		fixed += err->msg.nlmsg_len - sizeof(err->msg);
	if (err->error > 0)
		return malformed(p->err, "impossible error code");
	return conclude(p, h, err->error, fixed);
}

/* The end of a dump carries the error that ended it; a number above 0 is no error. */
static int take_done(struct nl_progress *p, const struct nlmsghdr *h)
{
	int code = 0;

	if (nlmsg_datalen(h) >= (int)sizeof(code))
		memcpy(&code, nlmsg_data(h), sizeof(code));
	return conclude(p, h, code < 0 ? code : 0, sizeof(code));
}

static int take_message(struct nl_progress *p, struct nlmsghdr *h)
{
	if (h->nlmsg_flags & NLM_F_DUMP_INTR)
		p->interrupted = true;
	switch (h->nlmsg_type) {
	case NLMSG_NOOP:
		return 0;
	case NLMSG_ERROR:
		return take_error(p, h);
	case NLMSG_DONE:
		return take_done(p, h);
	case NLMSG_OVERRUN:
		return malformed(p->err, "overrun");
	default:
		break;
	}
	if (h->nlmsg_type != p->family)
		return malformed(p->err, "message of another family");
	/* A failure before keeps the rest of the dump from the caller; it is only drained. */
	if (p->result)
		return 0;
	if (!p->req->dump && p->req->reply)
		p->done = true;
	return deliver(p, h);
}

void nl_progress_feed(struct nl_progress *p, uint8_t *buf, size_t len)
{
	struct nlmsghdr *h = (struct nlmsghdr *)(void *)buf;
	int rem = (int)len;
	int r;

	for (; nlmsg_ok(h, rem) && !p->done; h = nlmsg_next(h, &rem)) {
		if (h->nlmsg_seq != p->seq)
			continue;
		r = take_message(p, h);
		if (r && !p->result)
			p->result = r;
		if (r == -EPROTO)
			p->done = true;
	}
	if (rem > 0 && !p->done) {
		p->done = true;
		if (!p->result)
			p->result = malformed(p->err, "cut message");
	}
}

uint8_t vdpa_nl_u8(const struct vdpa_nl_reply *reply, enum vdpa_attr attr)
{
	return reply->attrs[attr] ? nla_get_u8(reply->attrs[attr]) : 0;
}

uint16_t vdpa_nl_u16(const struct vdpa_nl_reply *reply, enum vdpa_attr attr)
{
	if (!reply->attrs[attr])
		return 0;
	/* The one attribute of either length: VDPA_ATTR_NET_STATUS. */
	if (nla_len(reply->attrs[attr]) == 1)
		return nla_get_u8(reply->attrs[attr]);
	return nla_get_u16(reply->attrs[attr]);
}

uint32_t vdpa_nl_u32(const struct vdpa_nl_reply *reply, enum vdpa_attr attr)
{
	return reply->attrs[attr] ? nla_get_u32(reply->attrs[attr]) : 0;
}

uint64_t vdpa_nl_u64(const struct vdpa_nl_reply *reply, enum vdpa_attr attr)
{
	return reply->attrs[attr] ? nla_get_u64(reply->attrs[attr]) : 0;
}

const char *vdpa_nl_str(const struct vdpa_nl_reply *reply, enum vdpa_attr attr)
{
	return reply->attrs[attr] ? nla_get_string(reply->attrs[attr]) : NULL;
}
