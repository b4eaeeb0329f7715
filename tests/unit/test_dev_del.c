/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Adding and deleting devices: what is refused before the kernel sees it, and deletions that hang.
 */
#include "unit.h"

#include "fake_kernel.h"
#include "fake_tree.h"
#include "vdpa/dev.h"

struct fixture {
	struct fake_kernel kernel;
	struct fake_tree tree;
};

static struct fake_reply reply; /* too large for a stack; each test starts it empty */

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	fake_kernel_start(&f->kernel);
	fake_tree_make(&f->tree);
	reply.len = 0;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	fake_kernel_stop(&f->kernel);
	fake_tree_remove(&f->tree);
	free(f);
	return 0;
}

/* A device bound to no driver: its node need not be tried. */
static void put_device(struct fixture *f, const char *name)
{
	char path[128], target[128];

	snprintf(path, sizeof(path), "sys/devices/%s/uevent", name);
	fake_tree_file(&f->tree, path, "");
	snprintf(path, sizeof(path), "sys/bus/vdpa/devices/%s", name);
	snprintf(target, sizeof(target), "../../../devices/%s", name);
	fake_tree_link(&f->tree, path, target);
}

static void deletion_that_works(void **state)
{
	struct fixture *f = *state;
	char order[256];

	put_device(f, "b0");
	put_device(f, "b1");
	fake_ack(&reply, 0, NULL, 1);
	fake_send(&f->kernel, &reply);
	assert_int_equal(vdpa_dev_del(f->kernel.nl, &f->tree.roots, "b0", 5000, NULL), 0);
	assert_true(recv(f->kernel.fd, order, sizeof(order), 0) > 0);
	/* The same child serves the next one, in step with the session's numbers. */
	fake_ack(&reply, 0, NULL, 2);
	fake_send(&f->kernel, &reply);
	assert_int_equal(vdpa_dev_del(f->kernel.nl, &f->tree.roots, "b1", 5000, NULL), 0);
	assert_int_equal(((struct nlmsghdr *)(void *)order)->nlmsg_seq, 1);
}

static void refusal_comes_through_the_child(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };

	put_device(f, "b0");
	fake_ack(&reply, -EPERM, NULL, 1);
	fake_send(&f->kernel, &reply);
	assert_int_equal(vdpa_dev_del(f->kernel.nl, &f->tree.roots, "b0", 5000, &e), -EPERM);
	assert_non_null(strstr(e.text, "b0: not permitted"));
	assert_non_null(strstr(e.hint, "root"));
}

static void deletion_that_hangs(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };

	put_device(f, "b0");
	assert_int_equal(vdpa_dev_del(f->kernel.nl, &f->tree.roots, "b0", 50, &e), -ETIMEDOUT);
	assert_non_null(strstr(e.text, "50 ms"));
	assert_int_equal(f->kernel.nl->fd, -1);
	/* Anything else would hang too, and says so. */
	assert_int_equal(vdpa_dev_del(f->kernel.nl, &f->tree.roots, "b0", 50, &e), -EBUSY);
}

static void unknown_device(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(vdpa_dev_del(f->kernel.nl, &f->tree.roots, "b0", 50, NULL), -ENODEV);
	assert_int_equal(vdpa_dev_del(f->kernel.nl, &f->tree.roots, "../x", 50, NULL), -ENODEV);
	assert_int_equal(vdpa_dev_del(f->kernel.nl, &f->tree.roots, "", 50, NULL), -ENODEV);
}

static int add(struct fixture *f, struct vdpa_dev_params p, struct err *e)
{
	int r;

	fake_ack(&reply, 0, NULL, f->kernel.nl->seq + 1);
	fake_send(&f->kernel, &reply);
	r = vdpa_dev_add(f->kernel.nl, &f->tree.roots, &p, e);
	return r;
}

static void names_that_collide(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };

	put_device(f, "b0");
	fake_tree_file(&f->tree, "sys/devices/virtual/x", "");
	assert_int_equal(add(f, (struct vdpa_dev_params){ .name = "b0", .mgmtdev = "m" }, &e),
			 -EEXIST);
	assert_non_null(strstr(e.hint, "dev show b0"));
	assert_int_equal(
		add(f, (struct vdpa_dev_params){ .name = "virtual", .mgmtdev = "m" }, NULL),
		-EEXIST);
}

static void parameters_that_make_no_sense(void **state)
{
	struct fixture *f = *state;
	struct vdpa_dev_params p = { .name = "n0", .mgmtdev = "vdpasim_net" };

	vdpa_dev_param_set(&p, VDPA_ATTR_NET_MTU);
	p.mtu = 67;
	assert_int_equal(add(f, p, NULL), -ERANGE);
	p.set = 0;
	vdpa_dev_param_set(&p, VDPA_ATTR_NET_MAX_VQP);
	assert_int_equal(add(f, p, NULL), -ERANGE);
	p.set = 0;
	vdpa_dev_param_set(&p, VDPA_ATTR_NET_MACADDR);
	p.mac[0] = 1;
	assert_int_equal(add(f, p, NULL), -EINVAL);
	p.set = 0;
	vdpa_dev_param_set(&p, VDPA_ATTR_DEV_FEATURES);
	p.features = UINT64_C(1) << 32;
	assert_int_equal(add(f, p, NULL), -EINVAL);
}

static void short_memory_for_a_simulated_disk(void **state)
{
	struct fixture *f = *state;
	const struct vdpa_dev_params p = { .name = "b0", .mgmtdev = "vdpasim_blk" };
	struct err e = { 0 };

	fake_tree_file(&f->tree, "proc/meminfo", "MemFree: 1 kB\nMemAvailable:  102400 kB\n");
	assert_int_equal(add(f, p, &e), -ENOMEM);
	assert_non_null(strstr(e.text, "100 MiB"));
	fake_tree_file(&f->tree, "sys/module/vdpa_sim_blk/parameters/shared_backend", "Y\n");
	fake_kernel_stop(&f->kernel);
	fake_kernel_start(&f->kernel);
	assert_int_equal(add(f, p, NULL), 0);
}

/* The driver would accept it, and later delete the wrong one of the two. */
static void second_device_on_a_pci_function(void **state)
{
	struct fixture *f = *state;
	const struct vdpa_dev_params p = { .name = "n1", .mgmtdev = "pci/0000:00:03.0" };
	struct err e = { 0 };

	fake_genl(&reply, VDPA_CMD_DEV_NEW, NLM_F_MULTI, 1);
	fake_str(&reply, VDPA_ATTR_MGMTDEV_BUS_NAME, "pci");
	fake_str(&reply, VDPA_ATTR_MGMTDEV_DEV_NAME, "0000:00:03.0");
	fake_str(&reply, VDPA_ATTR_DEV_NAME, "n0");
	fake_done(&reply, 0, 0, 1);
	fake_send(&f->kernel, &reply);
	assert_int_equal(vdpa_dev_add(f->kernel.nl, &f->tree.roots, &p, &e), -EBUSY);
	assert_non_null(strstr(e.text, "'n0'"));
}

static void parameter_that_is_not_taken(void **state)
{
	struct fixture *f = *state;
	struct vdpa_dev_params p = { .name = "b0", .mgmtdev = "m", .mac = { 2, 0, 0, 0, 0, 1 } };
	struct err e = { 0 };

	vdpa_dev_param_set(&p, VDPA_ATTR_NET_MACADDR);
	fake_ack(&reply, -EOPNOTSUPP, "vdpa: Some provided attributes are not supported: 0x2400",
		 1);
	fake_send(&f->kernel, &reply);
	assert_int_equal(vdpa_dev_add(f->kernel.nl, &f->tree.roots, &p, &e), -EOPNOTSUPP);
	assert_string_equal(e.text, "b0: management device 'm' does not take mac, mtu");
}

static void management_device_that_is_not_there(void **state)
{
	struct fixture *f = *state;
	struct vdpa_dev_params p = { .name = "n0", .mgmtdev = "vdpasim_net" };
	struct err e = { 0 };

	fake_ack(&reply, -ENODEV, "vdpa: No device found", 1);
	fake_send(&f->kernel, &reply);
	assert_int_equal(vdpa_dev_add(f->kernel.nl, &f->tree.roots, &p, &e), -ENODEV);
	assert_string_equal(e.text, "n0: no management device 'vdpasim_net'");
	assert_non_null(strstr(e.hint, "'vdpactl module load vdpa_sim_net'"));
	p.mgmtdev = "other";
	fake_ack(&reply, -ENODEV, NULL, 2);
	fake_send(&f->kernel, &reply);
	assert_int_equal(vdpa_dev_add(f->kernel.nl, &f->tree.roots, &p, &e), -ENODEV);
	assert_non_null(strstr(e.hint, "mgmtdev show"));
}

#define DEV_TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DEV_TEST(deletion_that_works),
		DEV_TEST(refusal_comes_through_the_child),
		DEV_TEST(deletion_that_hangs),
		DEV_TEST(unknown_device),
		DEV_TEST(names_that_collide),
		DEV_TEST(parameters_that_make_no_sense),
		DEV_TEST(short_memory_for_a_simulated_disk),
		DEV_TEST(second_device_on_a_pci_function),
		DEV_TEST(parameter_that_is_not_taken),
		DEV_TEST(management_device_that_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
