/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole files: read within a bound, replaced atomically. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Reads all of `path` (at most `max` bytes, else -EFBIG), NUL-terminated; *text is the caller's to
 * free. `len` may be NULL. */
int file_read(const char *path, size_t max, char **text, size_t *len, struct err *e);

/* As file_read of a one-line sysfs or procfs file, without the newline at the end. */
int file_read_line(const char *path, char *buf, size_t size, struct err *e);

/* The number in a line "NAME:   1234 kB" of a procfs file, in bytes; false where there is none. */
bool file_read_kib(const char *path, const char *name, uint64_t *bytes);

/* Writes all of `text` to a descriptor; 0 or negative errno. */
int file_write_all(int fd, const char *text, size_t len);

/* Writes `text` to an existing file in place (sysfs, procfs). */
int file_write_existing(const char *path, const char *text, struct err *e);

/*
 * Replaces `path` by `len` bytes of `text`: temporary file in the same folder, fsync, rename,
 * fsync of the folder. Whoever reads, or a crash at any moment, finds the old file or the new one.
 * Mode and owner of an existing file are kept; a new one, and one in place of a symbolic link, gets
 * `mode`. -EINVAL where something stands there that is no regular file, nor a link to one or to
 * nothing.
 */
int file_replace(const char *path, const char *text, size_t len, mode_t mode, struct err *e);

/* Waits for the lock of an open file or folder, which goes with the descriptor (flock(2)); 0 or
 * negative errno. */
int file_lock(int fd);

/* The same for at most `timeout_ms`, where whoever else can lock it may not keep us waiting:
 * -EWOULDBLOCK. `how` is LOCK_EX or LOCK_SH. */
int file_lock_within(int fd, int how, unsigned int timeout_ms);

/*
 * Opens a file to write to (`flags`: O_WRONLY or O_RDWR, O_TRUNC, O_APPEND, O_NONBLOCK), made with
 * `mode` where it is missing. In a folder where others can write, a symbolic link is not followed
 * and a file that is not ours is not taken: they may have put it there for us to overwrite what it
 * points at, or to read what we write.
 */
int file_open_output(const char *path, int flags, mode_t mode, struct err *e);

/* mkdir -p with `mode` for the folders it creates. */
int file_mkdirs(const char *path, mode_t mode, struct err *e);
