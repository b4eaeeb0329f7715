/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sends broadcast frames on an interface whose device loops them back, and compares what returns.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define ETHERTYPE_TEST 0x88b5 /* IEEE: local experiments */
#define FRAME_MIN      60
#define FRAME_MAX      1514

struct link {
	int fd;
	struct sockaddr_ll address;
	unsigned char mac[ETH_ALEN];
};

static int link_open(struct link *link, const char *name)
{
	struct timeval patience = { .tv_sec = 2 };
	struct ifreq request = { 0 };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	link->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETHERTYPE_TEST));
	if (link->fd < 0 || ioctl(link->fd, SIOCGIFHWADDR, &request))
		return -1;
	memcpy(link->mac, request.ifr_hwaddr.sa_data, ETH_ALEN);
	link->address = (struct sockaddr_ll){
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETHERTYPE_TEST),
		.sll_ifindex = (int)if_nametoindex(name),
	};
	setsockopt(link->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return bind(link->fd, (struct sockaddr *)&link->address, sizeof(link->address));
}

static size_t frame_fill(const struct link *link, unsigned char *frame, unsigned number)
{
	size_t size = FRAME_MIN + number * 97 % (FRAME_MAX - FRAME_MIN + 1);

	memset(frame, 0xff, ETH_ALEN);
	memcpy(frame + ETH_ALEN, link->mac, ETH_ALEN);
	frame[12] = ETHERTYPE_TEST >> 8;
	frame[13] = ETHERTYPE_TEST & 0xff;
	for (size_t i = ETH_HLEN; i < size; i++)
		frame[i] = (unsigned char)(number * 31 + i * 7);
	return size;
}

/* What this socket sent is delivered to it too, marked as outgoing. */
static ssize_t frame_receive(const struct link *link, unsigned char *frame)
{
	struct sockaddr_ll from;
	socklen_t length;
	ssize_t size;

	do {
		length = sizeof(from);
		size = recvfrom(link->fd, frame, FRAME_MAX + 1, 0, (struct sockaddr *)&from,
				&length);
	} while (size >= 0 && from.sll_pkttype == PACKET_OUTGOING);
	return size;
}

int main(int argc, char **argv)
{
	unsigned char sent[FRAME_MAX + 1], got[FRAME_MAX + 1];
	unsigned count = argc > 2 ? (unsigned)atoi(argv[2]) : 100, returned = 0;
	struct link link;

	if (argc < 2) {
		fputs("usage: netio INTERFACE [FRAMES]\n", stderr);
		return 2;
	}
	if (link_open(&link, argv[1])) {
		fprintf(stderr, "netio: %s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	for (unsigned i = 0; i < count; i++) {
		size_t size = frame_fill(&link, sent, i);

		if (sendto(link.fd, sent, size, 0, (struct sockaddr *)&link.address,
			   sizeof(link.address)) != (ssize_t)size) {
			fprintf(stderr, "netio: frame %u not sent: %s\n", i, strerror(errno));
			return 1;
		}
		if (frame_receive(&link, got) == (ssize_t)size && !memcmp(sent, got, size))
			returned++;
	}
	printf("%u of %u frames came back\n", returned, count);
	return returned == count ? 0 : 1;
}
