/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Disk images that are not raw. */
#pragma once

/* The kind of image ("qcow2") as which a file begins, whatever wrote that; NULL: none that is
 * known, or it cannot be read. The descriptor may be one of direct I/O. */
const char *disk_image_kind(int fd);
