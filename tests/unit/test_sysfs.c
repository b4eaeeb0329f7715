/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vDPA devices in a sysfs that a test has made. */
#include "unit.h"

#include "fake_tree.h"
#include "vdpa/holder.h"
#include "vdpa/mgmtdev.h"
#include "vdpa/sysfs.h"
#include "vdpa/sysfs_next.h"
#include "vdpa/sysfs_nodes.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/sysmacros.h>

/*
 * Two devices of the simulator, one of VDUSE and one of PCI hardware. The first is bound to
 * vhost_vdpa; /dev/null plays its node, since tests may not make device files.
 */
static int setup(void **state)
{
	struct fake_tree *t = calloc(1, sizeof(*t));

	fake_tree_make(t);
	fake_tree_file(t, "sys/devices/b0/vhost-vdpa-0/dev", "1:3\n");
	fake_tree_file(t, "sys/devices/n0/uevent", "");
	fake_tree_file(t, "sys/devices/virtual/vduse/d0/d0/uevent", "");
	fake_tree_file(t, "sys/devices/pci0000:00/0000:00:03.0/h0/uevent", "");
	fake_tree_link(t, "sys/bus/vdpa/devices/b0", "../../../devices/b0");
	fake_tree_link(t, "sys/bus/vdpa/devices/n0", "../../../devices/n0");
	fake_tree_link(t, "sys/bus/vdpa/devices/d0", "../../../devices/virtual/vduse/d0/d0");
	fake_tree_link(t, "sys/bus/vdpa/devices/h0", "../../../devices/pci0000:00/0000:00:03.0/h0");
	fake_tree_link(t, "sys/devices/b0/driver", "../../bus/vdpa/drivers/vhost_vdpa");
	fake_tree_link(t, "sys/devices/n0/driver", "../../bus/vdpa/drivers/virtio_vdpa");
	fake_tree_link(t, "sys/bus/vdpa/drivers/vhost_vdpa/b0", "../../../../devices/b0");
	fake_tree_link(t, "sys/bus/vdpa/drivers/vhost_vdpa/module",
		       "../../../../module/vhost_vdpa");
	fake_tree_link(t, "sys/bus/vdpa/drivers/virtio_vdpa/n0", "../../../../devices/n0");
	fake_tree_link(t, "sys/dev/char/1:3", "../../devices/b0/vhost-vdpa-0");
	fake_tree_link(t, "dev/vhost-vdpa-0", "/dev/null");
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	fake_tree_remove(*state);
	free(*state);
	return 0;
}

static void name_to_node(void **state)
{
	struct fake_tree *t = *state;
	struct vdpa_sysfs_dev dev;
	char node[VDPA_NODE_MAX], want[128];

	assert_int_equal(vdpa_sysfs_get(&t->roots, "b0", &dev, NULL), 0);
	assert_string_equal(dev.driver, "vhost_vdpa");
	snprintf(want, sizeof(want), "%s/vhost-vdpa-0", t->dev);
	assert_string_equal(dev.node, want);
	assert_true(dev.node_exists);
	assert_int_equal(vdpa_sysfs_node(&t->roots, "b0", node, NULL), 0);
	assert_string_equal(node, want);
}

/* What lies at the node's place must be the very device. */
static void node_of_another_device(void **state)
{
	struct fake_tree *t = *state;
	struct vdpa_sysfs_dev dev;

	fake_tree_file(t, "sys/devices/b0/vhost-vdpa-0/dev", "245:0\n");
	assert_int_equal(vdpa_sysfs_get(&t->roots, "b0", &dev, NULL), 0);
	assert_false(dev.node_exists);
}

static void damaged_number(void **state)
{
	struct fake_tree *t = *state;
	struct vdpa_sysfs_dev dev;

	fake_tree_file(t, "sys/devices/b0/vhost-vdpa-0/dev", "245\n");
	assert_int_equal(vdpa_sysfs_get(&t->roots, "b0", &dev, NULL), 0);
	assert_string_equal(dev.node, "");
	fake_tree_file(t, "sys/devices/b0/vhost-vdpa-0/dev", "245:99999999999\n");
	assert_int_equal(vdpa_sysfs_get(&t->roots, "b0", &dev, NULL), 0);
	assert_string_equal(dev.node, "");
}

static void no_node_says_why(void **state)
{
	struct fake_tree *t = *state;
	char node[VDPA_NODE_MAX];
	struct err e = { 0 };

	assert_int_equal(vdpa_sysfs_node(&t->roots, "n0", node, &e), -ENXIO);
	assert_non_null(strstr(e.text, "virtio_vdpa"));
	assert_non_null(strstr(e.hint, "dev bind n0"));
	assert_int_equal(vdpa_sysfs_node(&t->roots, "d0", node, &e), -ENXIO);
	assert_non_null(strstr(e.text, "no driver"));
	assert_int_equal(vdpa_sysfs_node(&t->roots, "zz", node, &e), -ENODEV);
}

/* With no descriptor left, the device is not taken for one without a node. */
static void what_cannot_be_told(void **state)
{
	struct fake_tree *t = *state;
	struct vdpa_sysfs_list list;
	struct vdpa_sysfs_dev dev;
	struct err e = { 0 };
	struct rlimit before, none;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = (struct rlimit){ .rlim_cur = 0, .rlim_max = before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(vdpa_sysfs_get(&t->roots, "b0", &dev, &e), -EMFILE);
	assert_non_null(strstr(e.text, "'b0'"));
	assert_int_equal(vdpa_sysfs_get(&t->roots, "d0", &dev, NULL), 0);
	assert_int_equal(vdpa_sysfs_list(&t->roots, &list, NULL), -EMFILE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

static void names_that_are_paths(void **state)
{
	static const char *const names[] = {
		"", ".", "..", "../../devices/b0", "b0/", "b0/uevent"
	};
	struct fake_tree *t = *state;
	struct vdpa_sysfs_dev dev;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(vdpa_sysfs_get(&t->roots, names[i], &dev, NULL), -ENODEV);
}

/* A link that leads out of /sys/devices is not followed. */
static void link_that_leads_astray(void **state)
{
	struct fake_tree *t = *state;
	struct vdpa_sysfs_dev dev;

	fake_tree_link(t, "sys/bus/vdpa/devices/evil", "../../../devices/b0/../../../etc");
	fake_tree_link(t, "sys/bus/vdpa/devices/away", "/etc");
	assert_int_equal(vdpa_sysfs_get(&t->roots, "evil", &dev, NULL), -ENODEV);
	assert_int_equal(vdpa_sysfs_get(&t->roots, "away", &dev, NULL), -ENODEV);
}

static void node_to_name(void **state)
{
	struct fake_tree *t = *state;
	struct vdpa_sysfs_dev dev;
	char node[128];

	snprintf(node, sizeof(node), "%s/vhost-vdpa-0", t->dev);
	assert_int_equal(vdpa_sysfs_by_node(&t->roots, node, &dev, NULL), 0);
	assert_string_equal(dev.name, "b0");
	assert_int_equal(vdpa_sysfs_by_node(&t->roots, "/dev/zero", &dev, NULL), -ENODEV);
	assert_int_equal(vdpa_sysfs_by_node(&t->roots, t->top, &dev, NULL), -ENODEV);
	assert_int_equal(vdpa_sysfs_by_node(&t->roots, "/nowhere", &dev, NULL), -ENOENT);
}

static void list_is_sorted(void **state)
{
	struct fake_tree *t = *state;
	_vdpa_sysfs_list_ struct vdpa_sysfs_list list = { 0 };

	assert_int_equal(vdpa_sysfs_list(&t->roots, &list, NULL), 0);
	assert_int_equal(list.n, 4);
	assert_string_equal(list.items[0].name, "b0");
	assert_string_equal(list.items[3].name, "n0");
}

static void no_module_no_devices(void **state)
{
	struct fake_tree *t = *state;
	_vdpa_sysfs_list_ struct vdpa_sysfs_list list = { 0 };
	struct host_roots roots = t->roots;

	roots.sys = t->modules;
	assert_int_equal(vdpa_sysfs_list(&roots, &list, NULL), 0);
	assert_int_equal(list.n, 0);
}

static void memory_kinds(void **state)
{
	struct fake_tree *t = *state;
	struct vdpa_sysfs_dev dev;

	assert_int_equal(vdpa_sysfs_get(&t->roots, "d0", &dev, NULL), 0);
	assert_int_equal(vdpa_sysfs_memory_kind(&t->roots, &dev), VDPA_MEMORY_VA);
	assert_int_equal(vdpa_sysfs_get(&t->roots, "h0", &dev, NULL), 0);
	assert_int_equal(vdpa_sysfs_memory_kind(&t->roots, &dev), VDPA_MEMORY_PINNED);
	assert_int_equal(vdpa_sysfs_get(&t->roots, "b0", &dev, NULL), 0);
	fake_tree_file(t, "sys/module/vdpa_sim/parameters/use_va", "Y\n");
	assert_int_equal(vdpa_sysfs_memory_kind(&t->roots, &dev), VDPA_MEMORY_VA);
	fake_tree_file(t, "sys/module/vdpa_sim/parameters/use_va", "N\n");
	assert_int_equal(vdpa_sysfs_memory_kind(&t->roots, &dev), VDPA_MEMORY_PINNED);
}

static void what_devices_are_created_with(void **state)
{
	static const struct {
		const char *handle;
		bool mac, mtu;
	} rows[] = {
		{ "vdpasim_net", true, true },       { "vdpasim_blk", false, false },
		{ "vduse", false, false },           { "pci/0000:00:03.0", false, false },
		{ "pci/0000:00:04.0", true, true },  { "auxiliary/mlx5_core.sf.1", true, true },
		{ "pci/0000:00:05.0", true, false }, { "pci/0000:00:06.0", false, false },
	};
	struct fake_tree *t = *state;

	fake_tree_link(t, "sys/bus/pci/devices/0000:00:03.0/driver", "../../drivers/vp-vdpa");
	fake_tree_link(t, "sys/bus/pci/devices/0000:00:04.0/driver", "../../drivers/mlx5_core");
	fake_tree_link(t, "sys/bus/pci/devices/0000:00:05.0/driver", "../../drivers/pds_core");
	fake_tree_link(t, "sys/bus/auxiliary/devices/mlx5_core.sf.1/driver",
		       "../../drivers/mlx5_core.sf");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(
			vdpa_mgmtdev_takes(&t->roots, rows[i].handle, VDPA_ATTR_NET_MACADDR),
			rows[i].mac);
		assert_int_equal(vdpa_mgmtdev_takes(&t->roots, rows[i].handle, VDPA_ATTR_NET_MTU),
				 rows[i].mtu);
	}
}

/* Is the device found, whose folder is this of /sys/devices? */
static void expect_next(struct vdpa_next *next, const struct fake_tree *t, const char *folder,
			unsigned int node)
{
	const char *slash = strrchr(folder, '/'), *name = slash ? slash + 1 : folder;
	struct vdpa_sysfs_dev dev;
	char want[128];

	assert_true(vdpa_next_find(next, &t->roots, name, &dev));
	assert_string_equal(dev.name, name);
	assert_string_equal(dev.driver, "vhost_vdpa");
	snprintf(want, sizeof(want), "%s/vhost-vdpa-%u", t->dev, node);
	assert_string_equal(dev.node, want);
	snprintf(want, sizeof(want), "%s/devices/%s", t->sys, folder);
	assert_string_equal(dev.path, want);
	assert_int_equal(dev.rdev, next->number ? makedev(245, node) : 0);
}

/* Beside the first, devices are found without a link to them: in their order, in any other, behind
 * a hole. */
static void one_after_the_other(void **state)
{
	static const char *const none[] = { "b7", "zz", "", ".", "..", "../devices/b2" };
	struct fake_tree *t = *state;
	_vdpa_next_ struct vdpa_next next = { 0 };
	struct vdpa_sysfs_dev dev;

	fake_tree_file(t, "sys/devices/b0/vhost-vdpa-0/dev", "245:0\n");
	fake_tree_file(t, "sys/devices/b9/vhost-vdpa-1/dev", "245:1\n");
	fake_tree_file(t, "sys/devices/b2/vhost-vdpa-2/dev", "245:2\n");
	fake_tree_file(t, "sys/devices/b5/vhost-vdpa-7/dev", "245:7\n");
	fake_tree_file(t, "sys/devices/b6/vhost-vdpa-8/dev", "245:8\n");
	fake_tree_file(t, "sys/devices/b7/other-9/dev", "245:9\n");
	expect_next(&next, t, "b0", 0);
	expect_next(&next, t, "b9", 1);
	assert_int_equal(vdpa_next_look(&next, &t->roots, "b0", &dev, NULL), 0);
	assert_int_equal(next.number, 245);
	expect_next(&next, t, "b9", 1);
	expect_next(&next, t, "b2", 2);
	expect_next(&next, t, "b5", 7);
	expect_next(&next, t, "b6", 8);
	expect_next(&next, t, "b9", 1);
	for (size_t i = 0; i < ARRAY_SIZE(none); i++)
		assert_false(vdpa_next_find(&next, &t->roots, none[i], &dev));
	expect_next(&next, t, "b2", 2);
}

/* What is elsewhere, or has another driver, or none, is not found; one that was looked for shows
 * where others are. */
static void one_elsewhere(void **state)
{
	static const char *const others[] = { "n0", "d0", "h0" };
	struct fake_tree *t = *state;
	_vdpa_next_ struct vdpa_next next = { 0 };
	struct vdpa_sysfs_dev dev;

	fake_tree_file(t, "sys/devices/b0/vhost-vdpa-0/dev", "245:0\n");
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		assert_false(vdpa_next_find(&next, &t->roots, others[i], &dev));
		assert_int_equal(vdpa_next_look(&next, &t->roots, others[i], &dev, NULL), 0);
		assert_string_equal(dev.node, "");
	}
	assert_int_equal(vdpa_next_look(&next, &t->roots, "zz", &dev, NULL), -ENODEV);
	expect_next(&next, t, "b0", 0);
	fake_tree_file(t, "sys/devices/pci0000:00/0000:00:03.0/h0/vhost-vdpa-1/dev", "245:1\n");
	fake_tree_link(t, "sys/devices/pci0000:00/0000:00:03.0/h0/driver",
		       "../../../../bus/vdpa/drivers/vhost_vdpa");
	fake_tree_file(t, "sys/devices/pci0000:00/0000:00:03.0/h1/vhost-vdpa-2/dev", "245:2\n");
	assert_int_equal(vdpa_next_look(&next, &t->roots, "h0", &dev, NULL), 0);
	assert_string_equal(dev.node + strlen(t->dev), "/vhost-vdpa-1");
	expect_next(&next, t, "pci0000:00/0000:00:03.0/h1", 2);
	assert_false(vdpa_next_find(&next, &t->roots, "b0", &dev));
}

/* Inode numbers of devices and of nodes, as they are listed, and whose is whose. */
struct pairing {
	uint64_t devices[4], nodes[4];
	size_t n, n_nodes;
	size_t device_of[4]; /* of the n-th pair in the order of binding */
	size_t node_of[4];
	bool told;
};

static void fill_links(struct vdpa_links *links, const uint64_t *inos, size_t n)
{
	links->items = calloc(4, sizeof(*links->items));
	assert_non_null(links->items);
	links->n = n;
	for (size_t i = 0; i < n; i++)
		links->items[i] = (struct vdpa_link){ .ino = inos[i], .name = i };
}

static void nodes_are_paired(void **state)
{
	static const struct pairing rows[] = {
		{ { 10 }, { 11 }, 1, 1, { 0 }, { 0 }, true },
		/* listed in any order, and bound in any */
		{ { 50, 10, 30 }, { 45, 60, 20 }, 3, 3, { 1, 2, 0 }, { 2, 0, 1 }, true },
		/* with all bits */
		{ { UINT64_MAX - 1, 7, 1ULL << 40 },
		  { 8, UINT64_MAX, (1ULL << 40) + 1 },
		  3,
		  3,
		  { 1, 2, 0 },
		  { 0, 2, 1 },
		  true },
		/* two bound at the same time: either node could be either's */
		{ { 10, 11 }, { 12, 13 }, 2, 2, { 0 }, { 0 }, false },
		/* a node whose device is gone, beside a device whose node is not there yet */
		{ { 30 }, { 20 }, 1, 1, { 0 }, { 0 }, false },
		{ { 10, 40 }, { 11, 20 }, 2, 2, { 0 }, { 0 }, false },
		{ { 10, 30 }, { 11 }, 2, 1, { 0 }, { 0 }, false },
		{ { 10 }, { 11, 20 }, 1, 2, { 0 }, { 0 }, false },
		{ { 10, 10 }, { 10, 10 }, 2, 2, { 0 }, { 0 }, false },
		{ { 0 }, { 0 }, 0, 0, { 0 }, { 0 }, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vdpa_nodes all = { 0 };

		fill_links(&all.devices, rows[i].devices, rows[i].n);
		fill_links(&all.nodes, rows[i].nodes, rows[i].n_nodes);
		assert_int_equal(vdpa_nodes_pair(&all.devices, &all.nodes), rows[i].told);
		for (size_t j = 0; rows[i].told && j < rows[i].n; j++) {
			assert_int_equal(all.devices.items[j].name, rows[i].device_of[j]);
			assert_int_equal(all.nodes.items[j].name, rows[i].node_of[j]);
		}
		vdpa_nodes_clear(&all);
	}
}

static void nodes_are_found_by_name(void **state)
{
	static const char names[] = "b0\0b1\0b2\0"
				    "12\0"
				    "0\0"
				    "7";
	static const size_t at[] = { 0, 3, 6, 9, 12, 14 };
	static const struct {
		const char *device, *node;
	} asks[] = {
		{ "b0", "12" }, { "b1", "0" }, { "b2", "7" },  { "b0", "12" },
		{ "b2", "7" },  { "b1", "0" }, { "b3", NULL }, { "b1", "0" },
	};
	struct fake_tree *t = *state;
	struct vdpa_nodes all = { 0 };
	char path[VDPA_NODE_MAX], want[128];

	assert_null(vdpa_nodes_find(&all, "b0"));
	fill_links(&all.devices, (uint64_t[]){ 1, 3, 5 }, 3);
	fill_links(&all.nodes, (uint64_t[]){ 2, 4, 6 }, 3);
	strbuf_append(&all.names, names, sizeof(names));
	for (size_t i = 0; i < 3; i++) {
		all.devices.items[i].name = at[i];
		all.nodes.items[i].name = at[3 + i];
	}
	for (size_t i = 0; i < ARRAY_SIZE(asks); i++) {
		const char *node = vdpa_nodes_find(&all, asks[i].device);

		if (!asks[i].node)
			assert_null(node);
		else
			assert_string_equal(node, asks[i].node);
	}
	vdpa_nodes_clear(&all);
	assert_true(vdpa_sysfs_node_path(&t->roots, "12", path));
	snprintf(want, sizeof(want), "%s/vhost-vdpa-12", t->dev);
	assert_string_equal(path, want);
	assert_false(vdpa_sysfs_node_path(
		&t->roots, "1234567890123456789012345678901234567890123456789012345", path));
}

/* What is listed in a folder that is no sysfs says nothing, or is not there. */
static void nodes_that_cannot_be_told(void **state)
{
	struct fake_tree *t = *state;
	struct vdpa_nodes all;

	vdpa_nodes_read(&t->roots, 245, &all);
	assert_null(vdpa_nodes_find(&all, "b0"));
	vdpa_nodes_clear(&all);
}

static void bind_writes_in_order(void **state)
{
	struct fake_tree *t = *state;
	_free_ char *override = NULL;
	_free_ char *probe = NULL;
	struct err e = { 0 };

	fake_tree_file(t, "sys/devices/virtual/vduse/d0/d0/driver_override", "");
	fake_tree_file(t, "sys/bus/vdpa/drivers_probe", "");
	/* Nobody acts on the files here, so that the device stays unbound, which is noticed. */
	assert_int_equal(vdpa_sysfs_bind(&t->roots, "d0", "vhost_vdpa", &e), -ENODEV);
	override = fake_tree_read(t, "sys/devices/virtual/vduse/d0/d0/driver_override");
	probe = fake_tree_read(t, "sys/bus/vdpa/drivers_probe");
	assert_string_equal(probe, "d0");
	/* What failed is put back. */
	assert_int_equal(override[0], '\n');
	/* Bound there already: nothing to do. */
	assert_int_equal(vdpa_sysfs_bind(&t->roots, "b0", "vhost_vdpa", NULL), 0);
	assert_int_equal(vdpa_sysfs_bind(&t->roots, "b0", "vhost-vdpa", NULL), -ENOENT);
	assert_int_equal(vdpa_sysfs_bind(&t->roots, "b0", "../x", NULL), -EINVAL);
}

static void holders(void **state)
{
	struct fake_tree *t = *state;
	_holder_list_ struct holder_list list = { 0 }, all = { 0 };
	char text[128];

	fake_tree_link(t, "proc/123/fd/0", "/dev/null");
	fake_tree_link(t, "proc/123/fd/7", "/dev/zero");
	fake_tree_file(t, "proc/123/comm", "vdpa-vmm\n");
	fake_tree_link(t, "proc/124/fd/0", "/dev/zero");
	fake_tree_link(t, "proc/self/fd/0", "/dev/null");
	assert_int_equal(holder_find(&t->roots, 0x103, &list, NULL), 0);
	assert_int_equal(list.n, 1);
	assert_int_equal(list.items[0].pid, 123);
	assert_string_equal(list.items[0].comm, "vdpa-vmm");
	holder_describe(&list, text, sizeof(text));
	assert_string_equal(text, "PID 123 (vdpa-vmm)");
	holder_list_clear(&list);
	holder_describe(&list, text, sizeof(text));
	assert_string_equal(text, "another process");
	/* /dev/null and /dev/zero have the same major number, /dev/tty another. */
	fake_tree_link(t, "proc/124/fd/1", "/dev/zero");
	fake_tree_link(t, "proc/124/fd/2", "/dev/tty");
	assert_int_equal(holder_find_all(&t->roots, 1, &all, NULL), 0);
	assert_int_equal(all.n, 3);
	assert_int_equal(holder_select(&all, makedev(1, 5), &list, NULL), 0);
	assert_int_equal(list.n, 2);
	assert_int_equal(list.items[0].pid + list.items[1].pid, 123 + 124);
}

#define SYSFS_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SYSFS_TEST(name_to_node),
		SYSFS_TEST(node_of_another_device),
		SYSFS_TEST(damaged_number),
		SYSFS_TEST(no_node_says_why),
		SYSFS_TEST(what_cannot_be_told),
		SYSFS_TEST(names_that_are_paths),
		SYSFS_TEST(link_that_leads_astray),
		SYSFS_TEST(node_to_name),
		SYSFS_TEST(list_is_sorted),
		SYSFS_TEST(no_module_no_devices),
		SYSFS_TEST(memory_kinds),
		SYSFS_TEST(what_devices_are_created_with),
		SYSFS_TEST(one_elsewhere),
		SYSFS_TEST(one_after_the_other),
		SYSFS_TEST(nodes_are_paired),
		SYSFS_TEST(nodes_are_found_by_name),
		SYSFS_TEST(nodes_that_cannot_be_told),
		SYSFS_TEST(bind_writes_in_order),
		SYSFS_TEST(holders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
