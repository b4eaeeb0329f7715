/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Replies of netlink, as datagrams that wait before the request is made. An input is a byte that
 * says which request, then datagrams, each behind its length.
 */
#include "unit.h"

#include "fake_kernel.h"
#include "fuzz_input.h"
#include "vdpa/dev.h"
#include "vdpa/dev_config.h"
#include "vdpa/dev_stats.h"
#include "vdpa/mgmtdev.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	MAX_DATAGRAM = 2048,
	MAX_DATAGRAMS = 24,
};

static void list_devices(struct vdpa_nl *nl)
{
	_vdpa_dev_list_ struct vdpa_dev_list list = { 0 };

	vdpa_dev_list(nl, &list, NULL);
}

static void get_device(struct vdpa_nl *nl)
{
	_vdpa_dev_ struct vdpa_dev dev = { 0 };
	struct err e = { 0 };

	if (vdpa_dev_get(nl, "n0", &dev, &e) == 0 && !dev.name)
		abort();
}

static void list_mgmtdevs(struct vdpa_nl *nl)
{
	_vdpa_mgmtdev_list_ struct vdpa_mgmtdev_list list = { 0 };

	vdpa_mgmtdev_list(nl, &list, NULL);
}

static void get_mgmtdev(struct vdpa_nl *nl)
{
	_vdpa_mgmtdev_ struct vdpa_mgmtdev dev = { 0 };

	vdpa_mgmtdev_get(nl, "pci/0000:00:03.0", &dev, NULL);
}

static void get_config(struct vdpa_nl *nl)
{
	_vdpa_dev_config_ struct vdpa_dev_config config = { 0 };
	struct err e = { 0 };

	vdpa_dev_config_get(nl, "n0", &config, &e);
}

static void get_stats(struct vdpa_nl *nl)
{
	_vdpa_queue_stats_ struct vdpa_queue_stats stats = { 0 };
	struct err e = { 0 };

	vdpa_queue_stats_get(nl, "n0", 0, &stats, &e);
}

static void (*const requests[])(struct vdpa_nl *nl) = {
	list_devices, get_device, list_mgmtdevs, get_mgmtdev, get_config, get_stats,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { .at = data, .end = data + size };
	unsigned int request = fuzz_u8(&in) % ARRAY_SIZE(requests);
	struct fake_kernel k;

	fake_kernel_start(&k);
	for (unsigned int n = 0; n < MAX_DATAGRAMS && fuzz_more(&in); n++) {
		uint8_t datagram[MAX_DATAGRAM];
		size_t len = fuzz_u16(&in) % MAX_DATAGRAM;

		len = fuzz_bytes(&in, datagram, len);
		if (send(k.fd, datagram, len, MSG_DONTWAIT) < 0)
			break;
	}
	/* What asks for more than there is finds the end instead of a wait. */
	shutdown(k.fd, SHUT_WR);
	requests[request](k.nl);
	fake_kernel_stop(&k);
	return 0;
}
