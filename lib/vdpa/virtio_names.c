/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of virtio classes, feature bits, status bits and vhost backend features. */
#include "vdpa/virtio_names.h"

#include "base/cleanup.h"

#include <stddef.h>

/* virtio 1.3 section 5, with the words that iproute2 prints where it has one. */
static const struct {
	uint32_t id;
	const char *name;
} classes[] = {
	{ .id = 1, .name = "net" },
	{ .id = 2, .name = "block" },
	{ .id = 3, .name = "console" },
	{ .id = 4, .name = "rng" },
	{ .id = 5, .name = "balloon" },
	{ .id = 6, .name = "iomem" },
	{ .id = 7, .name = "rpmsg" },
	{ .id = 8, .name = "scsi" },
	{ .id = 9, .name = "9p" },
	{ .id = 10, .name = "mac80211_wlan" },
	{ .id = 11, .name = "rproc_serial" },
	{ .id = 12, .name = "caif" },
	{ .id = 13, .name = "memory_balloon" },
	{ .id = 16, .name = "gpu" },
	{ .id = 17, .name = "clock" },
	{ .id = 18, .name = "input" },
	{ .id = 19, .name = "vsock" },
	{ .id = 20, .name = "crypto" },
	{ .id = 21, .name = "signal_dist" },
	{ .id = 22, .name = "pstore" },
	{ .id = 23, .name = "iommu" },
	{ .id = 24, .name = "mem" },
	{ .id = 25, .name = "sound" },
	{ .id = 26, .name = "fs" },
	{ .id = 27, .name = "pmem" },
	{ .id = 28, .name = "rpmb" },
	{ .id = 29, .name = "mac80211_hwsim" },
	{ .id = 30, .name = "video_encoder" },
	{ .id = 31, .name = "video_decoder" },
	{ .id = 32, .name = "scmi" },
	{ .id = 33, .name = "nitro_sec_mod" },
	{ .id = 34, .name = "i2c_adapter" },
	{ .id = 35, .name = "watchdog" },
	{ .id = 36, .name = "can" },
	{ .id = 37, .name = "dmabuf" },
	{ .id = 38, .name = "param_serv" },
	{ .id = 39, .name = "audio_policy" },
	{ .id = 40, .name = "bt" },
	{ .id = 41, .name = "gpio" },
	{ .id = 42, .name = "rdma" },
	{ .id = 43, .name = "camera" },
	{ .id = 44, .name = "ism" },
	{ .id = 45, .name = "spi" },
};

enum {
	ANY_CLASS = 0,
};

/* Sections 5.*.3 and 6; id ANY_CLASS: transport and ring bits, which every class shares. */
static const struct {
	uint8_t id, bit;
	const char *name;
} features[] = {
	{ .id = 1, .bit = 0, .name = "CSUM" },
	{ .id = 1, .bit = 1, .name = "GUEST_CSUM" },
	{ .id = 1, .bit = 2, .name = "CTRL_GUEST_OFFLOADS" },
	{ .id = 1, .bit = 3, .name = "MTU" },
	{ .id = 1, .bit = 5, .name = "MAC" },
	{ .id = 1, .bit = 6, .name = "GSO" },
	{ .id = 1, .bit = 7, .name = "GUEST_TSO4" },
	{ .id = 1, .bit = 8, .name = "GUEST_TSO6" },
	{ .id = 1, .bit = 9, .name = "GUEST_ECN" },
	{ .id = 1, .bit = 10, .name = "GUEST_UFO" },
	{ .id = 1, .bit = 11, .name = "HOST_TSO4" },
	{ .id = 1, .bit = 12, .name = "HOST_TSO6" },
	{ .id = 1, .bit = 13, .name = "HOST_ECN" },
	{ .id = 1, .bit = 14, .name = "HOST_UFO" },
	{ .id = 1, .bit = 15, .name = "MRG_RXBUF" },
	{ .id = 1, .bit = 16, .name = "STATUS" },
	{ .id = 1, .bit = 17, .name = "CTRL_VQ" },
	{ .id = 1, .bit = 18, .name = "CTRL_RX" },
	{ .id = 1, .bit = 19, .name = "CTRL_VLAN" },
	{ .id = 1, .bit = 20, .name = "CTRL_RX_EXTRA" },
	{ .id = 1, .bit = 21, .name = "GUEST_ANNOUNCE" },
	{ .id = 1, .bit = 22, .name = "MQ" },
	{ .id = 1, .bit = 23, .name = "CTRL_MAC_ADDR" },
	{ .id = 1, .bit = 51, .name = "HASH_TUNNEL" },
	{ .id = 1, .bit = 52, .name = "VQ_NOTF_COAL" },
	{ .id = 1, .bit = 53, .name = "NOTF_COAL" },
	{ .id = 1, .bit = 54, .name = "GUEST_USO4" },
	{ .id = 1, .bit = 55, .name = "GUEST_USO6" },
	{ .id = 1, .bit = 56, .name = "HOST_USO" },
	{ .id = 1, .bit = 57, .name = "HASH_REPORT" },
	{ .id = 1, .bit = 59, .name = "GUEST_HDRLEN" },
	{ .id = 1, .bit = 60, .name = "RSS" },
	{ .id = 1, .bit = 61, .name = "RSC_EXT" },
	{ .id = 1, .bit = 62, .name = "STANDBY" },
	{ .id = 1, .bit = 63, .name = "SPEED_DUPLEX" },

	{ .id = 2, .bit = 0, .name = "BARRIER" },
	{ .id = 2, .bit = 1, .name = "SIZE_MAX" },
	{ .id = 2, .bit = 2, .name = "SEG_MAX" },
	{ .id = 2, .bit = 4, .name = "GEOMETRY" },
	{ .id = 2, .bit = 5, .name = "RO" },
	{ .id = 2, .bit = 6, .name = "BLK_SIZE" },
	{ .id = 2, .bit = 7, .name = "SCSI" },
	{ .id = 2, .bit = 9, .name = "FLUSH" },
	{ .id = 2, .bit = 10, .name = "TOPOLOGY" },
	{ .id = 2, .bit = 11, .name = "CONFIG_WCE" },
	{ .id = 2, .bit = 12, .name = "MQ" },
	{ .id = 2, .bit = 13, .name = "DISCARD" },
	{ .id = 2, .bit = 14, .name = "WRITE_ZEROES" },
	{ .id = 2, .bit = 15, .name = "LIFETIME" },
	{ .id = 2, .bit = 16, .name = "SECURE_ERASE" },
	{ .id = 2, .bit = 17, .name = "ZONED" },

	{ .id = 3, .bit = 0, .name = "SIZE" },
	{ .id = 3, .bit = 1, .name = "MULTIPORT" },
	{ .id = 3, .bit = 2, .name = "EMERG_WRITE" },

	{ .id = 5, .bit = 0, .name = "MUST_TELL_HOST" },
	{ .id = 5, .bit = 1, .name = "STATS_VQ" },
	{ .id = 5, .bit = 2, .name = "DEFLATE_ON_OOM" },
	{ .id = 5, .bit = 3, .name = "FREE_PAGE_HINT" },
	{ .id = 5, .bit = 4, .name = "PAGE_POISON" },
	{ .id = 5, .bit = 5, .name = "REPORTING" },

	{ .id = 7, .bit = 0, .name = "NS" },

	{ .id = 8, .bit = 0, .name = "INOUT" },
	{ .id = 8, .bit = 1, .name = "HOTPLUG" },
	{ .id = 8, .bit = 2, .name = "CHANGE" },
	{ .id = 8, .bit = 3, .name = "T10_PI" },

	{ .id = 9, .bit = 0, .name = "MOUNT_TAG" },

	{ .id = 16, .bit = 0, .name = "VIRGL" },
	{ .id = 16, .bit = 1, .name = "EDID" },
	{ .id = 16, .bit = 2, .name = "RESOURCE_UUID" },
	{ .id = 16, .bit = 3, .name = "RESOURCE_BLOB" },
	{ .id = 16, .bit = 4, .name = "CONTEXT_INIT" },

	{ .id = 17, .bit = 0, .name = "ALARM" },

	{ .id = 19, .bit = 0, .name = "STREAM" },
	{ .id = 19, .bit = 1, .name = "SEQPACKET" },
	{ .id = 19, .bit = 2, .name = "NO_IMPLIED_STREAM" },

	{ .id = 20, .bit = 0, .name = "REVISION_1" },
	{ .id = 20, .bit = 1, .name = "CIPHER_STATELESS_MODE" },
	{ .id = 20, .bit = 2, .name = "HASH_STATELESS_MODE" },
	{ .id = 20, .bit = 3, .name = "MAC_STATELESS_MODE" },
	{ .id = 20, .bit = 4, .name = "AEAD_STATELESS_MODE" },
	{ .id = 20, .bit = 5, .name = "AKCIPHER_STATELESS_MODE" },

	{ .id = 23, .bit = 0, .name = "INPUT_RANGE" },
	{ .id = 23, .bit = 1, .name = "DOMAIN_RANGE" },
	{ .id = 23, .bit = 2, .name = "MAP_UNMAP" },
	{ .id = 23, .bit = 3, .name = "BYPASS" },
	{ .id = 23, .bit = 4, .name = "PROBE" },
	{ .id = 23, .bit = 5, .name = "MMIO" },
	{ .id = 23, .bit = 6, .name = "BYPASS_CONFIG" },

	{ .id = 24, .bit = 0, .name = "ACPI_PXM" },
	{ .id = 24, .bit = 1, .name = "UNPLUGGED_INACCESSIBLE" },
	{ .id = 24, .bit = 2, .name = "PERSISTENT_SUSPEND" },

	{ .id = 25, .bit = 0, .name = "CTLS" },

	{ .id = 26, .bit = 0, .name = "NOTIFICATION" },

	{ .id = 27, .bit = 0, .name = "SHMEM_REGION" },

	{ .id = 32, .bit = 0, .name = "P2A_CHANNELS" },
	{ .id = 32, .bit = 1, .name = "SHARED_MEMORY" },

	{ .id = 34, .bit = 0, .name = "ZERO_LENGTH_REQUEST" },

	{ .id = 40, .bit = 0, .name = "VND_HCI" },
	{ .id = 40, .bit = 1, .name = "MSFT_EXT" },
	{ .id = 40, .bit = 2, .name = "AOSP_EXT" },
	{ .id = 40, .bit = 3, .name = "CONFIG_V2" },

	{ .id = 41, .bit = 0, .name = "IRQ" },

	{ .id = ANY_CLASS, .bit = 24, .name = "NOTIFY_ON_EMPTY" },
	{ .id = ANY_CLASS, .bit = 27, .name = "ANY_LAYOUT" },
	{ .id = ANY_CLASS, .bit = 28, .name = "RING_INDIRECT_DESC" },
	{ .id = ANY_CLASS, .bit = 29, .name = "RING_EVENT_IDX" },
	{ .id = ANY_CLASS, .bit = 32, .name = "VERSION_1" },
	{ .id = ANY_CLASS, .bit = 33, .name = "ACCESS_PLATFORM" },
	{ .id = ANY_CLASS, .bit = 34, .name = "RING_PACKED" },
	{ .id = ANY_CLASS, .bit = 35, .name = "IN_ORDER" },
	{ .id = ANY_CLASS, .bit = 36, .name = "ORDER_PLATFORM" },
	{ .id = ANY_CLASS, .bit = 37, .name = "SR_IOV" },
	{ .id = ANY_CLASS, .bit = 38, .name = "NOTIFICATION_DATA" },
	{ .id = ANY_CLASS, .bit = 39, .name = "NOTIF_CONFIG_DATA" },
	{ .id = ANY_CLASS, .bit = 40, .name = "RING_RESET" },
	{ .id = ANY_CLASS, .bit = 41, .name = "ADMIN_VQ" },
};

static const char *const backend_features[] = {
	[1] = "IOTLB_MSG_V2", [2] = "IOTLB_BATCH",   [3] = "IOTLB_ASID",
	[4] = "SUSPEND",      [5] = "RESUME",        [6] = "ENABLE_AFTER_DRIVER_OK",
	[7] = "DESC_ASID",    [8] = "IOTLB_PERSIST",
};

static const char *const status_bits[] = {
	[0] = "ACKNOWLEDGE", [1] = "DRIVER",      [2] = "DRIVER_OK",
	[3] = "FEATURES_OK", [6] = "NEEDS_RESET", [7] = "FAILED",
};

const char *virtio_class_name(uint32_t id)
{
	for (size_t i = 0; i < ARRAY_SIZE(classes); i++)
		if (classes[i].id == id)
			return classes[i].name;
	return NULL;
}

const char *virtio_feature_name(uint32_t id, unsigned int bit)
{
	for (size_t i = 0; i < ARRAY_SIZE(features); i++)
		if (features[i].bit == bit && (features[i].id == id || features[i].id == ANY_CLASS))
			return features[i].name;
	return NULL;
}

const char *vhost_backend_feature_name(unsigned int bit)
{
	return bit < ARRAY_SIZE(backend_features) ? backend_features[bit] : NULL;
}

const char *virtio_status_name(unsigned int bit)
{
	return bit < ARRAY_SIZE(status_bits) ? status_bits[bit] : NULL;
}
