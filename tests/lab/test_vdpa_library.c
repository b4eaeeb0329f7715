/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In the lab: the vDPA library against a real kernel, the traps that hang it included. */
#include "unit.h"

#include "host/modules.h"
#include "vdpa/dev.h"
#include "vdpa/nl_deleter.h"
#include "vdpa/sysfs.h"
#include "vdpa/sysfs_next.h"
#include "vdpa/sysfs_nodes.h"
#include "vdpa/uevent.h"
#include "vdpa/vhost_info.h"
#include "vdpa/vhost_iotlb.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	MIB = 1 << 20,
	MEMORY = 16 * MIB,
};

struct fixture {
	struct vdpa_nl *nl;
	struct vdpa_sysfs_dev dev; /* of the device "lib0", a simulated network */
	struct vhost_vdpa vhost;   /* closed unless a test opens it */
	pid_t holder;              /* another process that has it open, or 0 */
};

static int setup(void **state)
{
	const struct vdpa_dev_params p = { .name = "lib0", .mgmtdev = "vdpasim_net" };
	struct fixture *f = calloc(1, sizeof(*f));

	f->vhost = VHOST_VDPA_INIT;
	assert_int_equal(vdpa_nl_open(&f->nl, NULL), 0);
	assert_int_equal(vdpa_dev_add(f->nl, NULL, &p, NULL), 0);
	assert_int_equal(vdpa_sysfs_get(NULL, "lib0", &f->dev, NULL), 0);
	assert_true(f->dev.node_exists);
	*state = f;
	return 0;
}

static void stop_holder(struct fixture *f)
{
	if (!f->holder)
		return;
	kill(f->holder, SIGKILL);
	waitpid(f->holder, NULL, 0);
	f->holder = 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	int r;

	vhost_vdpa_close(&f->vhost);
	stop_holder(f);
	r = vdpa_dev_del(f->nl, NULL, "lib0", VDPA_DEL_TIMEOUT_MS, NULL);
	vdpa_nl_close(f->nl);
	free(f);
	return r == 0 || r == -ENODEV ? 0 : -1;
}

static void open_device(struct fixture *f)
{
	assert_int_equal(vhost_vdpa_open(&f->vhost, f->dev.node, NULL), 0);
}

static void own_device(struct fixture *f, uint64_t backend)
{
	open_device(f);
	assert_int_equal(vhost_vdpa_set_owner(&f->vhost, NULL), 0);
	assert_int_equal(vhost_vdpa_ack_backend_features(&f->vhost, backend, NULL), 0);
}

static struct vhost_vdpa_map shared_memory(uint64_t iova)
{
	void *p = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	/* Pinned page by page, it may be in more pieces than vhost's table takes (2,048). */
	assert_int_equal(madvise(p, MEMORY, MADV_HUGEPAGE), 0);
	return (struct vhost_vdpa_map){
		.iova = iova,
		.size = MEMORY,
		.uaddr = (uintptr_t)p,
		.perm = VHOST_ACCESS_RW,
	};
}

static void raise_memlock(void)
{
	const struct rlimit l = { 1 << 30, 1 << 30 };

	assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &l), 0);
}

static void device_tells_itself(void **state)
{
	struct fixture *f = *state;
	struct vhost_vdpa_info info;

	open_device(f);
	assert_int_equal(vhost_vdpa_info(&f->vhost, &info, NULL), 0);
	assert_int_equal(info.device_id, 1);
	assert_int_equal(info.vqs_count, 3);
	assert_int_equal(info.as_num, 2);
	assert_int_equal(info.config_len, 24);
	assert_true(info.features >> 32 & 1);
}

static void second_open_names_the_holder(void **state)
{
	struct fixture *f = *state;
	struct vhost_vdpa second;
	struct err e = { 0 };
	char who[32];

	open_device(f);
	assert_int_equal(vhost_vdpa_open(&second, f->dev.node, &e), -EBUSY);
	snprintf(who, sizeof(who), "PID %d (", (int)getpid());
	assert_non_null(strstr(e.text, who));
}

static void other_files_are_refused(void **state)
{
	struct vhost_vdpa v;

	(void)state;
	assert_int_equal(vhost_vdpa_open(&v, "/dev/null", NULL), -ENOTTY);
	assert_int_equal(vhost_vdpa_open(&v, "/tmp", NULL), -ENOTTY);
	assert_int_equal(vhost_vdpa_open(&v, "/dev/kvm", NULL), -ENOTTY);
	assert_int_equal(vhost_vdpa_open(&v, "/dev/vhost-vdpa-none", NULL), -ENOENT);
	assert_int_equal(vhost_vdpa_adopt(&v, dup(0), NULL), -ENOTTY);
}

static void maps_and_their_mistakes(void **state)
{
	struct err e = { 0 };
	struct fixture *f = *state;
	struct vhost_vdpa_map map = shared_memory(0);
	uint32_t size;

	raise_memlock();
	open_device(f);
	assert_int_equal(vhost_vdpa_map(&f->vhost, &map, NULL), -EPERM);
	vhost_vdpa_close(&f->vhost);
	own_device(f, 0x7e);
	assert_int_equal(vhost_vdpa_batch_begin(&f->vhost, NULL), 0);
	assert_int_equal(vhost_vdpa_map(&f->vhost, &map, NULL), 0);
	assert_int_equal(vhost_vdpa_batch_end(&f->vhost, NULL), 0);
	assert_int_equal(vhost_vdpa_map(&f->vhost, &map, NULL), -EEXIST);
	map.iova = UINT64_MAX - 4095;
	assert_int_equal(vhost_vdpa_map(&f->vhost, &map, NULL), -EINVAL);
	map.iova = MEMORY;
	map.size = 0;
	assert_int_equal(vhost_vdpa_map(&f->vhost, &map, NULL), -EINVAL);
	map.size = MEMORY;
	map.uaddr = UINT64_C(1) << 62; /* nobody's memory */
	assert_int_equal(vhost_vdpa_map(&f->vhost, &map, NULL), -EFAULT);
	/* A part of it would take the whole mapping with it. */
	assert_int_equal(vhost_vdpa_unmap(&f->vhost, 0, 4096, NULL), -ENOENT);
	assert_int_equal(vhost_vdpa_unmap(&f->vhost, 0, MEMORY, NULL), 0);
	/* The simulator has no answer of its own: what is asked in its place leaves no failure. */
	assert_int_equal(vhost_vdpa_get_vring_size(&f->vhost, 0, &size, &e), 0);
	assert_int_equal(e.code, 0);
	assert_int_equal(size, 256);
}

/* Without IOTLB_PERSIST a reset empties the device's own table, not the kernel's. */
static void maps_after_a_reset(void **state)
{
	struct fixture *f = *state;
	struct vhost_vdpa_map map = shared_memory(0);

	raise_memlock();
	own_device(f, 0x7e);
	assert_int_equal(vhost_vdpa_map(&f->vhost, &map, NULL), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(vhost_vdpa_set_status(&f->vhost, 0, NULL), 0);
		assert_int_equal(vhost_vdpa_renew_maps(&f->vhost, NULL), 0);
	}
	assert_int_equal(f->vhost.n_maps, 1);
}

static void memlock_is_named(void **state)
{
	struct fixture *f = *state;
	const struct rlimit l = { 8 * MIB, 1 << 30 };
	struct vhost_vdpa_map map = shared_memory(0);
	struct err e = { 0 };

	if (vdpa_sysfs_memory_kind(NULL, &f->dev) == VDPA_MEMORY_VA)
		skip();
	assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &l), 0);
	own_device(f, 0x17e);
	assert_int_equal(vhost_vdpa_map(&f->vhost, &map, &e), -ENOMEM);
	assert_non_null(strstr(e.hint, "ulimit -l 16384"));
	raise_memlock();
	assert_int_equal(vhost_vdpa_map(&f->vhost, &map, NULL), 0);
}

static void deletion_in_use_is_refused(void **state)
{
	struct fixture *f = *state;
	struct vdpa_sysfs_dev still;

	open_device(f);
	assert_int_equal(vdpa_dev_del(f->nl, NULL, "lib0", 5000, NULL), -EBUSY);
	assert_int_equal(vdpa_sysfs_get(NULL, "lib0", &still, NULL), 0);
	assert_int_equal(vdpa_sysfs_bind(NULL, "lib0", NULL, NULL), -EBUSY);
	assert_int_equal(module_unload(NULL, NULL, "vdpa_sim_net", NULL), -EBUSY);
	assert_int_equal(module_unload(NULL, NULL, "vhost_vdpa", NULL), -EBUSY);
}

static pid_t start_holder(const char *node)
{
	int ready[2];
	pid_t pid;
	char c;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct vhost_vdpa v;

		if (vhost_vdpa_open(&v, node, NULL) == 0 && write(ready[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

/*
 * Someone opens the node between our test and the kernel's deletion: a folder in which the node
 * leads to /dev/null lets the test pass. The caller must come back, and all recover by itself.
 */
static void deletion_that_loses_the_race(void **state)
{
	struct fixture *f = *state;
	struct host_roots roots = host_roots_default;
	char folder[] = "/tmp/vdpa-race.XXXXXX", link[PATH_MAX];
	_vdpa_nl_ struct vdpa_nl *again = NULL;
	_vdpa_dev_ struct vdpa_dev dev = { 0 };
	_vdpa_dev_list_ struct vdpa_dev_list list = { 0 };

	f->holder = start_holder(f->dev.node);
	assert_non_null(mkdtemp(folder));
	snprintf(link, sizeof(link), "%s%s", folder, strrchr(f->dev.node, '/'));
	assert_int_equal(symlink("/dev/null", link), 0);
	roots.dev = folder;
	assert_int_equal(vdpa_dev_del(f->nl, &roots, "lib0", 1000, NULL), -ETIMEDOUT);
	assert_int_equal(vdpa_dev_list(f->nl, &list, NULL), -EBUSY);
	assert_true(nl_deleter_waits(f->nl));
	/* Another process would wait with it, and could not be killed. */
	assert_int_equal(vdpa_nl_open(&again, NULL), -EBUSY);
	stop_holder(f);
	/* The kernel now completes the deletion; opening waits for that. */
	assert_int_equal(vdpa_nl_open(&again, NULL), 0);
	assert_int_equal(vdpa_dev_get(again, "lib0", &dev, NULL), -ENODEV);
	unlink(link);
	rmdir(folder);
}

static void drivers_change(void **state)
{
	struct fixture *f = *state;
	char node[VDPA_NODE_MAX];

	(void)f;
	assert_int_equal(vdpa_sysfs_bind(NULL, "lib0", NULL, NULL), 0);
	assert_int_equal(vdpa_sysfs_node(NULL, "lib0", node, NULL), -ENXIO);
	assert_int_equal(vdpa_sysfs_bind(NULL, "lib0", "vhost_vdpa", NULL), 0);
	assert_int_equal(vdpa_sysfs_node(NULL, "lib0", node, NULL), 0);
}

static void one_after_the_other_is_as_each_alone(void **state)
{
	_vdpa_sysfs_list_ struct vdpa_sysfs_list list = { 0 };
	static const char *const more[] = { "lib1", "lib2", "lib3" };
	_vdpa_next_ struct vdpa_next next = { 0 };
	struct fixture *f = *state;
	struct vdpa_sysfs_dev dev;

	for (size_t i = 0; i < ARRAY_SIZE(more); i++) {
		const struct vdpa_dev_params p = { .name = more[i], .mgmtdev = "vdpasim_net" };

		assert_int_equal(vdpa_dev_add(f->nl, NULL, &p, NULL), 0);
	}
	assert_int_equal(vdpa_sysfs_list(NULL, &list, NULL), 0);
	assert_true(list.n > ARRAY_SIZE(more));
	for (size_t i = 0; i < list.n; i++) {
		const struct vdpa_sysfs_dev *alone = &list.items[i];

		if (i)
			assert_true(vdpa_next_find(&next, NULL, alone->name, &dev));
		else
			assert_int_equal(vdpa_next_look(&next, NULL, alone->name, &dev, NULL), 0);
		assert_string_equal(dev.path, alone->path);
		assert_string_equal(dev.driver, alone->driver);
		assert_string_equal(dev.node, alone->node);
		assert_int_equal(dev.rdev, alone->rdev);
	}
	for (size_t i = 0; i < ARRAY_SIZE(more); i++)
		assert_int_equal(vdpa_dev_del(f->nl, NULL, more[i], VDPA_DEL_TIMEOUT_MS, NULL), 0);
}

/* However they were bound, in which order, to which driver. */
static void nodes_of_all_are_as_each_alone(void **state)
{
	_vdpa_sysfs_list_ struct vdpa_sysfs_list list = { 0 };
	char names[12][8], path[VDPA_NODE_MAX];
	_vdpa_nodes_ struct vdpa_nodes nodes = { 0 };
	struct fixture *f = *state;
	size_t bound = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct vdpa_dev_params p = { .name = names[i], .mgmtdev = "vdpasim_net" };

		snprintf(names[i], sizeof(names[i]), "lib%zu", i + 1);
		assert_int_equal(vdpa_dev_add(f->nl, NULL, &p, NULL), 0);
		/* one that takes the number of another */
		if (i == 7) {
			p.name = names[2];
			assert_int_equal(
				vdpa_dev_del(f->nl, NULL, p.name, VDPA_DEL_TIMEOUT_MS, NULL), 0);
			assert_int_equal(vdpa_dev_add(f->nl, NULL, &p, NULL), 0);
		}
	}
	assert_int_equal(vdpa_sysfs_bind(NULL, names[4], NULL, NULL), 0);
	assert_int_equal(vdpa_sysfs_bind(NULL, names[4], "vhost_vdpa", NULL), 0);
	assert_int_equal(vdpa_sysfs_bind(NULL, names[9], NULL, NULL), 0);
	assert_int_equal(vdpa_sysfs_list(NULL, &list, NULL), 0);
	vdpa_nodes_read(NULL, major(f->dev.rdev), &nodes);
	for (size_t i = 0; i < list.n; i++) {
		const struct vdpa_sysfs_dev *alone = &list.items[i];
		const char *node = vdpa_nodes_find(&nodes, alone->name);

		assert_int_equal(node == NULL, alone->node[0] == '\0');
		if (!node)
			continue;
		assert_true(vdpa_sysfs_node_path(NULL, node, path));
		assert_string_equal(path, alone->node);
		bound++;
	}
	assert_true(bound >= ARRAY_SIZE(names) - 1);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(vdpa_dev_del(f->nl, NULL, names[i], VDPA_DEL_TIMEOUT_MS, NULL), 0);
}

static void events_are_heard(void **state)
{
	const struct vdpa_dev_params p = { .name = "lib1", .mgmtdev = "vdpasim_net" };
	struct fixture *f = *state;
	struct pollfd poll_in = { .events = POLLIN };
	unsigned int seen = 0;
	struct uevent u;
	bool more = true;

	assert_int_equal(uevent_open(&poll_in.fd, NULL), 0);
	assert_int_equal(vdpa_dev_add(f->nl, NULL, &p, NULL), 0);
	assert_int_equal(vdpa_dev_del(f->nl, NULL, "lib1", VDPA_DEL_TIMEOUT_MS, NULL), 0);
	while (!(seen >> UEVENT_REMOVE & 1)) {
		assert_int_equal(poll(&poll_in, 1, 5000), 1);
		if (uevent_read(poll_in.fd, &u, &more, NULL) == 1 && !strcmp(u.name, "lib1"))
			seen |= 1U << u.action;
	}
	assert_int_equal(seen, 1 << UEVENT_ADD | 1 << UEVENT_BIND | 1 << UEVENT_UNBIND |
				       1 << UEVENT_REMOVE);
	close(poll_in.fd);
}

#define LAB_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(device_tells_itself),
		LAB_TEST(second_open_names_the_holder),
		LAB_TEST(other_files_are_refused),
		LAB_TEST(maps_and_their_mistakes),
		LAB_TEST(maps_after_a_reset),
		LAB_TEST(memlock_is_named),
		LAB_TEST(deletion_in_use_is_refused),
		LAB_TEST(deletion_that_loses_the_race),
		LAB_TEST(drivers_change),
		LAB_TEST(one_after_the_other_is_as_each_alone),
		LAB_TEST(nodes_of_all_are_as_each_alone),
		LAB_TEST(events_are_heard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
