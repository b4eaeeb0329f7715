/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of classes and bits lead back to their numbers. */
#include "unit.h"

#include "vdpa/virtio_names.h"

#include "base/cleanup.h"

#include <errno.h>

static void classes(void **state)
{
	(void)state;
	assert_string_equal(virtio_class_name(1), "net");
	assert_string_equal(virtio_class_name(2), "block");
	assert_null(virtio_class_name(0));
	assert_null(virtio_class_name(9999));
	assert_int_equal(virtio_class_id("Net"), -ENOENT);
	for (size_t i = 0; i < virtio_class_count(); i++) {
		uint32_t id;
		const char *name = virtio_class_at(i, &id);

		assert_int_equal(virtio_class_id(name), id);
		assert_string_equal(virtio_class_name(id), name);
	}
}

/* Every name leads back to its bit, so no name stands twice in one class. */
static void features(void **state)
{
	(void)state;
	for (size_t i = 0; i < virtio_class_count(); i++) {
		uint32_t id;

		virtio_class_at(i, &id);
		for (unsigned int bit = 0; bit < 64; bit++) {
			const char *name = virtio_feature_name(id, bit);

			if (name)
				assert_int_equal(virtio_feature_bit(id, name), bit);
		}
	}
	assert_string_equal(virtio_feature_name(1, 5), "MAC");
	assert_string_equal(virtio_feature_name(2, 5), "RO");
	assert_string_equal(virtio_feature_name(2, 33), "ACCESS_PLATFORM");
	assert_string_equal(virtio_feature_name(1234, 32), "VERSION_1");
	assert_null(virtio_feature_name(2, 63));
	assert_int_equal(virtio_feature_bit(1, "mac"), 5);
	assert_int_equal(virtio_feature_bit(2, "MAC"), -ENOENT);
}

static void backend_and_status(void **state)
{
	(void)state;
	for (unsigned int bit = 1; bit <= 8; bit++)
		assert_int_equal(vhost_backend_feature_bit(vhost_backend_feature_name(bit)), bit);
	assert_null(vhost_backend_feature_name(0));
	assert_null(vhost_backend_feature_name(9));
	assert_int_equal(vhost_backend_feature_bit("x"), -ENOENT);
	assert_string_equal(virtio_status_name(2), "DRIVER_OK");
	assert_string_equal(virtio_status_name(3), "FEATURES_OK");
	assert_null(virtio_status_name(4));
	assert_null(virtio_status_name(8));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(classes),
		cmocka_unit_test(features),
		cmocka_unit_test(backend_and_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
