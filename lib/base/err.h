/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What failed, to which object, why, and what the operator can do about it. */
#pragma once

#include "base/cleanup.h"

#include <stdarg.h>
#include <stdbool.h>

/*
 * Filled once, by whoever detects the failure; callers may put context in front of it. A struct err
 * starts as all zero (`struct err e = {0};`), needs no release and may be passed as NULL by a
 * caller that wants the code alone. Texts that do not fit are cut, in their
 * middle.
 */
struct err {
	int code;    /* negative errno; 0 while nothing failed */
	bool misuse; /* the command line was wrong: exit status 2 */
	char text[1024];
	char hint[512]; /* what the operator can do; may be empty */
};

/* Records a failure and returns `code` (negative errno), so that callers can write `return
 * err_set(...)`. */
int err_set(struct err *e, int code, const char *fmt, ...) _printf_(3, 4);

/* As err_set with the words of strerror(-code) put behind the text after ": ". */
int err_errno(struct err *e, int code, const char *fmt, ...) _printf_(3, 4);

/* As err_set with -EINVAL for a wrong command line (exit status 2). */
int err_misuse(struct err *e, const char *fmt, ...) _printf_(2, 3);

/* Sets the hint; keeps code and text. Returns the code. */
int err_hint(struct err *e, const char *fmt, ...) _printf_(2, 3);

/* Puts "CONTEXT: " in front of the text. Returns the code. */
int err_prefix(struct err *e, const char *fmt, ...) _printf_(2, 3);

/* Hands on a failure that was recorded elsewhere; returns its code. */
int err_pass(struct err *e, const struct err *from);

/* Was something short, so that a look that failed says nothing of what was looked at? */
bool err_is_shortage(int code);

/* -ENOMEM with the usual words. */
int err_nomem(struct err *e);

/* The stable word for a code in JSON errors, for example "exists", "busy", "invalid", "not-found".
 */
const char *err_code_name(const struct err *e);

/* strerror that also knows the kernel-internal codes a device may return (524 ENOTSUPP, 515
 * ENOIOCTLCMD). */
const char *err_strerror(int code);
