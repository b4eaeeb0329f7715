/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time that passes, whatever becomes of the time of day. */
#pragma once

#include <stdint.h>
#include <time.h>

/* Milliseconds since some moment before this process began. */
static inline uint64_t clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}
