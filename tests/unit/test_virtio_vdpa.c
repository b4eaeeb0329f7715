/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of a vDPA device a guest is offered. */
#include "unit.h"

#include "virtio/vdpa_internal.h"

#include <errno.h>

#define BIT(n) (UINT64_C(1) << (n))

enum {
	NET = 1,
	BLOCK = 2,
	SCSI = 8
};

static void queue_counts(void **state)
{
	static const struct {
		uint16_t wanted;
		uint32_t id, has;
		uint64_t features;
		int r;
		uint16_t n;
		const char *hint;
	} rows[] = {
		{ 1, BLOCK, 1, 0, 0, 1, NULL },
		{ 0, BLOCK, 1, 0, 0, 1, NULL },
		{ 0, BLOCK, 4, 0, 0, 4, NULL },
		{ 2, BLOCK, 4, 0, 0, 2, NULL },
		{ 2, BLOCK, 1, 0, -EINVAL, 0, "num_queues=1 or num_queues=auto" },
		{ 1, NET, 3, BIT(17), -EINVAL, 0, "num_queues=3, or num_queues=auto" },
		{ 1, NET, 2, 0, -EINVAL, 0, "num_queues=2, or num_queues=auto" },
		{ 2, NET, 3, BIT(17), 0, 2, NULL },
		{ 3, NET, 3, BIT(17), 0, 3, NULL },
		{ 0, NET, 3, BIT(17), 0, 3, NULL },
		{ 0, NET, 9, BIT(17) | BIT(22), 0, 9, NULL },
		{ 4, NET, 3, BIT(17), -EINVAL, 0, "num_queues=3" },
		{ 1, SCSI, 3, 0, -EINVAL, 0, "auto" },
		{ 3, SCSI, 3, 0, 0, 3, NULL },
		{ 0, BLOCK, 0, 0, -EINVAL, 0, NULL },
		{ 0, BLOCK, 65536, 0, -EINVAL, 0, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vdpa_config config = { .num_queues = rows[i].wanted };
		struct err e = { 0 };
		uint16_t n = 0;
		int r = vdpa_choose_queues(&config, rows[i].id, rows[i].has, rows[i].features, &n,
					   &e);

		if (r != rows[i].r || n != rows[i].n)
			fail_msg("row %zu: %d, %u queues: %s", i, r, n, e.text);
		if (rows[i].hint && !strstr(e.hint, rows[i].hint))
			fail_msg("row %zu: hint '%s'", i, e.hint);
	}
}

static void features(void **state)
{
	const uint64_t transport = BIT(32) | BIT(33);
	const uint64_t net = transport | BIT(5) | BIT(17) | BIT(18) | BIT(22) | BIT(23) | BIT(60);

	(void)state;
	assert_true(vdpa_choose_features(NET, net, 5, 5) == net);
	/* Fewer pairs: the control queue follows the first. */
	assert_true(vdpa_choose_features(NET, net, 5, 3) == (net & ~(BIT(22) | BIT(60))));
	/* No control queue: nothing that needs it. */
	assert_true(vdpa_choose_features(NET, net, 5, 2) == (transport | BIT(5)));
	assert_true(vdpa_choose_features(BLOCK, transport | BIT(12), 4, 1) == transport);
	assert_true(vdpa_choose_features(BLOCK, transport | BIT(12), 4, 2) ==
		    (transport | BIT(12)));
	assert_true(vdpa_choose_features(BLOCK, UINT64_MAX, 1, 1) ==
		    ~(BIT(34) | BIT(37) | BIT(38) | BIT(39) | BIT(40) | BIT(41)));
}

static void config_is_cut_to_the_class(void **state)
{
	(void)state;
	assert_int_equal(vdpa_class_config_size(NET, 4096), 24);
	assert_int_equal(vdpa_class_config_size(NET, 12), 12);
	assert_int_equal(vdpa_class_config_size(BLOCK, 60), 60);
	assert_int_equal(vdpa_class_config_size(BLOCK, 4096), 96);
	assert_int_equal(vdpa_class_config_size(63, 10000), 4096);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(queue_counts),
		cmocka_unit_test(features),
		cmocka_unit_test(config_is_cut_to_the_class),
	};

	return cmocka_run_group_tests_name("virtio_vdpa", tests, NULL, NULL);
}
