/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kernel images, ELF and bzImage, with and without an initramfs. */
#include "base/cleanup.h"
#include "boot/boot.h"
#include "layout.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	MEMORY = 32 << 20,
};

/* One guest for all inputs: filling its memory anew each time would take the time of a thousand. */
static struct guest_memory *guest(void)
{
	static struct guest_memory *mem;
	const struct memory_config config = { .size = MEMORY };

	if (!mem && guest_memory_create(&config, &mem, NULL))
		abort();
	return mem;
}

static int file_of(const uint8_t *data, size_t size, char *path, size_t path_size)
{
	int fd = memfd_create("image", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, path_size, "/proc/self/fd/%d", fd);
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char kernel[32], initramfs[32], cmdline[] = "console=hvc0 root=/dev/vda1";
	struct payload_config payload = { .kernel = kernel };
	struct boot_entry entry;
	struct err e = { 0 };

	if (!size)
		return 0;
	_close_ int fd _unused_ = file_of(data + 1, size - 1, kernel, sizeof(kernel));
	_close_ int rd _unused_ = file_of(data, size, initramfs, sizeof(initramfs));

	if (data[0] & 1)
		payload.initramfs = initramfs;
	if (data[0] & 2)
		payload.cmdline = cmdline;
	if (boot_load(guest(), &payload, &entry, &e) == 0 && entry.rip < LAYOUT_KERNEL_START &&
	    entry.long_mode)
		abort();
	return 0;
}
