/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of virtio classes, feature bits, status bits and vhost backend features. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
	VIRTIO_ID_NET = 1,
	VIRTIO_ID_BLOCK = 2,
};

/* Feature bits that the library itself needs. */
enum {
	VIRTIO_NET_F_CTRL_VQ = 17,
	VIRTIO_NET_F_MQ = 22,
	VIRTIO_NET_F_RSS = 60,
	VIRTIO_F_VERSION_1 = 32,
	VIRTIO_F_ACCESS_PLATFORM = 33,
};

/* "net", "block", ...: the words of iproute2; NULL for an id without a name. */
const char *virtio_class_name(uint32_t id);

/* Name of feature bit 0..63 of a class: its own or a transport bit; NULL if it has none. */
const char *virtio_feature_name(uint32_t id, unsigned int bit);

/* vhost backend features ("IOTLB_BATCH"), NULL if unknown. */
const char *vhost_backend_feature_name(unsigned int bit);

/* Name of bit 0..7 of the device status ("DRIVER_OK"), NULL if it has none. */
const char *virtio_status_name(unsigned int bit);
