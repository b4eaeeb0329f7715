/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Disk images that are not raw. */
#include "host/disk_image.h"

#include "base/cleanup.h"

#include <string.h>
#include <unistd.h>

static const struct {
	const char *magic, *kind;
} heads[] = {
	{ "QFI\xfb", "qcow2" },
	{ "vhdxfile", "VHDX" },
	{ "conectix", "VHD" },
	{ "KDMV", "VMDK" },
	{ "# Disk DescriptorFile", "VMDK" },
};

const char *disk_image_kind(int fd)
{
	/* Direct I/O wants whole blocks. */
	_Alignas(4096) char head[4096];
	ssize_t n = pread(fd, head, sizeof(head), 0);

	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		size_t len = strlen(heads[i].magic);

		if (n >= (ssize_t)len && !memcmp(head, heads[i].magic, len))
			return heads[i].kind;
	}
	return NULL;
}
