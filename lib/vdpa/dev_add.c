/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Creating a vDPA device, with the checks that the kernel does not make. */
#include "vdpa/dev.h"

#include "base/file.h"
#include "base/parse.h"
#include "host/host_lock.h"
#include "host/modules.h"
#include "vdpa/nl_handle.h"
#include "vdpa/sysfs.h"
#include "vdpa/virtio_names.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

enum {
	SIM_BLK_MIB = 128, /* capacity of a simulated disk, all of it kernel memory */
	SIM_BLK_SPARE_MIB = 64,
};

/*
 * A simulator's device hangs directly below /sys/devices, where other folders are, and the kernel
 * notices too late. That another device has the name the kernel sees by itself.
 */
static int check_collision(const struct host_roots *at, const char *name, struct err *e)
{
	char path[PATH_MAX], device[PATH_MAX];

	snprintf(path, sizeof(path), "%s/devices/%s", at->sys, name);
	if (access(path, F_OK) < 0)
		return 0;
	snprintf(device, sizeof(device), "%s/bus/vdpa/devices/%s", at->sys, name);
	if (access(device, F_OK) < 0)
		return err_set(e, -EEXIST, "%s: the kernel uses that name already ('%s')", name,
			       path);
	err_set(e, -EEXIST, "%s: a device of that name exists", name);
	err_hint(e, "see 'vdpactl dev show %s'", name);
	return -EEXIST;
}

static uint64_t mem_available_mib(const struct host_roots *at)
{
	char path[PATH_MAX];
	uint64_t bytes;

	snprintf(path, sizeof(path), "%s/meminfo", at->proc);
	return file_read_kib(path, "MemAvailable", &bytes) ? bytes >> 20 : UINT64_MAX;
}

/* The kernel takes the memory at once and would rather kill processes than refuse. */
static int check_sim_blk_memory(const struct host_roots *at, const char *name, struct err *e)
{
	char path[PATH_MAX], word[8];
	uint64_t mib;

	snprintf(path, sizeof(path), "%s/module/vdpa_sim_blk/parameters/shared_backend", at->sys);
	if (file_read_line(path, word, sizeof(word), NULL) == 0 && word[0] == 'Y')
		return 0;
	mib = mem_available_mib(at);
	if (mib >= SIM_BLK_MIB + SIM_BLK_SPARE_MIB)
		return 0;
	err_set(e, -ENOMEM,
		"%s: a simulated disk takes %d MiB of kernel memory, %llu MiB are available", name,
		SIM_BLK_MIB, (unsigned long long)mib);
	err_hint(e, "free memory or delete devices; with the parameter shared_backend=1 of "
		    "vdpa_sim_blk all disks share one");
	return -ENOMEM;
}

/* Such a driver accepts a second device and later deletes the wrong one. */
static int check_pci_free(struct vdpa_nl *nl, const struct vdpa_dev_params *p, struct err *e)
{
	_vdpa_dev_list_ struct vdpa_dev_list list = { 0 };
	int r = vdpa_dev_list(nl, &list, e);

	for (size_t i = 0; !r && i < list.n; i++) {
		if (!list.items[i].mgmtdev || strcmp(list.items[i].mgmtdev, p->mgmtdev) != 0)
			continue;
		err_set(e, -EBUSY, "%s: management device '%s' has the device '%s' already",
			p->name, p->mgmtdev, list.items[i].name);
		err_hint(e, "delete that one first: 'vdpactl dev del %s'", list.items[i].name);
		r = -EBUSY;
	}
	return r;
}

static int check_features(const struct vdpa_dev_params *p, struct err *e)
{
	const uint64_t must =
		UINT64_C(1) << VIRTIO_F_VERSION_1 | UINT64_C(1) << VIRTIO_F_ACCESS_PLATFORM;

	if (!vdpa_has(p->set, VDPA_ATTR_DEV_FEATURES) || (p->features & must) == must)
		return 0;
	err_set(e, -EINVAL,
		"%s: features 0x%llx lack VERSION_1 or ACCESS_PLATFORM (bits 32 and 33)", p->name,
		(unsigned long long)p->features);
	err_hint(e, "no VM could use the device without them: add 0x300000000");
	return -EINVAL;
}

static int check_params(const struct vdpa_dev_params *p, struct err *e)
{
	int r = vdpa_dev_check_name(p->name, e);

	if (!r && vdpa_has(p->set, VDPA_ATTR_NET_MACADDR))
		r = vdpa_dev_check_mac(p->mac, e);
	if (!r && vdpa_has(p->set, VDPA_ATTR_NET_MTU) && p->mtu < VDPA_MTU_MIN)
		r = err_set(e, -ERANGE, "mtu '%u' is out of range (%d to 65535)", p->mtu,
			    VDPA_MTU_MIN);
	if (!r && vdpa_has(p->set, VDPA_ATTR_NET_MAX_VQP) && !p->max_vqp)
		r = err_set(e, -ERANGE, "max_vqp '0' is out of range (1 to 65535)");
	return r ? r : check_features(p, e);
}

/* The kernel names the parameters that were too many by the bits of their attributes. */
static int explain_mask(const struct vdpa_dev_params *p, struct err *e)
{
	static const struct {
		enum vdpa_attr attr;
		const char *name;
	} words[] = {
		{ .attr = VDPA_ATTR_NET_MACADDR, .name = "mac" },
		{ .attr = VDPA_ATTR_NET_MTU, .name = "mtu" },
		{ .attr = VDPA_ATTR_NET_MAX_VQP, .name = "max_vqp" },
		{ .attr = VDPA_ATTR_DEV_FEATURES, .name = "features" },
	};
	const char *hex = e ? strstr(e->text, "supported: 0x") : NULL;
	char word[20], list[64] = "";
	uint64_t mask;
	size_t n = 0;

	if (!hex)
		return -EOPNOTSUPP;
	hex += strlen("supported: ");
	snprintf(word, sizeof(word), "%.*s", (int)strcspn(hex, ")"), hex);
	if (parse_uint_or_hex(word, 0, UINT64_MAX, &mask, NULL))
		return -EOPNOTSUPP;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (vdpa_has(mask, words[i].attr))
			n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s", n ? ", " : "",
					      words[i].name);
	err_set(e, -EOPNOTSUPP, "%s: management device '%s' does not take %s", p->name, p->mgmtdev,
		n ? list : "these parameters");
	err_hint(e, "leave it out");
	return -EOPNOTSUPP;
}

static void hint_module(const char *mgmtdev, struct err *e)
{
	for (size_t i = 0; i < module_rows_n; i++)
		if (module_rows[i].mgmtdev && strcmp(module_rows[i].mgmtdev, mgmtdev) == 0) {
			err_hint(e, "its module is not loaded: 'vdpactl module load %s'",
				 module_rows[i].name);
			return;
		}
	err_hint(e, "'vdpactl mgmtdev show' lists them; 'vdpactl module load' brings more");
}

/* What the kernel could not say for itself. */
static int explain(const struct vdpa_dev_params *p, int r, struct err *e)
{
	if (r == -EINVAL && strcmp(p->mgmtdev, "vduse") == 0) {
		err_set(e, r, "%s: no VDUSE device of that name is ready", p->name);
		err_hint(e, "start its daemon first; the vDPA device must have the name that the "
			    "daemon gave its VDUSE device");
	} else if (r == -ENODEV) {
		err_set(e, r, "%s: no management device '%s'", p->name, p->mgmtdev);
		hint_module(p->mgmtdev, e);
	} else if (r == -EOPNOTSUPP) {
		explain_mask(p, e);
	}
	return r;
}

int vdpa_dev_add(struct vdpa_nl *nl, const struct host_roots *roots,
		 const struct vdpa_dev_params *p, struct err *e)
{
	const struct host_roots *at = host_roots_or_default(roots);
	struct nl_handle h;
	struct vdpa_nl_attr attrs[7];
	struct vdpa_nl_request req = { .cmd = VDPA_CMD_DEV_NEW, .what = p->name, .attrs = attrs };
	const struct vdpa_nl_attr optional[] = {
		{ .type = VDPA_ATTR_NET_MACADDR, .len = sizeof(p->mac), .data = p->mac },
		{ .type = VDPA_ATTR_NET_MTU, .len = sizeof(p->mtu), .data = &p->mtu },
		{ .type = VDPA_ATTR_NET_MAX_VQP, .len = sizeof(p->max_vqp), .data = &p->max_vqp },
		{ .type = VDPA_ATTR_DEV_FEATURES,
		  .len = sizeof(p->features),
		  .data = &p->features },
	};
	_close_ int lock = -1;
	int r = check_params(p, e);

	if (!r)
		r = nl_handle_split(&h, p->mgmtdev, e);
	if (!r)
		r = check_collision(at, p->name, e);
	/* None other is made there between the look and the making. */
	if (!r && strcmp(h.bus, "pci") == 0) {
		r = host_lock(at, &lock, e);
		if (!r)
			r = check_pci_free(nl, p, e);
	}
	if (!r && strcmp(p->mgmtdev, "vdpasim_blk") == 0)
		r = check_sim_blk_memory(at, p->name, e);
	if (r)
		return r;
	attrs[req.n_attrs++] = nl_string(VDPA_ATTR_DEV_NAME, p->name);
	req.n_attrs += nl_handle_attrs(&h, attrs + 1);
	for (size_t i = 0; i < ARRAY_SIZE(optional); i++)
		if (vdpa_has(p->set, optional[i].type))
			attrs[req.n_attrs++] = optional[i];
	r = vdpa_nl_request(nl, &req, e);
	return r ? explain(p, r, e) : 0;
}

/* Not where the next one is expected, or gone, which may be at any moment. */
static int look_for(struct vdpa_nl *nl, const struct host_roots *roots, const char *name,
		    struct vdpa_sysfs_dev *dev, struct err *e)
{
	struct err why = { 0 };
	int r = vdpa_next_look(&nl->next, roots, name, dev, &why);

	if (r && r != -ENODEV)
		return err_pass(e, &why);
	if (r)
		dev->driver[0] = dev->node[0] = '\0';
	return 0;
}

int vdpa_dev_place(struct vdpa_nl *nl, const struct host_roots *roots, const char *name,
		   char *driver, char *node, struct err *e)
{
	struct vdpa_sysfs_dev dev;
	int r = 0;

	if (!vdpa_next_find(&nl->next, roots, name, &dev))
		r = look_for(nl, roots, name, &dev, e);
	if (r)
		return r;
	memcpy(driver, dev.driver, sizeof(dev.driver));
	memcpy(node, dev.node, sizeof(dev.node));
	return 0;
}
