/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guest memory to a sparse file and back. */
#include "snapshot/snapshot_memory.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	PAGE = 4096,
};

/* All RAM is one mapping, in the order of its regions. */
static uint8_t *all_of(const struct guest_memory *mem)
{
	return mem->regions[0].hva;
}

static bool is_zero(const uint8_t *page)
{
	return page[0] == 0 && memcmp(page, page + 1, PAGE - 1) == 0;
}

/* The next range at or after *from that a file has; a file system that cannot tell has all. */
static bool next_data(int fd, uint64_t size, uint64_t *from, uint64_t *to)
{
	off_t data = lseek(fd, (off_t)*from, SEEK_DATA), hole;

	if (data < 0 && errno == ENXIO)
		return false;
	if (data < 0) {
		*to = size;
		return *from < size;
	}
	hole = lseek(fd, data, SEEK_HOLE);
	*from = (uint64_t)data;
	*to = hole < 0 ? size : (uint64_t)hole;
	return *from < size;
}

static int write_range(int fd, const uint8_t *ram, uint64_t from, uint64_t to)
{
	while (from < to) {
		ssize_t n = pwrite(fd, ram + from, to - from, (off_t)from);

		if (n < 0 && errno != EINTR)
			return -errno;
		from += n > 0 ? (uint64_t)n : 0;
	}
	return 0;
}

/* The pages of a range that are not zero, as few writes as there are runs of them. */
static int write_pages(int fd, const uint8_t *ram, uint64_t from, uint64_t to)
{
	int r = 0;

	while (from < to && !r) {
		uint64_t end = from;

		while (end < to && !is_zero(ram + end))
			end += PAGE;
		r = write_range(fd, ram, from, end);
		from = end + PAGE;
	}
	return r;
}

int snapshot_memory_write(int fd, const char *path, const struct guest_memory *mem, struct err *e)
{
	uint64_t from = 0, to;
	int r = ftruncate(fd, (off_t)mem->size) < 0 ? -errno : 0;

	/* Pages that a memfd does not have yet would be made by looking at them. */
	if (mem->fd < 0 && !r)
		r = write_pages(fd, all_of(mem), 0, mem->size);
	while (mem->fd >= 0 && !r && next_data(mem->fd, mem->size, &from, &to)) {
		r = write_pages(fd, all_of(mem), from, to);
		from = to;
	}
	return r ? err_errno(e, r, "cannot write '%s'", path) : 0;
}

static int read_range(int fd, uint8_t *ram, uint64_t from, uint64_t to)
{
	while (from < to) {
		ssize_t n = pread(fd, ram + from, to - from, (off_t)from);

		if (n == 0)
			return -ENODATA;
		if (n < 0 && errno != EINTR)
			return -errno;
		from += n > 0 ? (uint64_t)n : 0;
	}
	return 0;
}

int snapshot_memory_read(int fd, const char *path, const struct guest_memory *mem, struct err *e)
{
	uint64_t from = 0, to;
	struct stat st;
	int r = 0;

	if (fstat(fd, &st) < 0)
		return err_errno(e, -errno, "'%s'", path);
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != mem->size)
		return err_set(e, -EINVAL,
			       "'%s' has %" PRIu64 " bytes, and the VM's memory %" PRIu64, path,
			       (uint64_t)st.st_size, mem->size);
	while (!r && next_data(fd, mem->size, &from, &to)) {
		r = read_range(fd, all_of(mem), from, to < mem->size ? to : mem->size);
		from = to;
	}
	return r ? err_errno(e, r, "cannot read '%s'", path) : 0;
}
