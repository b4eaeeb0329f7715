/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What failed, to which object, why, and what the operator can do about it. */
#include "base/err.h"

#include <errno.h>
#include <string.h>

static const struct {
	int code;
	const char *name;
} code_names[] = {
	{ .code = EACCES, .name = "permission" },
	{ .code = EBADMSG, .name = "protocol" },
	{ .code = EBUSY, .name = "busy" },
	{ .code = ECONNREFUSED, .name = "not-running" },
	{ .code = EEXIST, .name = "exists" },
	{ .code = EFBIG, .name = "too-big" },
	{ .code = EINTR, .name = "interrupted" },
	{ .code = EINVAL, .name = "invalid" },
	{ .code = EIO, .name = "io" },
	{ .code = ENODEV, .name = "no-device" },
	{ .code = ENOENT, .name = "not-found" },
	{ .code = ENOMEM, .name = "no-memory" },
	{ .code = ENOSPC, .name = "no-space" },
	{ .code = EOPNOTSUPP, .name = "not-supported" },
	{ .code = EPERM, .name = "permission" },
	{ .code = ERANGE, .name = "out-of-range" },
	{ .code = EROFS, .name = "read-only" },
	{ .code = ETIMEDOUT, .name = "timeout" },
};

/* Kernel-internal codes that reach user space although no libc names them. */
enum {
	KERNEL_ENOIOCTLCMD = 515,
	KERNEL_ENOTSUPP = 524
};

const char *err_strerror(int code)
{
	int n = code < 0 ? -code : code;

	if (n == KERNEL_ENOTSUPP)
		return "Operation not supported by the device";
	if (n == KERNEL_ENOIOCTLCMD)
		return "Unknown request";
	return strerror(n);
}

const char *err_code_name(const struct err *e)
{
	if (e->misuse)
		return "usage";
	for (size_t i = 0; i < ARRAY_SIZE(code_names); i++)
		if (code_names[i].code == -e->code)
			return code_names[i].name;
	return "failed";
}

/* Where a name is too long for the text, its middle goes: the reason stands at the end. */
static _printf_(3, 0) void fill_text(char *text, size_t size, const char *fmt, va_list ap)
{
	static const char gap[] = "[...]";
	size_t head = size / 4, tail = size - head - sizeof(gap);
	_free_ char *whole = NULL;
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(text, size, fmt, ap);
	if (n >= (int)size && vasprintf(&whole, fmt, again) < 0)
		whole = NULL;
	va_end(again);
	if (whole)
		snprintf(text + head, size - head, "%s%s", gap, whole + n - tail);
}

static _printf_(3, 0) void err_fill(struct err *e, int code, const char *fmt, va_list ap)
{
	e->code = code;
	e->misuse = false;
	e->hint[0] = '\0';
	fill_text(e->text, sizeof(e->text), fmt, ap);
}

int err_set(struct err *e, int code, const char *fmt, ...)
{
	va_list ap;

	if (!e)
		return code;
	va_start(ap, fmt);
	err_fill(e, code, fmt, ap);
	va_end(ap);
	return code;
}

static void append_reason(struct err *e, int code)
{
	const char *reason = err_strerror(code);
	size_t n = strlen(e->text), room = sizeof(e->text) - strlen(reason) - 3;

	if (n > room)
		n = room;
	snprintf(e->text + n, sizeof(e->text) - n, ": %s", reason);
}

int err_errno(struct err *e, int code, const char *fmt, ...)
{
	va_list ap;

	if (!e)
		return code;
	va_start(ap, fmt);
	err_fill(e, code, fmt, ap);
	va_end(ap);
	append_reason(e, code);
	return code;
}

int err_misuse(struct err *e, const char *fmt, ...)
{
	va_list ap;

	if (!e)
		return -EINVAL;
	va_start(ap, fmt);
	err_fill(e, -EINVAL, fmt, ap);
	va_end(ap);
	e->misuse = true;
	return -EINVAL;
}

int err_hint(struct err *e, const char *fmt, ...)
{
	va_list ap;

	if (!e)
		return -EIO;
	va_start(ap, fmt);
	vsnprintf(e->hint, sizeof(e->hint), fmt, ap);
	va_end(ap);
	return e->code;
}

int err_prefix(struct err *e, const char *fmt, ...)
{
	char head[sizeof(e->text)];
	char all[sizeof(e->text) * 2 + 2];
	va_list ap;

	if (!e)
		return -EIO;
	va_start(ap, fmt);
	vsnprintf(head, sizeof(head), fmt, ap);
	va_end(ap);
	snprintf(all, sizeof(all), "%s: %s", head, e->text);
	all[sizeof(e->text) - 1] = '\0';
	memcpy(e->text, all, strlen(all) + 1);
	return e->code;
}

int err_pass(struct err *e, const struct err *from)
{
	if (e)
		*e = *from;
	return from->code;
}

bool err_is_shortage(int code)
{
	return code == -EMFILE || code == -ENFILE || code == -ENOMEM || code == -EIO;
}

int err_nomem(struct err *e)
{
	return err_set(e, -ENOMEM, "out of memory");
}
