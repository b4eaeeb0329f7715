/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Taking a fuzzer's bytes as numbers and blocks; past the end all is zero. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct fuzz_input {
	const uint8_t *at, *end;
};

static inline bool fuzz_more(const struct fuzz_input *in)
{
	return in->at < in->end;
}

static inline size_t fuzz_bytes(struct fuzz_input *in, void *to, size_t len)
{
	size_t n = len < (size_t)(in->end - in->at) ? len : (size_t)(in->end - in->at);

	memset(to, 0, len);
	memcpy(to, in->at, n);
	in->at += n;
	return n;
}

static inline uint8_t fuzz_u8(struct fuzz_input *in)
{
	uint8_t v;

	fuzz_bytes(in, &v, sizeof(v));
	return v;
}

static inline uint16_t fuzz_u16(struct fuzz_input *in)
{
	uint16_t v;

	fuzz_bytes(in, &v, sizeof(v));
	return v;
}

static inline uint32_t fuzz_u32(struct fuzz_input *in)
{
	uint32_t v;

	fuzz_bytes(in, &v, sizeof(v));
	return v;
}

static inline uint64_t fuzz_u64(struct fuzz_input *in)
{
	uint64_t v;

	fuzz_bytes(in, &v, sizeof(v));
	return v;
}

/* A width of access: 1, 2, 4 or 8, and sometimes one that only a cut access has. */
static inline unsigned int fuzz_width(struct fuzz_input *in)
{
	static const uint8_t widths[] = { 1, 2, 4, 8, 4, 2, 3, 5 };

	return widths[fuzz_u8(in) % 8];
}
