/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vDPA devices over generic netlink: list, get, add, delete, set. */
#pragma once

#include "base/roots.h"
#include "vdpa/netlink.h"

enum {
	VDPA_NAME_MAX = 63,       /* characters of a name that we create */
	VDPA_NAME_LONGEST = 4095, /* bytes of a name that others may have created */
	VDPA_MTU_MIN = 68,
	VDPA_DEL_TIMEOUT_MS = 10000,
};

/* Names that others created may hold any byte but '/' and NUL: escape them. */
struct vdpa_dev {
	char *name;    /* owned; in a list, the list's */
	char *mgmtdev; /* handle, "BUS/NAME" or "NAME", behind the name; NULL if the kernel does not
			  say */
	uint64_t present;
	uint32_t id; /* virtio device id */
	uint32_t vendor_id;
	uint32_t max_vqs;
	uint16_t max_vq_size, min_vq_size;
};

struct vdpa_dev_names;

struct vdpa_dev_list {
	struct vdpa_dev *items; /* owned, in the kernel's order */
	size_t n;
	struct vdpa_dev_names *names; /* theirs, owned */
};

#define _vdpa_dev_      _cleanup_(vdpa_dev_clear)
#define _vdpa_dev_list_ _cleanup_(vdpa_dev_list_clear)

/* Fill `out` (uninitialised before); -ENODEV for an unknown name. */
int vdpa_dev_list(struct vdpa_nl *nl, struct vdpa_dev_list *out, struct err *e);
int vdpa_dev_get(struct vdpa_nl *nl, const char *name, struct vdpa_dev *out, struct err *e);

void vdpa_dev_clear(struct vdpa_dev *dev);
void vdpa_dev_list_clear(struct vdpa_dev_list *list);

/* [A-Za-z0-9][A-Za-z0-9_.-]{0,62}; -EINVAL naming the rule. The kernel itself checks nothing. */
int vdpa_dev_check_name(const char *name, struct err *e);

/* -EINVAL for a multicast or all-zero address. */
int vdpa_dev_check_mac(const uint8_t mac[6], struct err *e);

/* Zero-initialise; `set` says which optional parameters count, by bit 1 << enum vdpa_attr of
 * VDPA_ATTR_NET_MACADDR, VDPA_ATTR_NET_MTU, VDPA_ATTR_NET_MAX_VQP, VDPA_ATTR_DEV_FEATURES. */
struct vdpa_dev_params {
	const char *name;
	const char *mgmtdev; /* handle */
	uint64_t set;
	uint8_t mac[6];
	uint16_t mtu, max_vqp;
	uint64_t features;
};

static inline void vdpa_dev_param_set(struct vdpa_dev_params *p, enum vdpa_attr attr)
{
	p->set |= UINT64_C(1) << attr;
}

/*
 * Creates a device. Refused before the kernel sees it: a bad name, one that collides with a folder
 * of /sys/devices, a MAC that is no unicast address, a second device on a PCI management device
 * (the kernel would accept it and delete the wrong one later), features without VERSION_1 and
 * ACCESS_PLATFORM, a simulated disk for which memory is short. -EEXIST: the name is taken.
 */
int vdpa_dev_add(struct vdpa_nl *nl, const struct host_roots *roots,
		 const struct vdpa_dev_params *params, struct err *e);

struct vdpa_sysfs_dev;

/* Driver and node of a device, "" for none and for one that is gone: with one system call for those
 * that were made one after the other. Of VDPA_DRIVER_MAX and VDPA_NODE_MAX bytes. */
int vdpa_dev_place(struct vdpa_nl *nl, const struct host_roots *roots, const char *name,
		   char *driver, char *node, struct err *e);

/* Whether a device could be deleted now: -EBUSY, naming who holds it, or -ENODEV. Fills name, path,
 * driver, node and rdev of `dev`. */
int vdpa_dev_check_free(struct vdpa_nl *nl, const struct host_roots *roots, const char *name,
			struct vdpa_sysfs_dev *dev, struct err *e);

/*
 * Deletes a device without ever hanging the caller. -EBUSY, naming who holds it, when its node is
 * open: the kernel would wait for that process for ever with all of generic netlink locked. The
 * request itself runs in a child; if it does not end within `timeout_ms` the child is left behind
 * (it cannot be killed), the session is out of use (fd -1) and -ETIMEDOUT says what to do. -ENODEV:
 * no such device. As the node is opened to try it, only root can delete.
 */
int vdpa_dev_del(struct vdpa_nl *nl, const struct host_roots *roots, const char *name,
		 unsigned int timeout_ms, struct err *e);

/* Sets the MAC address of a network device; -EOPNOTSUPP for other classes, which the kernel would
 * "succeed" on. */
int vdpa_dev_set_mac(struct vdpa_nl *nl, const char *name, const uint8_t mac[6], struct err *e);
