/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a kernel is handed at its entry: PVH start info or zero page, RAM map, GDT, page tables. */
#include "boot/image.h"

#include "layout.h"

#include <errno.h>
#include <string.h>

enum {
	E820_TYPE_RAM = 1,
	E820_TYPE_RESERVED = 2,
	LOADER_UNDEFINED = 0xff,
	PAGE_PRESENT_WRITABLE = 3,
	PAGE_LARGE = 1 << 7,
	ENTRIES = 512,
	GDT_ENTRIES = 6, /* the task segment of long mode takes two */
};

/* Xen's public hvm/start_info.h. */
struct pvh_start_info {
	uint32_t magic, version, flags, nr_modules;
	uint64_t modlist, cmdline, rsdp, memmap;
	uint32_t memmap_entries, reserved;
};
struct pvh_module {
	uint64_t address, size, cmdline, reserved;
};
struct pvh_memmap_entry {
	uint64_t address, size;
	uint32_t type, reserved;
};
#define PVH_MAGIC 0x336ec578u

/* The RAM map of the guest; at most E820_MAX_ENTRIES_ZEROPAGE entries, returns how many. */
static unsigned int ram_map(const struct guest_memory *mem, struct boot_e820_entry *entries)
{
	const struct memory_region *low = &mem->regions[0];
	unsigned int n = 0;

	entries[n++] = (struct boot_e820_entry){ 0, LAYOUT_LOW_RAM_END, E820_TYPE_RAM };
	entries[n++] = (struct boot_e820_entry){ LAYOUT_KERNEL_START,
						 low->size - LAYOUT_KERNEL_START, E820_TYPE_RAM };
	entries[n++] =
		(struct boot_e820_entry){ LAYOUT_ECAM_START, LAYOUT_ECAM_SIZE, E820_TYPE_RESERVED };
	for (size_t i = 1; i < mem->n_regions; i++)
		entries[n++] = (struct boot_e820_entry){ mem->regions[i].gpa, mem->regions[i].size,
							 E820_TYPE_RAM };
	return n;
}

static void write_gdt(const struct guest_memory *mem, struct boot_entry *entry)
{
	/* Selectors 0x10 and 0x18 as the boot protocols want them, 0x20 the task segment. */
	const uint64_t gdt[GDT_ENTRIES] = {
		0,
		0,
		entry->long_mode ? 0x00af9b000000ffff : 0x00cf9b000000ffff,
		0x00cf93000000ffff,
		0x00008b0000000067,
		0,
	};

	memcpy(memory_span(mem, LAYOUT_GDT, sizeof(gdt)), gdt, sizeof(gdt));
	entry->gdt = LAYOUT_GDT;
	entry->gdt_limit = sizeof(gdt) - 1;
}

int boot_pvh_info(const struct guest_memory *mem, const struct boot_kernel *kernel,
		  const struct boot_initramfs *initramfs, struct boot_entry *entry,
		  struct err *e _unused_)
{
	struct boot_e820_entry map[E820_MAX_ENTRIES_ZEROPAGE];
	unsigned int n = ram_map(mem, map);
	struct pvh_memmap_entry *to =
		memory_span(mem, LAYOUT_PVH_MEMMAP, n * sizeof(struct pvh_memmap_entry));
	struct pvh_start_info *info = memory_span(mem, LAYOUT_PVH_INFO, sizeof(*info));

	for (unsigned int i = 0; i < n; i++)
		to[i] = (struct pvh_memmap_entry){ map[i].addr, map[i].size, map[i].type, 0 };
	*info = (struct pvh_start_info){
		.magic = PVH_MAGIC,
		.version = 1,
		.cmdline = LAYOUT_CMDLINE,
		.rsdp = LAYOUT_RSDP,
		.memmap = LAYOUT_PVH_MEMMAP,
		.memmap_entries = n,
	};
	if (initramfs->size) {
		struct pvh_module *module = memory_span(mem, LAYOUT_PVH_MODULES, sizeof(*module));

		*module = (struct pvh_module){ initramfs->address, initramfs->size, 0, 0 };
		info->nr_modules = 1;
		info->modlist = LAYOUT_PVH_MODULES;
	}
	*entry = (struct boot_entry){ .rip = kernel->entry, .rbx = LAYOUT_PVH_INFO };
	write_gdt(mem, entry);
	return 0;
}

/* Identity mapping of the first GiB: kernel, zero page and command line are in it. */
static void write_page_tables(const struct guest_memory *mem, struct boot_entry *entry)
{
	uint64_t(*tables)[ENTRIES] =
		memory_span(mem, LAYOUT_PAGE_TABLES, 3 * sizeof(uint64_t[ENTRIES]));
	uint64_t page = sizeof(uint64_t[ENTRIES]);

	tables[0][0] = (LAYOUT_PAGE_TABLES + page) | PAGE_PRESENT_WRITABLE;
	tables[1][0] = (LAYOUT_PAGE_TABLES + 2 * page) | PAGE_PRESENT_WRITABLE;
	for (uint64_t i = 0; i < ENTRIES; i++)
		tables[2][i] = i << 21 | PAGE_PRESENT_WRITABLE | PAGE_LARGE;
	entry->cr3 = LAYOUT_PAGE_TABLES;
}

int boot_zero_page(const struct guest_memory *mem, const struct boot_kernel *kernel,
		   const struct boot_initramfs *initramfs, struct boot_entry *entry, struct err *e)
{
	struct boot_params *p = memory_span(mem, LAYOUT_ZERO_PAGE, sizeof(*p));

	if (!p)
		return err_set(e, -EINVAL, "guest memory is too small");
	p->hdr = kernel->setup;
	p->hdr.type_of_loader = LOADER_UNDEFINED;
	p->hdr.cmd_line_ptr = (uint32_t)LAYOUT_CMDLINE;
	p->hdr.ramdisk_image = (uint32_t)initramfs->address;
	p->hdr.ramdisk_size = (uint32_t)initramfs->size;
	p->acpi_rsdp_addr = LAYOUT_RSDP;
	p->e820_entries = (uint8_t)ram_map(mem, p->e820_table);
	*entry = (struct boot_entry){
		.rip = kernel->entry,
		.rsi = LAYOUT_ZERO_PAGE,
		.rsp = LAYOUT_BOOT_STACK,
		.long_mode = true,
	};
	write_page_tables(mem, entry);
	write_gdt(mem, entry);
	return 0;
}
