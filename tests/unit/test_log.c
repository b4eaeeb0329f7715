/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log and the events file under a guest that causes as many messages as it can. */
#include "unit.h"

#include "api/event_monitor.h"
#include "base/file.h"
#include "log.h"
#include "rate_limit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static unsigned int count(const char *text, const char *what)
{
	unsigned int n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

static char *new_path(void)
{
	char *path = strdup("/tmp/log.XXXXXX");
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	return path;
}

static void one_a_second_after_the_burst(void **state _unused_)
{
	struct rate_limit limit = { .burst = 3 };
	uint64_t dropped = 9;

	for (unsigned int i = 0; i < 3; i++)
		assert_true(rate_limit_allow(&limit, 100, &dropped));
	assert_int_equal(dropped, 0);
	assert_false(rate_limit_allow(&limit, 100, &dropped));
	assert_false(rate_limit_allow(&limit, 100, &dropped));
	assert_true(rate_limit_allow(&limit, 101, &dropped));
	assert_int_equal(dropped, 2);
	assert_false(rate_limit_allow(&limit, 101, &dropped));
	/* A clock that is wrong gives nothing away. */
	assert_false(rate_limit_allow(&limit, 50, &dropped));
	for (unsigned int i = 0; i < 3; i++)
		assert_true(rate_limit_allow(&limit, 1000, &dropped));
	assert_false(rate_limit_allow(&limit, 1000, &dropped));
}

static void log_does_not_grow_for_ever(void **state _unused_)
{
	_free_ char *path = new_path();
	_free_ char *text = NULL;
	struct err e = { 0 };

	assert_int_equal(log_open(path, LOG_LEVEL_INFO, &e), 0);
	for (unsigned int i = 0; i < 5000; i++)
		log_warn("a guest did wrong");
	/* What ends a machine is told nevertheless. */
	log_error("the guest cannot go on");
	assert_int_equal(file_read(path, 1 << 20, &text, NULL, &e), 0);
	unlink(path);
	assert_in_range(count(text, "a guest did wrong"), 1000, 1010);
	assert_int_equal(count(text, "the guest cannot go on"), 1);
}

static void events_file_does_not_grow_for_ever(void **state _unused_)
{
	struct event_monitor *monitor;
	_free_ char *path = new_path();
	_free_ char *text = NULL;
	struct err e = { 0 };

	assert_int_equal(event_monitor_open(path, -1, &monitor, &e), 0);
	for (unsigned int i = 0; i < 6000; i++)
		event_monitor_emit(monitor, "vdpa", "reset", "d", NULL);
	event_monitor_close(monitor);
	assert_int_equal(file_read(path, 8 << 20, &text, NULL, &e), 0);
	unlink(path);
	assert_in_range(count(text, "\"reset\""), 4096, 4110);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_a_second_after_the_burst),
		cmocka_unit_test(log_does_not_grow_for_ever),
		cmocka_unit_test(events_file_does_not_grow_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
