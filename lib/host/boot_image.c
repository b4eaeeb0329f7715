/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is a file a kernel that can be booted directly: ELF with a PVH note, or bzImage. */
#include "host/boot_image.h"

#include "base/checked.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

enum {
	NOTE_PVH_ENTRY = 18, /* XEN_ELFNOTE_PHYS32_ENTRY */
	/* Linux x86 boot protocol. */
	BZ_BOOT_FLAG_AT = 0x1fe,
	BZ_MAGIC_AT = 0x202,
	BZ_VERSION_AT = 0x206,
	BZ_LOADFLAGS_AT = 0x211,
	BZ_XLOADFLAGS_AT = 0x236,
	BZ_BOOT_FLAG = 0xaa55,
	BZ_MIN_VERSION = 0x020c,
	BZ_LOADED_HIGH = 1,
	BZ_KERNEL_64 = 1,
};

static int no_kernel(const char *path, const char *what, struct err *e)
{
	err_set(e, -ENOEXEC, "'%s' is no kernel that can be booted: %s", path, what);
	err_hint(e, "give an uncompressed vmlinux with CONFIG_PVH, or a bzImage of 64 bit "
		    "(/boot/vmlinuz-*)");
	return -ENOEXEC;
}

static bool read_at(int fd, void *buf, size_t len, uint64_t at)
{
	return at <= INT64_MAX && pread(fd, buf, len, (off_t)at) == (ssize_t)len;
}

/* Is the PVH note among the notes of one segment? */
static bool notes_have_pvh(const uint8_t *notes, uint64_t size)
{
	uint64_t at = 0;

	while (range_within(at, sizeof(Elf64_Nhdr), size)) {
		Elf64_Nhdr n;
		uint64_t name, desc;

		memcpy(&n, notes + at, sizeof(n));
		name = at + sizeof(n);
		desc = name + round_up(n.n_namesz, 4);
		if (!range_within(desc, n.n_descsz, size))
			return false;
		if (n.n_type == NOTE_PVH_ENTRY && n.n_namesz == 4 &&
		    memcmp(notes + name, "Xen", 4) == 0 && (n.n_descsz == 4 || n.n_descsz == 8))
			return true;
		at = desc + round_up(n.n_descsz, 4);
	}
	return false;
}

static int probe_elf(int fd, const char *path, const Elf64_Ehdr *h, struct err *e)
{
	if (h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_ident[EI_DATA] != ELFDATA2LSB ||
	    h->e_machine != EM_X86_64)
		return no_kernel(path, "an ELF file of another machine", e);
	if (h->e_phentsize != sizeof(Elf64_Phdr) || h->e_phnum > BOOT_IMAGE_MAX_HEADERS)
		return no_kernel(path, "a damaged ELF file", e);
	for (unsigned int i = 0; i < h->e_phnum; i++) {
		_free_ uint8_t *notes = NULL;
		Elf64_Phdr p;
		uint64_t at;

		if (add_wraps(h->e_phoff, i * sizeof(p), &at) || !read_at(fd, &p, sizeof(p), at))
			return no_kernel(path, "a cut ELF file", e);
		if (p.p_type != PT_NOTE || !p.p_filesz)
			continue;
		if (p.p_filesz > BOOT_IMAGE_MAX_NOTES)
			return no_kernel(path, "an ELF file with notes without end", e);
		notes = malloc(p.p_filesz);
		if (!notes)
			return err_nomem(e);
		if (!read_at(fd, notes, p.p_filesz, p.p_offset))
			return no_kernel(path, "a cut ELF file", e);
		if (notes_have_pvh(notes, p.p_filesz))
			return 0;
	}
	return no_kernel(path, "an ELF file without a PVH entry", e);
}

static int probe_bzimage(int fd, const char *path, struct err *e)
{
	uint16_t boot_flag, version, flags;
	uint8_t loadflags;
	char magic[4];

	if (!read_at(fd, magic, sizeof(magic), BZ_MAGIC_AT) || memcmp(magic, "HdrS", 4) != 0)
		return no_kernel(path, "neither ELF nor bzImage", e);
	if (!read_at(fd, &boot_flag, sizeof(boot_flag), BZ_BOOT_FLAG_AT) ||
	    boot_flag != BZ_BOOT_FLAG)
		return no_kernel(path, "no boot flag", e);
	if (!read_at(fd, &version, sizeof(version), BZ_VERSION_AT) || version < BZ_MIN_VERSION ||
	    !read_at(fd, &loadflags, sizeof(loadflags), BZ_LOADFLAGS_AT) ||
	    !(loadflags & BZ_LOADED_HIGH) ||
	    !read_at(fd, &flags, sizeof(flags), BZ_XLOADFLAGS_AT) || !(flags & BZ_KERNEL_64))
		return no_kernel(path, "a bzImage without a 64-bit entry", e);
	return 0;
}

int boot_image_probe(const char *path, enum boot_image_kind *kind, struct err *e)
{
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	Elf64_Ehdr h;
	int r;

	if (fd < 0)
		return err_errno(e, -errno, "cannot open '%s'", path);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return no_kernel(path, "not a regular file", e);
	if (!read_at(fd, &h, sizeof(h), 0))
		return no_kernel(path, "too small", e);
	*kind = memcmp(h.e_ident, ELFMAG, SELFMAG) == 0 ? BOOT_IMAGE_ELF : BOOT_IMAGE_BZIMAGE;
	r = *kind == BOOT_IMAGE_ELF ? probe_elf(fd, path, &h, e) : probe_bzimage(fd, path, e);
	return r;
}
