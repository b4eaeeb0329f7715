/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The handle of a management device, "BUS/NAME" or "NAME", and its two netlink attributes. */
#pragma once

#include "vdpa/netlink.h"

enum {
	NL_DUMP_TRIES = 8, /* how often an interrupted dump is started again */
	NL_HANDLE_PART = 256,
};

struct nl_handle {
	char bus[NL_HANDLE_PART]; /* "" for none: the attribute must then be absent */
	char name[NL_HANDLE_PART];
};

/* Takes a handle apart at its first '/'; -EINVAL for an empty or overlong part. */
int nl_handle_split(struct nl_handle *h, const char *handle, struct err *e);

/* Fills one or two attributes that borrow from `h`; returns how many. */
size_t nl_handle_attrs(const struct nl_handle *h, struct vdpa_nl_attr attrs[2]);

/* The handle as one word (bus NULL: none), the caller's to free; NULL when memory ran out. */
char *nl_handle_join(const char *bus, const char *name);

/* A string attribute with its NUL, which the kernel relies on. */
struct vdpa_nl_attr nl_string(enum vdpa_attr type, const char *text);
