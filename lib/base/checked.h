/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arithmetic on numbers that came from outside: each returns true when the result would wrap. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

static inline bool add_wraps(uint64_t a, uint64_t b, uint64_t *sum)
{
	return __builtin_add_overflow(a, b, sum);
}

static inline bool mul_wraps(uint64_t a, uint64_t b, uint64_t *product)
{
	return __builtin_mul_overflow(a, b, product);
}

/* Is [offset, offset + len) within [0, size)? An empty range at the end is. */
static inline bool range_within(uint64_t offset, uint64_t len, uint64_t size)
{
	return offset <= size && len <= size - offset;
}

static inline bool is_power_of_2(uint64_t v)
{
	return v && !(v & (v - 1));
}

/* Rounds up to a multiple of `unit`, a power of 2; the caller knows that it does not wrap. */
static inline uint64_t round_up(uint64_t v, uint64_t unit)
{
	return (v + unit - 1) & ~(unit - 1);
}

static inline uint64_t round_down(uint64_t v, uint64_t unit)
{
	return v & ~(unit - 1);
}
