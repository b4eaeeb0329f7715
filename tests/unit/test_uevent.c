/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kernel events taken apart. */
#include "unit.h"

#include "vdpa/uevent.h"

#include <stdlib.h>

/* sizeof counts the NUL that ends the last word. */
#define PARSE(text, out) uevent_parse(text, sizeof(text), out)

static void bind_event(void **state)
{
	struct uevent u;

	(void)state;
	assert_int_equal(PARSE("bind@/devices/b0\0ACTION=bind\0DEVPATH=/devices/b0\0"
			       "SUBSYSTEM=vdpa\0DRIVER=vhost_vdpa\0SEQNUM=4711",
			       &u),
			 1);
	assert_int_equal(u.action, UEVENT_BIND);
	assert_string_equal(u.name, "b0");
	assert_string_equal(u.path, "/devices/b0");
	assert_string_equal(u.driver, "vhost_vdpa");
	assert_int_equal(u.seqnum, 4711);
	assert_string_equal(uevent_action_name(u.action), "bind");
}

static void others_are_skipped(void **state)
{
	struct uevent u;

	(void)state;
	assert_int_equal(PARSE("add@/devices/x\0ACTION=add\0DEVPATH=/devices/x\0SUBSYSTEM=net", &u),
			 0);
	assert_int_equal(PARSE("add@/bus/vdpa\0ACTION=add\0DEVPATH=/bus/vdpa\0SUBSYSTEM=vdpa", &u),
			 0);
	assert_int_equal(
		PARSE("move@/devices/x\0ACTION=move\0DEVPATH=/devices/x\0SUBSYSTEM=vdpa", &u), 0);
	/* What udev sends on the other group starts so. */
	assert_int_equal(PARSE("libudev\0\376\355\312\376", &u), 0);
}

static void malformed(void **state)
{
	static const char unterminated[] = "add@/devices/b0\0ACTION=add\0DEVPATH=/devices/b0\0"
					   "SUBSYSTEM=vdpa";
	char huge[4096] = "add@/devices/b0";
	struct uevent u;

	(void)state;
	assert_int_equal(uevent_parse("", 0, &u), 0);
	assert_int_equal(PARSE("", &u), 0);
	assert_int_equal(PARSE("add@/devices/b0", &u), 0);
	assert_int_equal(uevent_parse(unterminated, sizeof(unterminated) - 1, &u), 0);
	assert_int_equal(PARSE("a@b\0ACTION=add\0DEVPATH=\0SUBSYSTEM=vdpa", &u), 0);
	assert_int_equal(PARSE("a@b\0ACTION=add\0DEVPATH=/devices/\0SUBSYSTEM=vdpa", &u), 0);
	assert_int_equal(PARSE("a@b\0ACTION=add\0DEVPATH=/devices/b\0SUBSYSTEM=vdpa\0SEQNUM=x", &u),
			 0);
	/* A path longer than the field. */
	memcpy(huge + 16, "DEVPATH=/devices/", 17);
	memset(huge + 33, 'x', 2500);
	assert_int_equal(uevent_parse(huge, 33 + 2501, &u), 0);
}

/* Any name that an event has room for. */
static void a_long_name(void **state)
{
	static const char head[] = "add@/devices/b0\0ACTION=add\0SUBSYSTEM=vdpa\0DEVPATH=/devices/";
	char event[2048] = "";
	struct uevent u;

	(void)state;
	memcpy(event, head, sizeof(head) - 1);
	memset(event + sizeof(head) - 1, 'x', 1900);
	assert_int_equal(uevent_parse(event, sizeof(head) + 1900, &u), 1);
	assert_int_equal(strlen(u.name), 1900);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bind_event),
		cmocka_unit_test(others_are_skipped),
		cmocka_unit_test(malformed),
		cmocka_unit_test(a_long_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
