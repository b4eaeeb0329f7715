/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The image file or block device behind a virtio-blk device. */
#include "host/disk_image.h"
#include "log.h"
#include "virtio/blk_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* Two writers would destroy the file system in it; the lock goes with the descriptor. */
static int lock_image(const struct blk_image *image, const struct disk_config *config,
		      struct err *e)
{
	bool full = config->lock_granularity == DISK_LOCK_FULL;
	struct flock lock = {
		.l_type = image->readonly ? F_RDLCK : F_WRLCK,
		.l_whence = SEEK_SET,
		.l_len = full ? 0 : (off_t)(image->sectors * BLK_SECTOR),
	};
	const char *path = config->path;

	if (fcntl(image->fd, F_OFD_SETLK, &lock) == 0)
		return 0;
	if (errno == EAGAIN || errno == EACCES) {
		err_set(e, -EBUSY, "disk '%s' is in use%s", path,
			image->readonly ? " by a writer" : "");
		err_hint(e, "another process has locked it; give each VM its own copy, or use it "
			    "with readonly=on everywhere");
		return -EBUSY;
	}
	log_warn("disk '%s' cannot be locked: %s", path, strerror(errno));
	return 0;
}

static int measure(struct blk_image *image, const char *path, struct err *e)
{
	struct stat st;
	uint64_t bytes;

	if (fstat(image->fd, &st) < 0)
		return err_errno(e, -errno, "disk '%s'", path);
	if (S_ISBLK(st.st_mode)) {
		off_t end = lseek(image->fd, 0, SEEK_END);

		if (end < 0)
			return err_errno(e, -errno, "disk '%s': cannot tell its size", path);
		bytes = (uint64_t)end;
	} else if (S_ISREG(st.st_mode)) {
		bytes = (uint64_t)st.st_size;
	} else {
		return err_set(e, -EINVAL, "disk '%s' is neither a file nor a block device", path);
	}
	if (bytes < BLK_SECTOR)
		return err_set(e, -EINVAL, "disk '%s' is empty", path);
	image->sectors = bytes / BLK_SECTOR;
	return 0;
}

/* What direct I/O wants of offsets and buffers; before Linux 6.1 a page satisfies all. */
static void ask_alignment(struct blk_image *image, const char *path)
{
	struct statx st = { 0 };

	image->block_size = BLK_SECTOR;
	image->memory_align = 1;
	if (!image->direct)
		return;
	image->memory_align = 4096;
	if (statx(image->fd, "", AT_EMPTY_PATH, STATX_DIOALIGN, &st) < 0 ||
	    !(st.stx_mask & STATX_DIOALIGN) || !st.stx_dio_offset_align)
		return;
	image->memory_align = st.stx_dio_mem_align;
	if (st.stx_dio_offset_align > BLK_SECTOR)
		image->block_size = st.stx_dio_offset_align;
	log_debug("disk '%s': blocks of %u, buffers aligned to %u", path, image->block_size,
		  image->memory_align);
}

/* A guest that takes it for an empty disk would destroy what is in it. */
static int check_raw(const struct blk_image *image, const struct disk_config *config, struct err *e)
{
	const char *kind =
		config->image_type == DISK_IMAGE_UNKNOWN ? disk_image_kind(image->fd) : NULL;

	if (!kind)
		return 0;
	err_set(e, -EINVAL, "disk '%s' begins as a %s image does; only raw ones are read",
		config->path, kind);
	err_hint(e, "make it raw with 'qemu-img convert -O raw', or give image_type=raw for the "
		    "guest to have it as it is");
	return -EINVAL;
}

int blk_image_open(struct blk_image *image, const struct disk_config *config, struct err *e)
{
	int flags = (config->readonly ? O_RDONLY : O_RDWR) | (config->direct ? O_DIRECT : 0);
	_close_ int fd = open(config->path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int r;

	if (fd < 0 && errno == EINVAL && config->direct) {
		err_set(e, -EINVAL, "disk '%s': its file system knows no direct I/O", config->path);
		err_hint(e, "leave direct=on out");
		return -EINVAL;
	}
	if (fd < 0 && (errno == EROFS || errno == EACCES) && !config->readonly) {
		err_errno(e, -errno, "cannot open disk '%s' for writing", config->path);
		err_hint(e, "readonly=on opens it for reading alone");
		return e ? e->code : -EACCES;
	}
	if (fd < 0)
		return err_errno(e, -errno, "cannot open disk '%s'", config->path);
	*image = (struct blk_image){
		.fd = fd,
		.readonly = config->readonly,
		.direct = config->direct,
	};
	r = measure(image, config->path, e);
	if (!r)
		r = lock_image(image, config, e);
	if (!r)
		r = check_raw(image, config, e);
	if (r) {
		image->fd = -1;
		return r;
	}
	ask_alignment(image, config->path);
	image->fd = steal_fd(&fd);
	return 0;
}

/*
 * The kernel takes io_uring's own reference to the file away later; the lock must not stay that
 * long, since the next boot of this machine wants it.
 */
void blk_image_close(struct blk_image *image)
{
	const struct flock unlock = { .l_type = F_UNLCK, .l_whence = SEEK_SET };

	if (image->fd < 0)
		return;
	fcntl(image->fd, F_OFD_SETLK, &unlock);
	close(image->fd);
	image->fd = -1;
}
