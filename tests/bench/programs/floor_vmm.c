/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The least that brings a bzImage to its first instruction, as a floor for start-up figures:
 * floor_vmm BZIMAGE MEBIBYTES. One vCPU, the 64-bit entry, a serial port that only writes.
 */

#include <fcntl.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	BOOT_PARAMS = 0x7000,
	GDT = 0x500,
	TABLES = 0x9000,
	KERNEL = 0x100000,
	SETUP = 0x1f1
};

/* Loads the kernel proper behind its set-up part, whose header becomes the boot parameters. */
static int load(const char *path, uint8_t *ram, size_t room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint8_t *params = ram + BOOT_PARAMS;
	off_t skip;

	if (fd < 0 || pread(fd, params + SETUP, 0x290 - SETUP, SETUP) < 0)
		return -1;
	skip = (params[SETUP] + 1) * 512;
	if (pread(fd, ram + KERNEL, room - KERNEL, skip) <= 0)
		return -1;
	params[0x210] = 0xff; /* type_of_loader */
	close(fd);
	return 0;
}

/* Long mode over the first 4 GiB, mapped one to one in pages of 1 GiB. */
static void enter_long_mode(uint8_t *ram, struct kvm_sregs *s)
{
	struct kvm_segment code = { .limit = 0xffffffff,
				    .selector = 0x10,
				    .type = 11,
				    .present = 1,
				    .s = 1,
				    .l = 1,
				    .g = 1 };
	struct kvm_segment data = code;
	uint64_t *pml4 = (uint64_t *)(ram + TABLES), *pdpt = (uint64_t *)(ram + TABLES + 0x1000);

	data.selector = 0x18;
	data.type = 3;
	data.l = 0;
	data.db = 1;
	pml4[0] = (TABLES + 0x1000) | 3;
	for (uint64_t i = 0; i < 4; i++)
		pdpt[i] = i << 30 | 0x83;
	s->cs = code;
	s->ds = s->es = s->ss = data;
	s->cr3 = TABLES;
	s->cr4 |= 1 << 5;
	s->cr0 |= 1u << 31 | 1;
	s->efer |= 1 << 8 | 1 << 10;
}

/* Without a CPUID that says so there is no long mode. */
static int set_cpuid(int kvm, int vcpu)
{
	enum {
		ENTRIES = 128
	};
	static union {
		struct kvm_cpuid2 list;
		char room[sizeof(struct kvm_cpuid2) + ENTRIES * sizeof(struct kvm_cpuid_entry2)];
	} cpuid;

	cpuid.list.nent = ENTRIES;
	return ioctl(kvm, KVM_GET_SUPPORTED_CPUID, &cpuid) || ioctl(vcpu, KVM_SET_CPUID2, &cpuid);
}

static int create_vcpu(int kvm, int vm, uint8_t *ram)
{
	struct kvm_regs regs = { .rip = KERNEL + 0x200, .rsi = BOOT_PARAMS, .rflags = 2 };
	struct kvm_sregs sregs;
	int vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);

	if (vcpu < 0 || set_cpuid(kvm, vcpu) || ioctl(vcpu, KVM_GET_SREGS, &sregs))
		return -1;
	enter_long_mode(ram, &sregs);
	if (ioctl(vcpu, KVM_SET_SREGS, &sregs) || ioctl(vcpu, KVM_SET_REGS, &regs))
		return -1;
	return vcpu;
}

static int run(int vcpu, struct kvm_run *run)
{
	while (!ioctl(vcpu, KVM_RUN, 0)) {
		if (run->exit_reason != KVM_EXIT_IO)
			break;
		if (run->io.port == 0x3f8 && run->io.direction == KVM_EXIT_IO_OUT &&
		    write(1, (char *)run + run->io.data_offset, 1) != 1)
			break;
	}
	return 1;
}

int main(int argc, char **argv)
{
	size_t size = argc == 3 ? (size_t)strtoul(argv[2], NULL, 10) << 20 : 0;
	uint8_t *ram = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	int vm = ioctl(kvm, KVM_CREATE_VM, 0);
	struct kvm_userspace_memory_region region = { .memory_size = size,
						      .userspace_addr = (uintptr_t)ram };
	void *shared;
	int vcpu;

	if (ram == MAP_FAILED || ioctl(vm, KVM_CREATE_IRQCHIP, 0) ||
	    ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region) || load(argv[1], ram, size))
		return 1;
	vcpu = create_vcpu(kvm, vm, ram);
	shared = mmap(NULL, (size_t)ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), PROT_READ | PROT_WRITE,
		      MAP_SHARED, vcpu, 0);
	if (vcpu < 0 || shared == MAP_FAILED)
		return 1;
	return run(vcpu, shared);
}
