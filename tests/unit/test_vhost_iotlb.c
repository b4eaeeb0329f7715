/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a vhost-vdpa device is told of memory, with a socket in the device's place. */
#include "unit.h"

#include "base/strbuf.h"
#include "vdpa/vhost_iotlb.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKEND(feature) (UINT64_C(1) << VHOST_BACKEND_F_##feature)

static const char *const verbs[] = {
	[VHOST_IOTLB_UPDATE] = "in",
	[VHOST_IOTLB_INVALIDATE] = "out",
	[VHOST_IOTLB_BATCH_BEGIN] = "begin",
	[VHOST_IOTLB_BATCH_END] = "end",
};

/* The messages since the last look, each as VERB:IOVA, must be these. */
static void assert_told(int kernel, const char *messages)
{
	_strbuf_ struct strbuf told = { 0 };
	struct vhost_iotlb_msg m;

	while (recv(kernel, &m, sizeof(m), MSG_DONTWAIT) == sizeof(m)) {
		assert_true(m.type < ARRAY_SIZE(verbs) && verbs[m.type]);
		strbuf_printf(&told, "%s%s:%llx", told.len ? " " : "", verbs[m.type],
			      (unsigned long long)m.iova);
	}
	assert_string_equal(strbuf_text(&told), messages);
}

/* Three ranges are mapped. Returns the kernel's end. */
static int mapped(struct vhost_vdpa *v, uint64_t backend)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	*v = VHOST_VDPA_INIT;
	v->fd = ends[0];
	v->backend_features = backend;
	for (uint32_t i = 0; i < 3; i++) {
		const struct vhost_vdpa_map map = {
			.perm = VHOST_ACCESS_RW,
			.iova = i * 0x1000,
			.size = 0x1000,
			.uaddr = 0x10000,
		};

		assert_int_equal(vhost_vdpa_map(v, &map, NULL), 0);
	}
	assert_told(ends[1], "in:0 in:1000 in:2000");
	return ends[1];
}

static void maps_are_renewed_once_each(void **state)
{
	struct vhost_vdpa v;
	int kernel = mapped(&v, BACKEND(IOTLB_MSG_V2) | BACKEND(IOTLB_BATCH));

	(void)state;
	assert_int_equal(vhost_vdpa_renew_maps(&v, NULL), 0);
	/* What the kernel still lists it would not take a second time. */
	assert_told(kernel, "begin:0 out:0 out:1000 out:2000 in:0 in:1000 in:2000 end:0");
	vhost_vdpa_close(&v);
	close(kernel);
}

static void maps_that_persist_are_left(void **state)
{
	struct vhost_vdpa v;
	int kernel = mapped(&v, BACKEND(IOTLB_MSG_V2) | BACKEND(IOTLB_PERSIST));

	(void)state;
	assert_int_equal(vhost_vdpa_renew_maps(&v, NULL), 0);
	assert_told(kernel, "");
	vhost_vdpa_close(&v);
	close(kernel);
}

static void only_what_is_mapped_is_unmapped(void **state)
{
	struct vhost_vdpa v;
	int kernel = mapped(&v, BACKEND(IOTLB_MSG_V2));

	(void)state;
	/* A part, what lies beyond, the same again. */
	assert_int_equal(vhost_vdpa_unmap(&v, 0, 0x800, NULL), -ENOENT);
	assert_int_equal(vhost_vdpa_unmap(&v, 0x3000, 0x1000, NULL), -ENOENT);
	assert_told(kernel, "");
	assert_int_equal(vhost_vdpa_unmap(&v, 0x1000, 0x1000, NULL), 0);
	assert_told(kernel, "out:1000");
	assert_int_equal(vhost_vdpa_unmap(&v, 0x1000, 0x1000, NULL), -ENOENT);
	assert_int_equal(vhost_vdpa_renew_maps(&v, NULL), 0);
	assert_told(kernel, "out:0 out:2000 in:0 in:2000");
	vhost_vdpa_close(&v);
	close(kernel);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(maps_are_renewed_once_each),
		cmocka_unit_test(maps_that_persist_are_left),
		cmocka_unit_test(only_what_is_mapped_is_unmapped),
	};

	return cmocka_run_group_tests_name("vhost_iotlb", tests, NULL, NULL);
}
