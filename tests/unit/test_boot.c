/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kernel loaders: what they put where, and files that lie about themselves. */
#include "unit.h"

#include "base/cleanup.h"
#include "boot/boot.h"
#include "layout.h"

#include <asm/bootparam.h>
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>

enum {
	FILE_SIZE = 64 << 10,
	ENTRY = 0x1000100,
};

struct kernel_file {
	Elf64_Ehdr header;
	Elf64_Phdr segments[2];
	struct {
		Elf64_Nhdr head;
		char name[4];
		uint32_t entry;
	} note;
};

struct fixture {
	struct guest_memory *mem;
	int fd;
	char path[32];
	_Alignas(8) uint8_t file[FILE_SIZE];
	struct payload_config payload;
	struct boot_entry entry;
	struct err e;
};

static int set_up(void **state)
{
	static struct fixture f;
	const struct memory_config memory = { .size = 64 << 20 };

	f = (struct fixture){ .fd = memfd_create("kernel", MFD_CLOEXEC) };
	snprintf(f.path, sizeof(f.path), "/proc/self/fd/%d", f.fd);
	f.payload.kernel = f.path;
	*state = &f;
	return guest_memory_create(&memory, &f.mem, NULL);
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	guest_memory_destroy(f->mem);
	close(f->fd);
	return 0;
}

static int load(struct fixture *f, size_t size)
{
	f->e = (struct err){ 0 };
	assert_int_equal(ftruncate(f->fd, 0), 0);
	assert_int_equal(pwrite(f->fd, f->file, size, 0), (ssize_t)size);
	return boot_load(f->mem, &f->payload, &f->entry, &f->e);
}

static struct kernel_file *make_elf(struct fixture *f)
{
	struct kernel_file *k = (struct kernel_file *)(void *)f->file;

	*k = (struct kernel_file){
		.header = {
			.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, 1 },
			.e_machine = EM_X86_64,
			.e_phoff = sizeof(Elf64_Ehdr),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 2,
		},
		.segments = {
			{
				.p_type = PT_LOAD,
				.p_offset = 0x1000,
				.p_paddr = 0x1000000,
				.p_filesz = 0x2000,
				.p_memsz = 0x4000,
			},
			{
				.p_type = PT_NOTE,
				.p_offset = offsetof(struct kernel_file, note),
				.p_filesz = sizeof(k->note),
			},
		},
		.note = { .head = { 4, 4, 18 }, .name = "Xen", .entry = ENTRY },
	};
	f->file[0x1000] = 0xab;
	return k;
}

static struct setup_header *make_bzimage(struct fixture *f)
{
	struct setup_header *s = (struct setup_header *)(void *)(f->file + 0x1f1);

	memset(f->file, 0, sizeof(f->file));
	*s = (struct setup_header){
		.setup_sects = 1,
		.boot_flag = 0xaa55,
		.jump = 0x6aeb,
		.header = 0x53726448,
		.version = 0x20f,
		.loadflags = LOADED_HIGH,
		.initrd_addr_max = 0x7fffffff,
		.kernel_alignment = 0x200000,
		.relocatable_kernel = 1,
		.xloadflags = XLF_KERNEL_64,
		.cmdline_size = 32,
		.pref_address = 0x1000000,
		.init_size = 0x800000,
	};
	f->file[1024] = 0xcd;
	return s;
}

static void loads_an_elf_by_its_note(void **state)
{
	struct fixture *f = *state;

	make_elf(f);
	f->payload.cmdline = (char[]){ "console=hvc0" };
	assert_int_equal(load(f, FILE_SIZE), 0);
	assert_int_equal(f->entry.rip, ENTRY);
	assert_int_equal(f->entry.rbx, LAYOUT_PVH_INFO);
	assert_false(f->entry.long_mode);
	assert_int_equal(*(uint8_t *)memory_span(f->mem, 0x1000000, 1), 0xab);
	assert_string_equal(memory_span(f->mem, LAYOUT_CMDLINE, 16), "console=hvc0");
	assert_int_equal(*(uint32_t *)memory_span(f->mem, LAYOUT_PVH_INFO, 4), 0x336ec578);
}

static void refuses_lying_elfs(void **state)
{
	struct fixture *f = *state;
	struct kernel_file *k = make_elf(f);

	k->header.e_phnum = 65;
	assert_int_equal(load(f, FILE_SIZE), -EINVAL);
	make_elf(f)->header.e_phoff = UINT64_MAX - 8;
	assert_int_equal(load(f, FILE_SIZE), -EINVAL);
	make_elf(f)->segments[0].p_paddr = UINT64_MAX - 0x1000;
	assert_int_equal(load(f, FILE_SIZE), -EINVAL);
	make_elf(f)->segments[0].p_memsz = 1ull << 40;
	assert_int_equal(load(f, FILE_SIZE), -EFAULT);
	make_elf(f)->segments[0].p_memsz = 0x1000;
	assert_int_equal(load(f, FILE_SIZE), -EINVAL);
	make_elf(f)->segments[0].p_offset = FILE_SIZE - 1;
	assert_int_equal(load(f, FILE_SIZE), -EINVAL);
	/* Over the loader's own tables in low memory. */
	make_elf(f)->segments[0].p_paddr = LAYOUT_PVH_INFO;
	assert_int_equal(load(f, FILE_SIZE), -EFAULT);
	make_elf(f)->segments[1].p_filesz = UINT64_MAX;
	assert_int_equal(load(f, FILE_SIZE), -EINVAL);
	make_elf(f)->note.head.n_descsz = UINT32_MAX;
	assert_int_equal(load(f, FILE_SIZE), -EINVAL);
	assert_non_null(strstr(f->e.text, "PVH"));
	make_elf(f)->note.entry = 0x8000000;
	assert_int_equal(load(f, FILE_SIZE), -EINVAL);
	make_elf(f)->header.e_machine = EM_AARCH64;
	assert_int_equal(load(f, FILE_SIZE), -EINVAL);
}

static void loads_a_bzimage(void **state)
{
	struct fixture *f = *state;
	struct boot_params *p = memory_span(f->mem, LAYOUT_ZERO_PAGE, sizeof(*p));

	make_bzimage(f);
	f->payload.initramfs = f->path;
	assert_int_equal(load(f, FILE_SIZE), 0);
	assert_int_equal(f->entry.rip, 0x1000200);
	assert_int_equal(f->entry.rsi, LAYOUT_ZERO_PAGE);
	assert_true(f->entry.long_mode);
	assert_int_equal(*(uint8_t *)memory_span(f->mem, 0x1000000, 1), 0xcd);
	assert_int_equal(p->hdr.ramdisk_image, (64 << 20) - FILE_SIZE);
	assert_int_equal(p->hdr.ramdisk_size, FILE_SIZE);
	assert_int_equal(p->e820_entries, 3);
	assert_int_equal(p->acpi_rsdp_addr, LAYOUT_RSDP);
	/* "mov dx, port" of the stub behind the reset vector. */
	assert_int_equal(*(uint8_t *)memory_span(f->mem, LAYOUT_RESET_VECTOR, 1), 0xba);
}

static void refuses_lying_bzimages(void **state)
{
	struct fixture *f = *state;

	make_bzimage(f)->version = 0x20b;
	assert_int_equal(load(f, FILE_SIZE), -EINVAL);
	make_bzimage(f)->xloadflags = 0;
	assert_int_equal(load(f, FILE_SIZE), -EINVAL);
	make_bzimage(f)->boot_flag = 0;
	assert_int_equal(load(f, FILE_SIZE), -EINVAL);
	make_bzimage(f)->setup_sects = 255;
	assert_int_equal(load(f, FILE_SIZE), -EINVAL);
	make_bzimage(f)->init_size = UINT32_MAX;
	assert_int_equal(load(f, FILE_SIZE), -EFAULT);
	/* Elsewhere it may go when it can be moved, only there when not. */
	make_bzimage(f)->pref_address = UINT64_MAX - 4096;
	assert_int_equal(load(f, FILE_SIZE), 0);
	assert_int_equal(f->entry.rip, 0x200200);
	struct setup_header *s = make_bzimage(f);

	s->pref_address = UINT64_MAX - 4096;
	s->relocatable_kernel = 0;
	assert_int_equal(load(f, FILE_SIZE), -EFAULT);
	make_bzimage(f);
	assert_int_equal(load(f, 0x210), -EINVAL);
	make_bzimage(f);
	f->payload.cmdline = (char[]){ "a command line of 33 characters.." };
	assert_int_equal(load(f, FILE_SIZE), -EINVAL);
	assert_non_null(strstr(f->e.text, "33"));
}

static void refuses_what_is_no_kernel(void **state)
{
	struct fixture *f = *state;

	memset(f->file, 'x', sizeof(f->file));
	assert_int_equal(load(f, FILE_SIZE), -EINVAL);
	assert_non_null(strstr(f->e.text, "neither ELF"));
	assert_int_equal(load(f, 0), -EINVAL);
	f->payload.kernel = (char[]){ "/nonexistent" };
	assert_int_equal(load(f, 0), -ENOENT);
	f->payload.kernel = (char[]){ "/dev/null" };
	assert_int_equal(load(f, 0), -EINVAL);
	make_bzimage(f);
	f->payload.kernel = f->path;
	f->payload.initramfs = (char[]){ "/proc/self/cmdline" };
	assert_int_equal(load(f, FILE_SIZE), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(loads_an_elf_by_its_note, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refuses_lying_elfs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(loads_a_bzimage, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refuses_lying_bzimages, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refuses_what_is_no_kernel, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("boot", tests, NULL, NULL);
}
