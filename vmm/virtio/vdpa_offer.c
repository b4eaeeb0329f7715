/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of a vDPA device the guest is offered: how many queues, which features, how much config. */
#include "base/checked.h"
#include "virtio/vdpa_internal.h"

#include <errno.h>
#include <linux/virtio_blk.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_net.h>

enum {
	NET_PAIR = 2,
	NET_PAIR_AND_CONTROL = 3,
	CONFIG_MAX = 4096,
};

/* Features that this transport cannot carry, whatever the device offers. */
static const uint8_t never_offered[] = {
	34, /* RING_PACKED: ring addresses are checked as split rings */
	37, /* SR_IOV */
	38, /* NOTIFICATION_DATA: doorbells carry the queue index alone */
	39, /* NOTIF_CONFIG_DATA */
	40, /* RING_RESET */
	41, /* ADMIN_VQ */
};

/* What needs queues beyond the first pair of a network device. */
static const uint8_t net_multiqueue[] = { VIRTIO_NET_F_MQ, VIRTIO_NET_F_RSS };
static const uint8_t net_control[] = {
	VIRTIO_NET_F_CTRL_VQ,
	VIRTIO_NET_F_CTRL_RX,
	VIRTIO_NET_F_CTRL_VLAN,
	VIRTIO_NET_F_CTRL_RX_EXTRA,
	VIRTIO_NET_F_GUEST_ANNOUNCE,
	VIRTIO_NET_F_CTRL_MAC_ADDR,
	VIRTIO_NET_F_CTRL_GUEST_OFFLOADS,
	52, /* VQ_NOTF_COAL */
	53, /* NOTF_COAL */
	57, /* HASH_REPORT */
};

/*
 * The structs of the specification. Some devices report their whole register window instead, and
 * what lies beyond the struct is rubbish.
 */
static const struct {
	uint32_t device_id, size;
} config_sizes[] = {
	{ .device_id = VIRTIO_ID_NET, .size = 24 },
	{ .device_id = VIRTIO_ID_BLOCK, .size = 96 },
	{ .device_id = VIRTIO_ID_CONSOLE, .size = 12 },
	{ .device_id = VIRTIO_ID_RNG, .size = 0 },
	{ .device_id = VIRTIO_ID_BALLOON, .size = 16 },
	{ .device_id = VIRTIO_ID_SCSI, .size = 36 },
	{ .device_id = VIRTIO_ID_GPU, .size = 16 },
	{ .device_id = VIRTIO_ID_VSOCK, .size = 8 },
	{ .device_id = VIRTIO_ID_CRYPTO, .size = 56 },
	{ .device_id = VIRTIO_ID_FS, .size = 44 },
};

uint32_t vdpa_class_config_size(uint32_t device_id, uint32_t reported)
{
	uint32_t most = CONFIG_MAX;

	for (size_t i = 0; i < ARRAY_SIZE(config_sizes); i++)
		if (config_sizes[i].device_id == device_id)
			most = config_sizes[i].size;
	return reported < most ? reported : most;
}

static uint64_t without(uint64_t features, const uint8_t *bits, size_t n)
{
	for (size_t i = 0; i < n; i++)
		features &= ~VIRTIO_FEATURE(bits[i]);
	return features;
}

uint64_t vdpa_choose_features(uint32_t device_id, uint64_t features, uint32_t has, uint16_t n)
{
	features = without(features, never_offered, ARRAY_SIZE(never_offered));
	if (n >= has)
		return features;
	if (device_id == VIRTIO_ID_NET) {
		/* With MQ the control queue is the device's last, which is not offered; without it
		 * the control queue follows the first pair. */
		features = without(features, net_multiqueue, ARRAY_SIZE(net_multiqueue));
		if (n < NET_PAIR_AND_CONTROL)
			features = without(features, net_control, ARRAY_SIZE(net_control));
	}
	if (device_id == VIRTIO_ID_BLOCK && n == 1)
		features &= ~VIRTIO_FEATURE(VIRTIO_BLK_F_MQ);
	return features;
}

/* The smallest number of queues that drivers of this class work with. */
static uint32_t fewest(uint32_t device_id, uint32_t has)
{
	if (device_id == VIRTIO_ID_BLOCK)
		return 1;
	return device_id == VIRTIO_ID_NET && has > NET_PAIR ? NET_PAIR : has;
}

static int too_few_for_net(uint16_t n, uint32_t has, uint64_t features, struct err *e)
{
	bool control =
		features & VIRTIO_FEATURE(VIRTIO_NET_F_CTRL_VQ) && has >= NET_PAIR_AND_CONTROL;
	unsigned int works = control ? NET_PAIR_AND_CONTROL : NET_PAIR;

	err_set(e, -EINVAL,
		"num_queues=%u is too few for a network device: it needs %u (receive, transmit%s)",
		n, works, control ? ", control" : "");
	err_hint(e, "use num_queues=%u, or num_queues=auto for all %u queues of the device", works,
		 has);
	return -EINVAL;
}

int vdpa_choose_queues(const struct vdpa_config *config, uint32_t device_id, uint32_t has,
		       uint64_t features, uint16_t *n, struct err *e)
{
	uint32_t wanted = config->num_queues ? config->num_queues : has;

	if (has == 0 || has > VIRTIO_MAX_QUEUES)
		return err_set(e, -EINVAL, "the device has %u queues (1 to %d are supported)", has,
			       VIRTIO_MAX_QUEUES);
	if (wanted > has) {
		err_set(e, -EINVAL, "num_queues=%u is more than the %u queues of the device",
			wanted, has);
		err_hint(e, "use num_queues=%u or num_queues=auto", has);
		return -EINVAL;
	}
	if (device_id == VIRTIO_ID_NET && wanted < NET_PAIR)
		return too_few_for_net((uint16_t)wanted, has, features, e);
	if (wanted < fewest(device_id, has)) {
		err_set(e, -EINVAL,
			"num_queues=%u does not work with a device of virtio id %u: it has %u",
			wanted, device_id, has);
		err_hint(e, "use num_queues=auto");
		return -EINVAL;
	}
	*n = (uint16_t)wanted;
	return 0;
}
