/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ranges on a bus: found whole, never overlapping, and in any order of adding. */
#include "unit.h"

#include "base/cleanup.h"
#include "io_bus.h"
#include "layout.h"
#include "legacy/i8042.h"
#include "legacy/port_b.h"
#include "machine.h"

#include <errno.h>

static uint64_t read_back(struct io_range *range, uint64_t offset, unsigned int size)
{
	return range->base << 16 | offset << 8 | size;
}

static void swallow(struct io_range *range, uint64_t offset, unsigned int size, uint64_t value)
{
	(void)offset;
	(void)size;
	(void)value;
	range->size |= 1ull << 63;
}

static const struct io_ops ops = { .read = read_back, .write = swallow };

static void finds_only_whole_accesses(void **state _unused_)
{
	struct io_range low = { .base = 0x10, .size = 4, .ops = &ops };
	struct io_range high = { .base = 0x14, .size = 8, .ops = &ops };
	struct io_bus bus;
	uint64_t value;

	assert_int_equal(io_bus_init(&bus, NULL), 0);
	assert_int_equal(io_bus_add(&bus, &high, NULL), 0);
	assert_int_equal(io_bus_add(&bus, &low, NULL), 0);
	assert_true(io_bus_read(&bus, 0x13, 1, &value));
	assert_int_equal(value, 0x100301);
	assert_true(io_bus_read(&bus, 0x14, 8, &value));
	assert_int_equal(value, 0x140008);
	/* Across the border of two ranges, and around them. */
	assert_false(io_bus_read(&bus, 0x12, 4, &value));
	assert_true(value == ~0ull);
	assert_false(io_bus_read(&bus, 0xf, 1, &value));
	assert_false(io_bus_read(&bus, 0x1c, 1, &value));
	assert_false(io_bus_read(&bus, UINT64_MAX, 8, &value));
	io_bus_remove(&bus, &low);
	assert_false(io_bus_read(&bus, 0x10, 1, &value));
	assert_true(io_bus_write(&bus, 0x14, 1, 0));
	assert_true(high.size >> 63);
	io_bus_destroy(&bus);
}

static void refuses_overlaps_and_wraps(void **state _unused_)
{
	struct io_range first = { .base = 0x1000, .size = 0x100, .ops = &ops };
	struct io_range bad[] = {
		{ .base = 0x10ff, .size = 1, .ops = &ops },
		{ .base = 0xfff, .size = 2, .ops = &ops },
		{ .base = 0x0, .size = 0x10000, .ops = &ops },
		{ .base = 0x1010, .size = 0x10, .ops = &ops },
	};
	struct io_range wraps = { .base = UINT64_MAX, .size = 2, .ops = &ops };
	struct io_range last = { .base = UINT64_MAX, .size = 1, .ops = &ops };
	struct io_bus bus;

	assert_int_equal(io_bus_init(&bus, NULL), 0);
	assert_int_equal(io_bus_add(&bus, &first, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(io_bus_add(&bus, &bad[i], NULL), -EEXIST);
	assert_int_equal(io_bus_add(&bus, &wraps, NULL), -EINVAL);
	assert_int_equal(io_bus_add(&bus, &last, NULL), 0);
	assert_int_equal(bus.n, 2);
	io_bus_destroy(&bus);
}

static void port_b_blames_no_nmi_and_ends_a_wait(void **state _unused_)
{
	struct port_b port;
	struct io_bus bus;
	uint64_t value;

	assert_int_equal(io_bus_init(&bus, NULL), 0);
	assert_int_equal(port_b_add(&port, &bus, NULL), 0);
	assert_true(io_bus_write(&bus, LAYOUT_PORT_B, 1, 0xff));
	assert_true(io_bus_read(&bus, LAYOUT_PORT_B, 1, &value));
	assert_int_equal(value & 0xc0, 0);
	assert_int_equal(value & 0x20, 0x20);
	io_bus_destroy(&bus);
}

static void on_event(struct machine *m, enum machine_event event, void *data)
{
	*(int *)data = (int)event;
	event_loop_stop(m->loop);
}

static void the_keyboard_controller_resets(void **state _unused_)
{
	int event = -1;
	struct machine m = { .on_event = on_event, .on_event_data = &event };
	uint64_t value;

	assert_int_equal(event_loop_create(&m.loop, NULL), 0);
	assert_int_equal(io_bus_init(&m.pio, NULL), 0);
	assert_int_equal(i8042_add(&m.i8042, &m, NULL), 0);
	/* Linux waits until it is not busy. */
	assert_true(io_bus_read(&m.pio, 0x64, 1, &value));
	assert_int_equal(value & 2, 0);
	assert_true(io_bus_write(&m.pio, 0x64, 1, 0xd1));
	assert_false(machine_is_ending(&m));
	assert_true(io_bus_write(&m.pio, 0x64, 1, 0xfe));
	assert_true(machine_is_ending(&m));
	assert_int_equal(event_loop_run(m.loop, NULL), 0);
	assert_int_equal(event, MACHINE_EVENT_RESET);
	io_bus_destroy(&m.pio);
	event_loop_destroy(m.loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_only_whole_accesses),
		cmocka_unit_test(refuses_overlaps_and_wraps),
		cmocka_unit_test(port_b_blames_no_nmi_and_ends_a_wait),
		cmocka_unit_test(the_keyboard_controller_resets),
	};

	return cmocka_run_group_tests_name("io_bus", tests, NULL, NULL);
}
