/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Check: kernel, initramfs and disk images can be read and are what they should be. */
#include "host/boot_image.h"
#include "host/checks.h"
#include "host/disk_image.h"
#include "host/try_open.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	SECTOR = 512,
};

/* Reports when the user cannot open the file; true when they can. */
static bool openable(const struct try_user *u, const char *path, int flags, struct report *r)
{
	const char *how = flags == O_RDONLY ? "read" : "read and write";
	int code = try_open_as(u, path, flags);
	struct finding *f;

	if (code == 0)
		return true;
	f = report_add(r, check_images.id, FINDING_FAIL, path, "user %s cannot %s it: %s", u->name,
		       how, err_strerror(code));
	if (code == -ENOENT && path[0] != '/')
		finding_remedy(f, "give the path of an existing file; a relative one counts from "
				  "the current folder");
	else if (code == -ENOENT)
		finding_remedy(f, "give the path of an existing file");
	else
		finding_remedy(f, "let the user %s the file", how);
	return false;
}

static void look_at_kernel(const struct try_user *u, const char *path, struct report *r)
{
	enum boot_image_kind kind;
	struct err why = { 0 };
	struct finding *f;

	if (!openable(u, path, O_RDONLY, r))
		return;
	if (boot_image_probe(path, &kind, &why) == 0) {
		report_add(r, check_images.id, FINDING_OK, path, "%s",
			   kind == BOOT_IMAGE_ELF ? "ELF kernel with a PVH entry"
						  : "bzImage with a 64-bit entry");
		return;
	}
	f = report_add(r, check_images.id, FINDING_FAIL, path, "%s", why.text);
	if (why.hint[0])
		finding_remedy(f, "%s", why.hint);
}

static void look_at_disk(const struct try_user *u, const struct disk_config *disk, struct report *r)
{
	_close_ int fd = -1;
	const char *kind;
	struct finding *f;
	struct stat st;

	if (!openable(u, disk->path, disk->readonly ? O_RDONLY : O_RDWR, r))
		return;
	fd = open(disk->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0)
		return;
	if (S_ISBLK(st.st_mode)) {
		report_add(r, check_images.id, FINDING_OK, disk->path, "block device");
		return;
	}
	if (!S_ISREG(st.st_mode)) {
		finding_remedy(report_add(r, check_images.id, FINDING_FAIL, disk->path,
					  "neither a file nor a block device"),
			       "give a raw image or a block device");
		return;
	}
	kind = disk->image_type == DISK_IMAGE_UNKNOWN ? disk_image_kind(fd) : NULL;
	if (kind) {
		f = report_add(r, check_images.id, FINDING_FAIL, disk->path,
			       "it begins as a %s image does; only raw ones are read", kind);
		finding_remedy(f, "convert it, or give image_type=raw");
		finding_command(f, "qemu-img convert -O raw %s %s.raw", disk->path, disk->path);
		return;
	}
	if (!st.st_size || st.st_size % SECTOR) {
		finding_remedy(report_add(r, check_images.id, FINDING_FAIL, disk->path,
					  "%lld bytes are no whole number of sectors of %d bytes",
					  (long long)st.st_size, SECTOR),
			       "pad the image with truncate -s");
		return;
	}
	report_add(r, check_images.id, FINDING_OK, disk->path, "%lld bytes", (long long)st.st_size);
}

static int probe(const struct check_options *o, struct report *r, struct err *e)
{
	const struct vm_config *c = o->config;
	struct try_user u;
	int code;

	if (!c)
		return 0;
	code = try_user_find(o->user, &u, e);
	if (code)
		return code;
	if (c->payload.kernel)
		look_at_kernel(&u, c->payload.kernel, r);
	if (c->payload.initramfs && openable(&u, c->payload.initramfs, O_RDONLY, r))
		report_add(r, check_images.id, FINDING_OK, c->payload.initramfs, "readable");
	for (size_t i = 0; i < c->n_disks; i++)
		look_at_disk(&u, &c->disks[i], r);
	return 0;
}

const struct host_check check_images = {
	.id = "images",
	.summary = "kernel, initramfs and disk images are usable",
	.probe = probe,
};
