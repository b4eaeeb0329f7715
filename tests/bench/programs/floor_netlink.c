/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The least that the vDPA family can be asked with, as a floor for vdpactl:
 * floor_netlink show | add FROM TO | del FROM TO. Devices made are bench0, bench1, ... of
 * vdpasim_net.
 */

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	DEV_NEW = 3,
	DEV_DEL = 4,
	DEV_GET = 5
};
enum {
	ATTR_MGMTDEV = 2,
	ATTR_NAME = 4,
	ATTR_MAC = 10
};

struct request {
	struct nlmsghdr nl;
	struct genlmsghdr genl;
	char attrs[256];
};

static char reply[64 << 10];

static void put(struct request *r, uint16_t type, const void *data, size_t length)
{
	struct nlattr *a = (struct nlattr *)((char *)r + NLMSG_ALIGN(r->nl.nlmsg_len));

	a->nla_type = type;
	a->nla_len = (uint16_t)(NLA_HDRLEN + length);
	memcpy((char *)a + NLA_HDRLEN, data, length);
	r->nl.nlmsg_len = NLMSG_ALIGN(r->nl.nlmsg_len) + NLA_ALIGN(a->nla_len);
}

static void begin(struct request *r, uint16_t family, uint16_t flags, uint8_t command)
{
	memset(r, 0, sizeof(*r));
	r->nl.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
	r->nl.nlmsg_type = family;
	r->nl.nlmsg_flags = NLM_F_REQUEST | flags;
	r->genl.cmd = command;
	r->genl.version = 1;
}

static ssize_t ask(int fd, const struct request *r)
{
	if (send(fd, r, r->nl.nlmsg_len, 0) < 0)
		return -1;
	return recv(fd, reply, sizeof(reply), 0);
}

static const struct nlattr *find(const struct nlmsghdr *m, uint16_t type)
{
	const char *at = (const char *)NLMSG_DATA(m) + GENL_HDRLEN;
	const char *end = (const char *)m + m->nlmsg_len;

	while (at + NLA_HDRLEN <= end) {
		const struct nlattr *a = (const struct nlattr *)at;

		if (a->nla_len < NLA_HDRLEN)
			break;
		if (a->nla_type == type)
			return a;
		at += NLA_ALIGN(a->nla_len);
	}
	return NULL;
}

static uint16_t find_family(int fd)
{
	const struct nlattr *a;
	struct request r;

	begin(&r, GENL_ID_CTRL, 0, CTRL_CMD_GETFAMILY);
	put(&r, CTRL_ATTR_FAMILY_NAME, "vdpa", sizeof("vdpa"));
	if (ask(fd, &r) < (ssize_t)NLMSG_LENGTH(GENL_HDRLEN))
		return 0;
	a = find((struct nlmsghdr *)reply, CTRL_ATTR_FAMILY_ID);
	return a ? *(const uint16_t *)((const char *)a + NLA_HDRLEN) : 0;
}

static int show(int fd, uint16_t family)
{
	struct request r;
	ssize_t n;

	begin(&r, family, NLM_F_DUMP, DEV_GET);
	for (n = ask(fd, &r); n > 0; n = recv(fd, reply, sizeof(reply), 0)) {
		struct nlmsghdr *m = (struct nlmsghdr *)reply;

		for (; NLMSG_OK(m, n); m = NLMSG_NEXT(m, n)) {
			const struct nlattr *name = find(m, ATTR_NAME);

			if (m->nlmsg_type == NLMSG_DONE || m->nlmsg_type == NLMSG_ERROR)
				return m->nlmsg_type == NLMSG_ERROR;
			if (name)
				puts((const char *)name + NLA_HDRLEN);
		}
	}
	return 1;
}

static int change(int fd, uint16_t family, uint8_t command, long from, long to)
{
	for (long i = from; i < to; i++) {
		struct request r;
		char name[32];
		uint8_t mac[6] = { 2, 0, 0, 0, (uint8_t)(i >> 8), (uint8_t)i };

		begin(&r, family, NLM_F_ACK, command);
		snprintf(name, sizeof(name), "bench%ld", i);
		put(&r, ATTR_NAME, name, strlen(name) + 1);
		if (command == DEV_NEW) {
			put(&r, ATTR_MGMTDEV, "vdpasim_net", sizeof("vdpasim_net"));
			put(&r, ATTR_MAC, mac, sizeof(mac));
		}
		if (ask(fd, &r) < 0 || ((struct nlmsgerr *)NLMSG_DATA(reply))->error)
			return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	uint16_t family = find_family(fd);

	if (!family || argc < 2)
		return 2;
	if (!strcmp(argv[1], "show"))
		return show(fd, family);
	if (argc < 4)
		return 2;
	return change(fd, family, strcmp(argv[1], "add") ? DEV_DEL : DEV_NEW,
		      strtol(argv[2], NULL, 10), strtol(argv[3], NULL, 10));
}
