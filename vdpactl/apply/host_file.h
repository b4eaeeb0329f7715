/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The desired state of a host as an INI file: modules, hugepages, limits, profiles, devices. */
#pragma once

#include "base/err.h"
#include "base/strbuf.h"

#include <stddef.h>

/* Also the order in which they are brought about. */
enum host_kind {
	HOST_MODULE,
	HOST_HUGEPAGES,
	HOST_MEMLOCK,
	HOST_PROFILE,
	HOST_DEVICE,
	HOST_KINDS,
};

/* A key of a section; rows of HOST_MODULE are open: any key is a parameter. */
struct host_key {
	enum host_kind kind;
	const char *name, *help;
	/* Is the value one that may stand there? */
	int (*check)(const char *value, struct err *e);
};
extern const struct host_key host_keys[];
extern const size_t host_keys_n;

/* "module", "hugepages", "memlock", "profile", "device": the section's name. */
const char *host_kind_name(enum host_kind kind);

struct host_value {
	char *key, *value; /* owned */
};

/* [KIND "NAME"] with its keys. */
struct host_item {
	enum host_kind kind;
	char *name; /* owned */
	struct host_value *values;
	size_t n;
	unsigned line;
};

struct host_file {
	char *path; /* owned */
	struct host_item *items;
	size_t n;
};

#define _host_file_ _cleanup_(host_file_clear)
void host_file_clear(struct host_file *f);

/* Reads and checks a file ("-": standard input); errors begin "FILE:LINE: ". On failure it holds
 * nothing to release. */
int host_file_read(const char *path, struct host_file *f, struct err *e);

/* The value of a key, or NULL; borrowed. */
const char *host_item_get(const struct host_item *item, const char *key);

/* Appends a section head, and a key with its value. */
void host_print_head(struct strbuf *sb, enum host_kind kind, const char *name);
void host_print_key(struct strbuf *sb, const char *key, const char *value);
