/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of classes and bits. */
#include "unit.h"

#include "vdpa/virtio_names.h"

#include <string.h>

static void classes(void **state)
{
	(void)state;
	assert_string_equal(virtio_class_name(1), "net");
	assert_string_equal(virtio_class_name(2), "block");
	assert_null(virtio_class_name(0));
	assert_null(virtio_class_name(9999));
}

/* No name stands twice in one class. */
static void features(void **state)
{
	(void)state;
	for (uint32_t id = 0; id < 64; id++) {
		for (unsigned int bit = 1; bit < 64; bit++) {
			const char *name = virtio_feature_name(id, bit);

			for (unsigned int lower = 0; name && lower < bit; lower++) {
				const char *other = virtio_feature_name(id, lower);

				assert_true(!other || strcmp(name, other) != 0);
			}
		}
	}
	assert_string_equal(virtio_feature_name(1, 5), "MAC");
	assert_string_equal(virtio_feature_name(2, 5), "RO");
	assert_string_equal(virtio_feature_name(2, 33), "ACCESS_PLATFORM");
	assert_string_equal(virtio_feature_name(1234, 32), "VERSION_1");
	assert_null(virtio_feature_name(2, 63));
}

static void backend_and_status(void **state)
{
	(void)state;
	for (unsigned int bit = 1; bit <= 8; bit++)
		assert_non_null(vhost_backend_feature_name(bit));
	assert_null(vhost_backend_feature_name(0));
	assert_null(vhost_backend_feature_name(9));
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
