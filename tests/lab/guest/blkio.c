/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes a pattern over a disk and verifies it, past the page cache; flushes, discards and zeroes.
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define CHUNK (256 * 1024)

static int fail(const char *what, uint64_t at)
{
	fprintf(stderr, "blkio: %s at %llu: %s\n", what, (unsigned long long)at, strerror(errno));
	return 1;
}

/* Every 8 bytes depend on the seed and on where they are, so that misplaced data shows. */
static void pattern(uint64_t *words, uint64_t offset, uint64_t seed)
{
	for (size_t i = 0; i < CHUNK / sizeof(*words); i++) {
		uint64_t x = (offset / sizeof(*words) + i + 1) * 0x9e3779b97f4a7c15ull + seed;

		words[i] = (x ^ x >> 29) * 0xbf58476d1ce4e5b9ull;
	}
}

static int verify(const uint64_t *want, const uint64_t *got, uint64_t offset)
{
	for (size_t i = 0; i < CHUNK / sizeof(*want); i++) {
		if (want[i] == got[i])
			continue;
		fprintf(stderr, "blkio: byte %llu: %016llx instead of %016llx\n",
			(unsigned long long)(offset + i * sizeof(*want)),
			(unsigned long long)got[i], (unsigned long long)want[i]);
		return 1;
	}
	return 0;
}

static int sweep(int fd, int writing, uint64_t size, uint64_t seed)
{
	void *want, *got;

	if (posix_memalign(&want, 4096, CHUNK) || posix_memalign(&got, 4096, CHUNK))
		return fail("memory", 0);
	for (uint64_t at = 0; at + CHUNK <= size; at += CHUNK) {
		pattern(want, at, seed);
		if (writing && pwrite(fd, want, CHUNK, (off_t)at) != CHUNK)
			return fail("write", at);
		if (writing)
			continue;
		if (pread(fd, got, CHUNK, (off_t)at) != CHUNK)
			return fail("read", at);
		if (verify(want, got, at))
			return 1;
	}
	if (writing && fsync(fd))
		return fail("flush", 0);
	printf("%s %llu bytes\n", writing ? "wrote" : "verified",
	       (unsigned long long)(size / CHUNK * CHUNK));
	return 0;
}

static int usage(void)
{
	fputs("usage: blkio write|verify DEVICE [SEED [BYTES]]\n"
	      "       blkio flush|size DEVICE\n"
	      "       blkio discard|zero DEVICE OFFSET BYTES\n",
	      stderr);
	return 2;
}

int main(int argc, char **argv)
{
	uint64_t size = 0, a = argc > 3 ? strtoull(argv[3], NULL, 0) : 1;
	uint64_t b = argc > 4 ? strtoull(argv[4], NULL, 0) : 0;
	uint64_t range[2] = { a, b };
	int fd;

	if (argc < 3)
		return usage();
	fd = open(argv[2], O_RDWR | O_DIRECT | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, BLKGETSIZE64, &size))
		return fail(argv[2], 0);
	if (!strcmp(argv[1], "write") || !strcmp(argv[1], "verify"))
		return sweep(fd, argv[1][0] == 'w', b ? b : size, a);
	if (!strcmp(argv[1], "size"))
		return printf("%llu\n", (unsigned long long)size) < 0;
	if (!strcmp(argv[1], "flush"))
		return fsync(fd) ? fail("flush", 0) : 0;
	if (!strcmp(argv[1], "discard"))
		return ioctl(fd, BLKDISCARD, range) ? fail("discard", a) : 0;
	if (!strcmp(argv[1], "zero"))
		return ioctl(fd, BLKZEROOUT, range) ? fail("zero", a) : 0;
	return usage();
}
