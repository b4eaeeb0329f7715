/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guest-physical addresses, ports and interrupt pins; numbers without a suffix serve ASL sources,
 * too. */
#pragma once

/* Low memory, written by the loaders before the guest starts. */
#define LAYOUT_BIOS_EBDA    0x40eull /* the BIOS data area's word for a segment to search */
#define LAYOUT_GDT          0x500ull
#define LAYOUT_PVH_INFO     0x6000ull
#define LAYOUT_PVH_MODULES  0x6040ull
#define LAYOUT_PVH_MEMMAP   0x7000ull
#define LAYOUT_ZERO_PAGE    0x7000ull
#define LAYOUT_BOOT_STACK   0x8ff0ull
#define LAYOUT_PAGE_TABLES  0x9000ull
#define LAYOUT_CMDLINE      0x20000ull
#define LAYOUT_LOW_RAM_END  0xa0000ull
#define LAYOUT_RSDP         0xa0000ull
#define LAYOUT_ACPI_END     0xf0000ull
#define LAYOUT_RESET_VECTOR 0xffff0ull
#define LAYOUT_KERNEL_START 0x100000ull

/* The 32-bit hole. */
#define LAYOUT_PCI32_START 0xc0000000ull
#define LAYOUT_PCI32_SIZE  (640ull << 20)
#define LAYOUT_ECAM_START  0xe8000000
#define LAYOUT_ECAM_SIZE   0x10000000
#define LAYOUT_ECAM_BUS    (1ull << 20) /* one bus, all a segment has */
#define LAYOUT_HOTPLUG     0xfe000000
#define LAYOUT_GED         0xfe000010
#define LAYOUT_IOAPIC      0xfec00000ull
#define LAYOUT_LAPIC       0xfee00000ull

/* The end of the 64-bit window leaves the address space's last part free. */
#define LAYOUT_PCI64_RESERVE (1ull * (64 << 10) + (1ull << 20))

/* Ports. */
#define LAYOUT_PORT_RESET   0x600 /* also sleep control and status */
#define LAYOUT_PORT_COM1    0x3f8
#define LAYOUT_PORT_B       0x61
#define LAYOUT_PORT_I8042   0x64 /* status and command */
#define LAYOUT_PCI_IO_START 0x1000
#define LAYOUT_PCI_IO_SIZE  0xf000

/* IOAPIC pins. */
#define LAYOUT_IRQ_COM1 4
#define LAYOUT_IRQ_GED  5

/* KVM's memory slots: RAM, doorbell pages of devices, configuration space of PCI functions. */
#define MEMORY_SLOT_RAM    0
#define MEMORY_SLOT_DEVICE 16
#define MEMORY_SLOT_CONFIG 8192
