/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guest memory to a sparse file and back. */
#pragma once

#include "memory.h"

/* What is zero becomes a hole. `path` is for messages. */
int snapshot_memory_write(int fd, const char *path, const struct guest_memory *mem, struct err *e);

/* The file must be as large as the memory; what is a hole stays untouched. */
int snapshot_memory_read(int fd, const char *path, const struct guest_memory *mem, struct err *e);
