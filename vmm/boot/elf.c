/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An ELF vmlinux with the note of its PVH entry point (Xen's XEN_ELFNOTE_PHYS32_ENTRY). */
#include "boot/image.h"

#include "base/checked.h"
#include "host/boot_image.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
	NOTE_PHYS32_ENTRY = 18,
};

bool elf_recognises(const void *head, size_t len)
{
	return len >= SELFMAG && memcmp(head, ELFMAG, SELFMAG) == 0;
}

static int check_header(const struct boot_image *image, const Elf64_Ehdr *h, struct err *e)
{
	if (h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_ident[EI_DATA] != ELFDATA2LSB ||
	    h->e_machine != EM_X86_64)
		return err_set(e, -EINVAL, "kernel '%s' is not an x86-64 ELF file", image->path);
	if (h->e_phentsize != sizeof(Elf64_Phdr) || h->e_phnum == 0 ||
	    h->e_phnum > BOOT_IMAGE_MAX_HEADERS)
		return err_set(
			e, -EINVAL,
			"kernel '%s' has %u program headers of %u bytes: need 1 to %d of %zu",
			image->path, h->e_phnum, h->e_phentsize, BOOT_IMAGE_MAX_HEADERS,
			sizeof(Elf64_Phdr));
	return 0;
}

static int load_segment(const struct guest_memory *mem, const struct boot_image *image,
			const Elf64_Phdr *p, struct boot_kernel *kernel, struct err *e)
{
	uint64_t end;

	if (p->p_filesz > p->p_memsz || add_wraps(p->p_paddr, p->p_memsz, &end))
		return err_set(e, -EINVAL, "kernel '%s' has a segment of impossible size",
			       image->path);
	if (p->p_memsz && !memory_span(mem, p->p_paddr, p->p_memsz))
		return err_set(e, -EFAULT,
			       "kernel '%s' does not fit into guest memory: 0x%" PRIx64
			       " bytes at 0x%" PRIx64,
			       image->path, p->p_memsz, p->p_paddr);
	if (end > kernel->end)
		kernel->end = end;
	/* What follows the file's part is zero: guest memory is fresh. */
	return p->p_filesz ? boot_read_guest(mem, image, p->p_offset, p->p_paddr, p->p_filesz, e)
			   : 0;
}

/* Looks through a note segment; true when the entry point was in it. */
static bool find_entry(const uint8_t *notes, uint64_t size, uint64_t *entry)
{
	uint64_t at = 0;

	while (range_within(at, sizeof(Elf64_Nhdr), size)) {
		Elf64_Nhdr n;

		memcpy(&n, notes + at, sizeof(n));
		/* 32-bit sizes, so these sums cannot wrap. */
		uint64_t name = at + sizeof(n);
		uint64_t desc = name + round_up(n.n_namesz, 4);
		uint64_t next = desc + round_up(n.n_descsz, 4);

		if (desc > size || n.n_descsz > size - desc)
			return false;
		if (n.n_type == NOTE_PHYS32_ENTRY && n.n_namesz == 4 &&
		    memcmp(notes + name, "Xen", 4) == 0 && (n.n_descsz == 4 || n.n_descsz == 8)) {
			*entry = 0;
			memcpy(entry, notes + desc, n.n_descsz);
			return true;
		}
		at = next;
	}
	return false;
}

static int read_notes(const struct boot_image *image, const Elf64_Phdr *p, uint64_t *entry,
		      bool *found, struct err *e)
{
	if (p->p_filesz > BOOT_IMAGE_MAX_NOTES)
		return err_set(e, -EINVAL, "kernel '%s' has a note of %" PRIu64 " bytes",
			       image->path, (uint64_t)p->p_filesz);
	_free_ uint8_t *notes = malloc(p->p_filesz + 1);

	if (!notes)
		return err_nomem(e);
	int ret = boot_read(image, p->p_offset, notes, p->p_filesz, e);

	if (ret == 0)
		*found |= find_entry(notes, p->p_filesz, entry);
	return ret;
}

int elf_load(const struct guest_memory *mem, const struct boot_image *image,
	     struct boot_kernel *kernel, struct err *e)
{
	Elf64_Phdr headers[BOOT_IMAGE_MAX_HEADERS];
	Elf64_Ehdr h;
	bool found = false;
	int ret = boot_read(image, 0, &h, sizeof(h), e);

	if (ret == 0)
		ret = check_header(image, &h, e);
	if (ret == 0)
		ret = boot_read(image, h.e_phoff, headers, h.e_phnum * sizeof(headers[0]), e);
	for (unsigned int i = 0; i < h.e_phnum && ret == 0; i++) {
		if (headers[i].p_type == PT_LOAD)
			ret = load_segment(mem, image, &headers[i], kernel, e);
		else if (headers[i].p_type == PT_NOTE)
			ret = read_notes(image, &headers[i], &kernel->entry, &found, e);
	}
	if (ret < 0)
		return ret;
	if (!found) {
		err_set(e, -EINVAL, "kernel '%s' has no PVH entry point", image->path);
		return err_hint(e, "build it with CONFIG_PVH=y, or give a bzImage");
	}
	if (kernel->entry > UINT32_MAX || !memory_span(mem, kernel->entry, 1))
		return err_set(e, -EINVAL,
			       "kernel '%s' has its entry point at 0x%" PRIx64
			       ", outside guest memory",
			       image->path, kernel->entry);
	kernel->long_mode = false;
	kernel->initramfs_limit = UINT32_MAX;
	return 0;
}
