/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guest memory: the map around the 32-bit hole, and addresses that are none. */
#include "unit.h"

#include "base/cleanup.h"
#include "memory.h"

#include <errno.h>

static void spans_stay_in_one_region(void **state _unused_)
{
	const struct memory_config config = { .size = 5ull << 30 };
	struct guest_memory *mem;
	uint64_t low = MEMORY_HOLE_START, high = MEMORY_HIGH_START;

	assert_int_equal(guest_memory_create(&config, &mem, NULL), 0);
	assert_int_equal(mem->n_regions, 2);
	assert_ptr_equal(memory_span(mem, 0, low), mem->regions[0].hva);
	assert_ptr_equal(memory_span(mem, high, 1), mem->regions[0].hva + low);
	assert_non_null(memory_span(mem, high, (5ull << 30) - low));
	assert_non_null(memory_span(mem, low, 0));
	assert_null(memory_span(mem, low, 1));
	assert_null(memory_span(mem, low - 1, 2));
	assert_null(memory_span(mem, 0, low + 1));
	assert_null(memory_span(mem, high, (5ull << 30) - low + 1));
	assert_null(memory_span(mem, high - 1, 2));
	assert_null(memory_span(mem, UINT64_MAX, 2));
	assert_null(memory_span(mem, 16, UINT64_MAX - 8));
	guest_memory_destroy(mem);
}

static void populates_on_request(void **state _unused_)
{
	const struct memory_config config = { .size = 3 << 20, .prefault = true };
	struct guest_memory *mem;
	struct err e = { 0 };

	assert_int_equal(guest_memory_create(&config, &mem, &e), 0);
	assert_int_equal(mem->n_regions, 1);
	assert_int_equal(mem->regions[0].hva[(3 << 20) - 1], 0);
	guest_memory_destroy(mem);
}

static void names_what_is_missing(void **state _unused_)
{
	struct memory_config config = {
		.size = 1ull << 46,
		.hugepages = true,
		.hugepage_size = 2 << 20,
	};
	struct guest_memory *mem;
	struct err e = { 0 };

	/* No test machine has 64 TiB of hugepages. */
	assert_true(guest_memory_create(&config, &mem, &e) < 0);
	assert_non_null(strstr(e.text, "hugepages of 2048 KiB"));
	config.size = (2 << 20) + 4096;
	assert_int_equal(guest_memory_create(&config, &mem, &e), -EINVAL);
	assert_non_null(strstr(e.text, "2101248"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spans_stay_in_one_region),
		cmocka_unit_test(populates_on_request),
		cmocka_unit_test(names_what_is_missing),
	};

	return cmocka_run_group_tests_name("guest_memory", tests, NULL, NULL);
}
