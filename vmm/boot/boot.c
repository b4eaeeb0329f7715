/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Puts kernel, initramfs and command line into guest memory for a direct boot, without firmware. */
#include "boot/boot.h"

#include "base/checked.h"
#include "boot/image.h"
#include "layout.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum {
	HEAD_SIZE = 0x206, /* enough to tell the formats apart */
};

static int load_kernel(const struct guest_memory *mem, const struct boot_image *image,
		       struct boot_kernel *kernel, struct err *e)
{
	uint8_t head[HEAD_SIZE];
	size_t len = image->size < sizeof(head) ? image->size : sizeof(head);
	int ret = boot_read(image, 0, head, len, e);

	if (ret < 0)
		return ret;
	if (elf_recognises(head, len))
		return elf_load(mem, image, kernel, e);
	if (bzimage_recognises(head, len))
		return bzimage_load(mem, image, kernel, e);
	err_set(e, -EINVAL, "'%s' is no kernel: neither ELF with a PVH header nor bzImage",
		image->path);
	return err_hint(e, "give the kernel's vmlinux (built with CONFIG_PVH) or its bzImage, for "
			   "example /boot/vmlinuz-$(uname -r)");
}

/* As high as the kernel accepts, so that what it unpacks itself into stays free. */
static int load_initramfs(const struct guest_memory *mem, const char *path,
			  const struct boot_kernel *kernel, struct boot_initramfs *out,
			  struct err *e)
{
	_cleanup_(boot_close) struct boot_image image = { .fd = -1 };
	uint64_t limit = mem->regions[0].size;

	if (!path)
		return 0;
	int ret = boot_open("initramfs", path, &image, e);

	if (ret < 0)
		return ret;
	if (image.size == 0)
		return err_set(e, -EINVAL, "initramfs '%s' is empty", path);
	if (limit > kernel->initramfs_limit)
		limit = kernel->initramfs_limit;
	uint64_t address = limit > image.size ? round_down(limit - image.size, 4096) : 0;

	if (address < kernel->end) {
		err_set(e, -EFAULT,
			"guest memory is too small for initramfs '%s' of %" PRIu64
			" bytes beside the kernel",
			path, image.size);
		return err_hint(e, "give the machine more memory (--memory size=)");
	}
	ret = boot_read_guest(mem, &image, 0, address, image.size, e);
	if (ret == 0)
		*out = (struct boot_initramfs){ .address = address, .size = image.size };
	return ret;
}

static int write_cmdline(const struct guest_memory *mem, const char *cmdline,
			 const struct boot_kernel *kernel, struct err *e)
{
	size_t len = cmdline ? strlen(cmdline) : 0;
	uint64_t most = VM_MAX_CMDLINE - 1;

	if (kernel->cmdline_limit && kernel->cmdline_limit < most)
		most = kernel->cmdline_limit;
	if (len > most)
		return err_set(e, -EINVAL,
			       "the kernel command line has %zu characters: this kernel takes at "
			       "most %" PRIu64,
			       len, most);
	char *to = memory_span(mem, LAYOUT_CMDLINE, len + 1);

	memcpy(to, cmdline ? cmdline : "", len + 1);
	return 0;
}

/*
 * What a CPU executes after a jump to the reset vector in real mode. Linux built with EFI ends a
 * hardware-reduced machine that way rather than through the FADT's reset register.
 */
static void write_reset_vector(const struct guest_memory *mem)
{
	static const uint8_t code[] = {
		0xba,
		LAYOUT_PORT_RESET & 0xff,
		LAYOUT_PORT_RESET >> 8, /* mov dx, port */
		0xb0,
		0x01, /* mov al, 1 */
		0xee, /* out dx, al */
		0xf4, /* hlt */
		0xeb,
		0xfd, /* jmp to the hlt */
	};

	memcpy(memory_span(mem, LAYOUT_RESET_VECTOR, sizeof(code)), code, sizeof(code));
}

int boot_load(const struct guest_memory *mem, const struct payload_config *payload,
	      struct boot_entry *entry, struct err *e)
{
	_cleanup_(boot_close) struct boot_image image = { .fd = -1 };
	struct boot_kernel kernel = { 0 };
	struct boot_initramfs initramfs = { 0 };

	if (!payload->kernel)
		return err_set(e, -EINVAL, "no bootitem provided: no kernel");
	int ret = boot_open("kernel", payload->kernel, &image, e);

	if (ret == 0)
		ret = load_kernel(mem, &image, &kernel, e);
	if (ret == 0)
		ret = load_initramfs(mem, payload->initramfs, &kernel, &initramfs, e);
	if (ret == 0)
		ret = write_cmdline(mem, payload->cmdline, &kernel, e);
	if (ret < 0)
		return ret;
	write_reset_vector(mem);
	return kernel.long_mode ? boot_zero_page(mem, &kernel, &initramfs, entry, e)
				: boot_pvh_info(mem, &kernel, &initramfs, entry, e);
}
