/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is a file a kernel that can be booted directly: ELF with a PVH note, or bzImage. */
#pragma once

#include "base/err.h"

/* More than any kernel has. */
enum {
	BOOT_IMAGE_MAX_HEADERS = 64,     /* of an ELF file's program */
	BOOT_IMAGE_MAX_NOTES = 64 << 10, /* bytes of one segment of them */
};

enum boot_image_kind {
	BOOT_IMAGE_ELF,
	BOOT_IMAGE_BZIMAGE,
};

/* -ENOEXEC with what it is instead, or what it lacks. Every offset in the file is checked. */
int boot_image_probe(const char *path, enum boot_image_kind *kind, struct err *e);
