/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys of a host file, with what may stand in each. */
#include "apply/host_file.h"

#include "base/parse.h"
#include "owner.h"
#include "vdpa/dev.h"
#include "vdpa/sysfs.h"

#include <errno.h>
#include <string.h>

static int check_any(const char *value, struct err *e)
{
	return *value ? 0 : err_set(e, -EINVAL, "an empty value");
}

static int check_mac(const char *value, struct err *e)
{
	uint8_t mac[6];

	return parse_mac(value, mac, e);
}

static int check_mtu(const char *value, struct err *e)
{
	uint64_t v;

	return parse_uint(value, VDPA_MTU_MIN, UINT16_MAX, &v, e);
}

static int check_pairs(const char *value, struct err *e)
{
	uint64_t v;

	return parse_uint(value, 1, 32768, &v, e);
}

static int check_driver(const char *value, struct err *e)
{
	if (!strcmp(value, VDPA_DRIVER_VHOST) || !strcmp(value, VDPA_DRIVER_VIRTIO) ||
	    !strcmp(value, "none"))
		return 0;
	return err_set(e, -EINVAL,
		       "'%s' is none of " VDPA_DRIVER_VHOST ", " VDPA_DRIVER_VIRTIO ", none",
		       value);
}

static int check_owner(const char *value, struct err *e)
{
	uid_t uid;
	gid_t gid;

	return owner_parse(value, &uid, &gid, e);
}

static int check_mode(const char *value, struct err *e)
{
	mode_t mode;

	return mode_parse(value, &mode, e);
}

static int check_count(const char *value, struct err *e)
{
	uint64_t v;

	return parse_uint(value, 0, UINT32_MAX, &v, e);
}

static int check_limit(const char *value, struct err *e)
{
	uint64_t v;

	return strcmp(value, "unlimited") != 0 ? parse_size(value, &v, e) : 0;
}

const struct host_key host_keys[] = {
	{ HOST_HUGEPAGES, "pages", "pages that the pool has", check_count },
	{ HOST_HUGEPAGES, "node", "NUMA node of the pool; the whole host where absent",
	  check_count },
	{ HOST_MEMLOCK, "limit", "memory that the user may lock, or unlimited", check_limit },
	{ HOST_PROFILE, "source", "file that the profile is a copy of", check_any },
	{ HOST_DEVICE, "mgmtdev", "management device that it is created on", check_any },
	{ HOST_DEVICE, "mac", "address of a network device", check_mac },
	{ HOST_DEVICE, "mtu", "largest frame of a network device", check_mtu },
	{ HOST_DEVICE, "max_vqp", "pairs of data queues of a network device", check_pairs },
	{ HOST_DEVICE, "driver", "vhost_vdpa, virtio_vdpa or none", check_driver },
	{ HOST_DEVICE, "owner", "USER, USER:GROUP or :GROUP of the node", check_owner },
	{ HOST_DEVICE, "mode", "permissions of the node", check_mode },
};
const size_t host_keys_n = ARRAY_SIZE(host_keys);
