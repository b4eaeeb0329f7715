/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time that passes, whatever becomes of the time of day. */
#pragma once

#include <stdint.h>
#include <time.h>

/* Microseconds since some moment before this process began. */
static inline uint64_t clock_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* The same in milliseconds. */
static inline uint64_t clock_ms(void)
{
	return clock_us() / 1000;
}
