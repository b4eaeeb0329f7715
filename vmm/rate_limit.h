/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How often something may happen that a guest can cause as often as it likes. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* Starts as all zero but for `burst`; the owner locks it. */
struct rate_limit {
	uint32_t burst; /* so many at once, and after that one a second */
	uint32_t used;
	time_t since;     /* seconds; when `used` was right */
	uint64_t dropped; /* since the last one that was allowed */
};

/*
 * May it happen at `now` (seconds of a clock that only goes forward)? When it may, *dropped is how
 * many could not since the last time.
 */
bool rate_limit_allow(struct rate_limit *limit, time_t now, uint64_t *dropped);
