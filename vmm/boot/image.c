/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that are loaded into the guest: opened and read within their bounds. */
#include "boot/image.h"

#include "base/checked.h"
#include "layout.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>

int boot_open(const char *what, const char *path, struct boot_image *image, struct err *e)
{
	/* Not blocking: a FIFO in the place of the file must not hang the start. */
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(e, -errno, "cannot open %s '%s'", what, path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, -EINVAL, "%s '%s' is not a regular file", what, path);
	*image = (struct boot_image){
		.fd = steal_fd(&fd),
		.path = path,
		.size = (uint64_t)st.st_size,
	};
	return 0;
}

void boot_close(struct boot_image *image)
{
	if (image->fd >= 0)
		close(image->fd);
	image->fd = -1;
}

int boot_read(const struct boot_image *image, uint64_t offset, void *buf, size_t len, struct err *e)
{
	uint8_t *at = buf;

	if (!range_within(offset, len, image->size))
		return err_set(e, -EINVAL,
			       "'%s' is cut: it has %" PRIu64 " bytes, its header speaks of more",
			       image->path, image->size);
	while (len > 0) {
		ssize_t got = pread(image->fd, at, len, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_errno(e, -errno, "cannot read '%s'", image->path);
		if (got == 0)
			return err_set(e, -EINVAL, "'%s' became shorter while it was read",
				       image->path);
		at += got;
		offset += (uint64_t)got;
		len -= (size_t)got;
	}
	return 0;
}

int boot_read_guest(const struct guest_memory *mem, const struct boot_image *image, uint64_t offset,
		    uint64_t gpa, uint64_t len, struct err *e)
{
	void *at = gpa >= LAYOUT_KERNEL_START ? memory_span(mem, gpa, len) : NULL;

	if (!at)
		return err_set(e, -EFAULT,
			       "'%s' does not fit into guest memory: 0x%" PRIx64
			       " bytes at 0x%" PRIx64,
			       image->path, len, gpa);
	return boot_read(image, offset, at, len, e);
}
