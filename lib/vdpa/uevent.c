/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kernel events about vDPA devices. */
#include "vdpa/uevent.h"

#include "base/cleanup.h"
#include "base/parse.h"

#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>

enum {
	KERNEL_GROUP = 1, /* the other one carries what udev made of the events */
	EVENT_MAX = 8192,
};

static const char *const action_names[] = {
	[UEVENT_ADD] = "add",       [UEVENT_REMOVE] = "remove", [UEVENT_BIND] = "bind",
	[UEVENT_UNBIND] = "unbind", [UEVENT_CHANGE] = "change",
};

const char *uevent_action_name(enum uevent_action action)
{
	return action_names[action];
}

int uevent_open(int *fd, struct err *e)
{
	_close_ int s =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK, .nl_groups = KERNEL_GROUP };
	int size = 1 << 20;

	if (s < 0)
		return err_errno(e, -errno, "cannot open a socket for kernel events");
	/* A thousand devices made at once are a thousand events; without the right, the default. */
	if (setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(s, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (bind(s, (const struct sockaddr *)&addr, sizeof(addr)) < 0)
		return err_errno(e, -errno, "cannot listen to kernel events");
	*fd = steal_fd(&s);
	return 0;
}

/* Copies a value that must fit and not be empty. */
static bool copy(char *to, size_t size, const char *value)
{
	size_t len = strlen(value);

	if (!len || len >= size)
		return false;
	memcpy(to, value, len + 1);
	return true;
}

static int find_action(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(action_names); i++)
		if (strcmp(action_names[i], word) == 0)
			return (int)i;
	return -1;
}

/* One "KEY=value"; false when the value of a key that matters is impossible. */
static bool take_field(struct uevent *out, const char *field, int *action, bool *is_vdpa)
{
	if (strncmp(field, "ACTION=", 7) == 0) {
		*action = find_action(field + 7);
		return *action >= 0;
	}
	if (strncmp(field, "DEVPATH=", 8) == 0)
		return copy(out->path, sizeof(out->path), field + 8);
	if (strncmp(field, "SUBSYSTEM=", 10) == 0)
		return *is_vdpa = strcmp(field + 10, "vdpa") == 0;
	if (strncmp(field, "DRIVER=", 7) == 0)
		return copy(out->driver, sizeof(out->driver), field + 7);
	if (strncmp(field, "SEQNUM=", 7) == 0)
		return parse_uint(field + 7, 0, UINT64_MAX, &out->seqnum, NULL) == 0;
	return true;
}

int uevent_parse(const char *msg, size_t len, struct uevent *out)
{
	bool is_vdpa = false;
	int action = -1;
	const char *p, *slash;

	memset(out, 0, sizeof(*out));
	/* "ACTION@DEVPATH" first, then "KEY=value" each with a NUL. */
	if (!len || msg[len - 1] != '\0' || !strchr(msg, '@'))
		return 0;
	for (p = msg + strlen(msg) + 1; p < msg + len; p += strlen(p) + 1)
		if (!take_field(out, p, &action, &is_vdpa))
			return 0;
	slash = strrchr(out->path, '/');
	if (!is_vdpa || action < 0 || !slash || !copy(out->name, sizeof(out->name), slash + 1))
		return 0;
	out->action = (enum uevent_action)action;
	/* The bus itself and its drivers have events too; a device is below /devices. */
	return strncmp(out->path, "/devices/", 9) == 0;
}

int uevent_read(int fd, struct uevent *out, bool *more, struct err *e)
{
	char buf[EVENT_MAX];
	struct sockaddr_nl from = { 0 };
	struct iovec iov = { .iov_base = buf, .iov_len = sizeof(buf) };
	struct msghdr m = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};
	ssize_t n = recvmsg(fd, &m, MSG_DONTWAIT);

	*more = n >= 0;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n < 0)
		return err_errno(e, -errno, "cannot read kernel events");
	/* Any process may send to the group; only the kernel is 0. */
	if (from.nl_pid != 0 || m.msg_flags & MSG_TRUNC)
		return 0;
	return uevent_parse(buf, (size_t)n, out);
}
