/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the loaders share; used inside vmm/boot/ only. */
#pragma once

#include "boot/boot.h"

#include <asm/bootparam.h>
#include <stddef.h>

/* A file to load from. */
struct boot_image {
	int fd;
	const char *path; /* borrowed */
	uint64_t size;
};

/* What a loader leaves behind for the rest of the boot. */
struct boot_kernel {
	uint64_t entry;           /* physical */
	uint64_t end;             /* first byte that the kernel does not need while it starts */
	uint64_t initramfs_limit; /* initramfs must end at or below */
	uint64_t cmdline_limit;   /* characters; 0: not known */
	bool long_mode;
	struct setup_header setup; /* bzImage only */
};

struct boot_initramfs {
	uint64_t address, size; /* size 0: none */
};

int boot_open(const char *what, const char *path, struct boot_image *image, struct err *e);
void boot_close(struct boot_image *image);

/* Reads [offset, offset + len) of the file; -EINVAL when it is shorter. */
int boot_read(const struct boot_image *image, uint64_t offset, void *buf, size_t len,
	      struct err *e);

/* As boot_read, to a guest-physical address; -EFAULT when that is not all RAM above 1 MiB. */
int boot_read_guest(const struct guest_memory *mem, const struct boot_image *image, uint64_t offset,
		    uint64_t gpa, uint64_t len, struct err *e);

bool elf_recognises(const void *head, size_t len);
int elf_load(const struct guest_memory *mem, const struct boot_image *image,
	     struct boot_kernel *kernel, struct err *e);

bool bzimage_recognises(const void *head, size_t len);
int bzimage_load(const struct guest_memory *mem, const struct boot_image *image,
		 struct boot_kernel *kernel, struct err *e);

/* Write the structures that the entry point is given, and fill *entry. */
int boot_pvh_info(const struct guest_memory *mem, const struct boot_kernel *kernel,
		  const struct boot_initramfs *initramfs, struct boot_entry *entry, struct err *e);
int boot_zero_page(const struct guest_memory *mem, const struct boot_kernel *kernel,
		   const struct boot_initramfs *initramfs, struct boot_entry *entry, struct err *e);
