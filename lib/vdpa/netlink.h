/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Generic netlink with the family "vdpa": a session, requests with acknowledgement, dumps. */
#pragma once

#include "base/cleanup.h"
#include "base/err.h"
#include "vdpa/sysfs_next.h"
#include "vdpa/vdpa_uapi.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct nlattr;

/*
 * One socket with the family resolved. Not for two threads at once, and not for a process and its
 * fork. Several sessions may exist.
 */
struct vdpa_nl {
	int fd;          /* -1 once a deletion that does not end has taken the session out of use */
	uint16_t family; /* numeric id of "vdpa" */
	uint32_t seq;    /* of the last request */
	/* A child that carries out deletions (vdpa_dev_del); pid 0: not started. */
	struct {
		pid_t pid;
		int fd;
		unsigned int timeout_ms; /* of receiving from it */
		pid_t left;              /* one that still waited in the kernel when last seen */
	} deleter;
	struct vdpa_next next; /* where the device that is looked at next probably is */
	uint8_t *buf;          /* owned receive buffer */
	/* Text that the kernel sent along with a success of the last request; empty if none. */
	char warning[256];
};

/*
 * Opens a session on this network namespace: -ENOENT with a hint when the family is not there (the
 * module vdpa is not loaded, or this is not the initial network namespace); -EBUSY where a deletion
 * of another process does not end, with which this one would hang in the kernel.
 */
int vdpa_nl_open(struct vdpa_nl **out, struct err *e);

/* A session over an open datagram socket and a known family; takes `fd` over, also on failure. For
 * tests, with their own kernel at the other end. */
int vdpa_nl_adopt(int fd, uint16_t family, struct vdpa_nl **out, struct err *e);

/* NULL is accepted. */
void vdpa_nl_close(struct vdpa_nl *nl);
DEFINE_CLEANUP(struct vdpa_nl, vdpa_nl, vdpa_nl_close)
#define _vdpa_nl_ _cleanup_(cleanup_vdpa_nl)

/* An attribute to send; strings with their NUL. */
struct vdpa_nl_attr {
	uint16_t type; /* enum vdpa_attr */
	uint16_t len;
	const void *data; /* borrowed */
};

/*
 * What came back in one message. attrs[] is indexed by enum vdpa_attr; an entry is NULL or has the
 * length its type demands (strings end with NUL), as has every other one in the payload. Of a
 * repeated attribute it is the first. Borrowed for the duration of the callback.
 */
struct vdpa_nl_reply {
	struct nlattr *const *attrs; /* VDPA_ATTR_MAX + 1 entries */
	struct nlattr *payload;      /* all attributes in order, for repeated ones */
	size_t payload_len;
	uint64_t present; /* which attrs are not NULL, by bit, for vdpa_has */
};

/* Called for each reply; a negative return ends the request with that code (`e` filled by it). */
typedef int (*vdpa_nl_reply_fn)(void *ctx, const struct vdpa_nl_reply *reply, struct err *e);

struct vdpa_nl_request {
	enum vdpa_cmd cmd;
	bool dump;
	const char *what; /* object named in error texts, or NULL; borrowed */
	const struct vdpa_nl_attr *attrs;
	size_t n_attrs;
	vdpa_nl_reply_fn reply; /* NULL: only the acknowledgement matters */
	void *ctx;
};

/*
 * Sends one request and receives everything that belongs to it. A kernel error comes back as its
 * errno, with the extended-ack text kept in the words and a hint where errno and command have a
 * known cause. -EPROTO: the answer was malformed. A dump that the kernel says was interrupted comes
 * back as -EINTR after all its messages: start again with a fresh list (vdpa_*_list do).
 */
int vdpa_nl_request(struct vdpa_nl *nl, const struct vdpa_nl_request *req, struct err *e);

/* Is attribute `attr` in a `present` mask? Structs filled from replies carry such a mask. */
static inline bool vdpa_has(uint64_t present, enum vdpa_attr attr)
{
	return present >> attr & 1;
}

/* Records that the session was given up (fd -1); returns -EBUSY. */
int vdpa_nl_out_of_use(struct err *e);

/* For code that fills such structs. */
uint8_t vdpa_nl_u8(const struct vdpa_nl_reply *reply, enum vdpa_attr attr);
uint16_t vdpa_nl_u16(const struct vdpa_nl_reply *reply, enum vdpa_attr attr);
uint32_t vdpa_nl_u32(const struct vdpa_nl_reply *reply, enum vdpa_attr attr);
uint64_t vdpa_nl_u64(const struct vdpa_nl_reply *reply, enum vdpa_attr attr);
const char *vdpa_nl_str(const struct vdpa_nl_reply *reply, enum vdpa_attr attr);
