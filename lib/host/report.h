/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What checks of this host found: a list of findings, each with its remedy. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum finding_status {
	FINDING_OK,
	FINDING_WARN,
	FINDING_FAIL,
};

/* What a fix function needs to know; which members count depends on the check. */
struct fix_target {
	char *object;    /* owned: module, node path, user, pool */
	uint64_t amount; /* bytes, pages */
	int64_t node;    /* NUMA node, or -1 */
};

/* Strings are owned; NULL where absent. */
struct finding {
	const char *id; /* of the check: "modules", "memlock", ...; static */
	enum finding_status status;
	char *subject; /* the object: a module, a node, a path */
	char *text;    /* what was found */
	char *remedy;  /* what to do, in words */
	char *command; /* the same as a command line that can be pasted */
	bool fixable;  /* host_fix_apply knows how */
	struct fix_target target;
};

struct report {
	struct finding *items; /* owned */
	size_t n;
	bool failed_alloc; /* memory ran out: the list is not whole */
};

#define _report_ _cleanup_(report_clear)

void report_clear(struct report *r);

/* Appends a finding; returns it for finding_remedy and friends, or NULL when memory ran out (then
 * the others accept NULL, and host_check_run fails with -ENOMEM at the end). */
struct finding *report_add(struct report *r, const char *id, enum finding_status status,
			   const char *subject, const char *fmt, ...) _printf_(5, 6);
void finding_remedy(struct finding *f, const char *fmt, ...) _printf_(2, 3);
void finding_command(struct finding *f, const char *fmt, ...) _printf_(2, 3);
/* Marks it fixable. `object` is copied, may be NULL. */
void finding_fix(struct finding *f, const char *object, uint64_t amount, int64_t node);

/* The worst status; FINDING_OK of an empty report. */
enum finding_status report_worst(const struct report *r);
const char *finding_status_name(enum finding_status status);
