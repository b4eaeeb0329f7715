/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A bzImage, entered in 64-bit mode (Linux' x86 boot protocol 2.12 and later). */
#include "boot/image.h"

#include "base/checked.h"
#include "layout.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum {
	HEADER_OFFSET = 0x1f1,
	SIGNATURE_OFFSET = 0x202,
	SECTOR = 512,
	DEFAULT_SETUP_SECTORS = 4,
	FIRST_VERSION = 0x20c,
	ENTRY_64_OFFSET = 0x200,
};

/* The page tables that the kernel starts with cover as much. */
#define IDENTITY_MAPPED (1ull << 30)

bool bzimage_recognises(const void *head, size_t len)
{
	return len >= SIGNATURE_OFFSET + 4 &&
	       memcmp((const char *)head + SIGNATURE_OFFSET, "HdrS", 4) == 0;
}

static int check_setup(const struct boot_image *image, const struct setup_header *s, struct err *e)
{
	if (s->boot_flag != 0xaa55)
		return err_set(e, -EINVAL, "kernel '%s' has no boot flag: not a bzImage",
			       image->path);
	if (s->version < FIRST_VERSION)
		return err_set(e, -EINVAL,
			       "kernel '%s' speaks boot protocol %u.%02u: need 2.12 or newer",
			       image->path, s->version >> 8u, s->version & 0xffu);
	if (!(s->loadflags & LOADED_HIGH) || !(s->xloadflags & XLF_KERNEL_64))
		return err_set(e, -EINVAL, "kernel '%s' has no 64-bit entry point", image->path);
	return 0;
}

/* Where it prefers to be, or as low as it accepts where memory is short. */
static int choose_address(const struct guest_memory *mem, const struct boot_image *image,
			  const struct setup_header *s, uint64_t payload, struct boot_kernel *k,
			  struct err *e)
{
	uint64_t need = s->init_size > payload ? s->init_size : payload;
	uint64_t at = s->pref_address;

	if (at < LAYOUT_KERNEL_START || at >= IDENTITY_MAPPED || !memory_span(mem, at, need)) {
		if (!s->relocatable_kernel || !is_power_of_2(s->kernel_alignment))
			return err_set(e, -EFAULT,
				       "kernel '%s' wants 0x%" PRIx64 " bytes at 0x%" PRIx64
				       ": not in guest memory",
				       image->path, need, (uint64_t)s->pref_address);
		at = round_up(LAYOUT_KERNEL_START, s->kernel_alignment);
	}
	if (at >= IDENTITY_MAPPED || payload > IDENTITY_MAPPED - at ||
	    !memory_span(mem, at, need)) {
		err_set(e, -EFAULT,
			"guest memory is too small for kernel '%s', which needs 0x%" PRIx64
			" bytes from 0x%" PRIx64,
			image->path, need, at);
		return err_hint(e, "give the machine more memory (--memory size=)");
	}
	k->entry = at;
	k->end = at + need;
	return 0;
}

/* What is behind the header's own end is code, and must be zero in the zero page. */
static void clear_unknown(struct setup_header *s)
{
	size_t end = SIGNATURE_OFFSET - HEADER_OFFSET + (s->jump >> 8);

	if (end < sizeof(*s))
		memset((uint8_t *)s + end, 0, sizeof(*s) - end);
}

int bzimage_load(const struct guest_memory *mem, const struct boot_image *image,
		 struct boot_kernel *kernel, struct err *e)
{
	struct setup_header *s = &kernel->setup;
	int ret = boot_read(image, HEADER_OFFSET, s, sizeof(*s), e);

	if (ret == 0)
		ret = check_setup(image, s, e);
	if (ret < 0)
		return ret;
	uint64_t sectors = s->setup_sects ? s->setup_sects : DEFAULT_SETUP_SECTORS;
	uint64_t start = (sectors + 1) * SECTOR;

	if (start >= image->size)
		return err_set(e, -EINVAL, "kernel '%s' is cut: it ends in its set-up part",
			       image->path);
	uint64_t payload = image->size - start;

	ret = choose_address(mem, image, s, payload, kernel, e);
	if (ret == 0)
		ret = boot_read_guest(mem, image, start, kernel->entry, payload, e);
	if (ret < 0)
		return ret;
	clear_unknown(s);
	kernel->entry += ENTRY_64_OFFSET;
	kernel->long_mode = true;
	kernel->initramfs_limit = (uint64_t)s->initrd_addr_max + 1;
	kernel->cmdline_limit = s->cmdline_size;
	return 0;
}
