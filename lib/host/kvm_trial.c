/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A trial VM: a node /dev/kvm alone does not mean that guests run. */
#include "host/kvm_trial.h"

#include "host/kvm_access.h"
#include "host/try_open.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	API_VERSION = 12,
	TRIAL_PORT = 0xe9,
	TRIAL_VALUE = 0x43, /* what the program writes if all of it has run */
	MAX_CPUID = 256,
	MAX_EXITS = 100, /* interruptions by signals included */
	/* Guest-physical memory. */
	PML4 = 0x1000,
	PDPT = 0x2000,
	PD = 0x3000,
	GDT = 0x4000,
	IDT = 0x5000,
	CODE = 0x6000,
	HANDLER = CODE + 16,
	GUEST_SIZE = 0x8000, /* the stack is at its end */
	PAGE_PRESENT_WRITABLE = 3,
	PAGE_LARGE = 0x80,
	BREAKPOINT_VECTOR = 3,
	SELECTOR_CODE = 8,
	SELECTOR_DATA = 16,
};

/*
 * 64-bit code that takes an exception and comes back, as a kernel does in its first moments. A KVM
 * that only emulates kernel code gets through simpler programs and fails here.
 */
static const uint8_t program[] = {
	0xb0, TRIAL_VALUE - 1, /* mov al, 0x42 */
	0xcc,                  /* int3 */
	0xe6, TRIAL_PORT,      /* out 0xe9, al */
	0xf4,                  /* hlt */
};
static const uint8_t handler[] = {
	0xfe, 0xc0, /* inc al */
	0x48, 0xcf, /* iretq */
};

struct trial {
	int kvm, vm, vcpu;
	uint8_t *memory;     /* GUEST_SIZE bytes, or MAP_FAILED */
	struct kvm_run *run; /* or MAP_FAILED */
	size_t run_size;
};

#define _trial_ _cleanup_(trial_end)

static void trial_end(struct trial *t)
{
	if (t->run != MAP_FAILED)
		munmap(t->run, t->run_size);
	if (t->vcpu >= 0)
		close(t->vcpu);
	if (t->vm >= 0)
		close(t->vm);
	if (t->kvm >= 0)
		close(t->kvm);
	if (t->memory != MAP_FAILED)
		munmap(t->memory, GUEST_SIZE);
}

static void hint_access(const char *path, struct err *e)
{
	struct try_user u;

	/* Who calls has a name, or a number. */
	(void)try_user_find(NULL, &u, NULL);
	kvm_access_hint(path, u.name, e);
}

static int open_kvm(struct trial *t, const char *path, struct err *e)
{
	int version;

	t->kvm = open(path, O_RDWR | O_CLOEXEC);
	if (t->kvm < 0) {
		int r = err_errno(e, -errno, "cannot open '%s'", path);

		if (r == -ENOENT || r == -ENODEV || r == -ENXIO)
			err_hint(e, "load kvm_intel or kvm_amd; virtualisation may be switched off "
				    "in the firmware, or not offered to this virtual machine");
		else if (r == -EACCES)
			hint_access(path, e);
		return r;
	}
	version = ioctl(t->kvm, KVM_GET_API_VERSION, 0);
	if (version == API_VERSION)
		return 0;
	return err_set(e, -ENOTTY, "'%s' is not KVM, or speaks version %d instead of %d", path,
		       version, API_VERSION);
}

static void put_u64(uint8_t *memory, size_t at, uint64_t v)
{
	memcpy(memory + at, &v, sizeof(v));
}

/* Identity map of the first 2 MiB, flat segments, one interrupt gate, the code. */
static void fill_memory(uint8_t *memory)
{
	const size_t gate = IDT + BREAKPOINT_VECTOR * 16;

	put_u64(memory, PML4, PDPT | PAGE_PRESENT_WRITABLE);
	put_u64(memory, PDPT, PD | PAGE_PRESENT_WRITABLE);
	put_u64(memory, PD, PAGE_LARGE | PAGE_PRESENT_WRITABLE);
	put_u64(memory, GDT + SELECTOR_CODE, 0x00af9b000000ffff);
	put_u64(memory, GDT + SELECTOR_DATA, 0x00cf93000000ffff);
	/* Offset 0..15, selector, present interrupt gate; the rest of the offset is 0. */
	put_u64(memory, gate, HANDLER | SELECTOR_CODE << 16 | UINT64_C(0x8e00) << 32);
	memcpy(memory + CODE, program, sizeof(program));
	memcpy(memory + HANDLER, handler, sizeof(handler));
}

static int create_vm(struct trial *t, struct err *e)
{
	struct kvm_userspace_memory_region region = { .memory_size = GUEST_SIZE };
	int size;

	t->vm = ioctl(t->kvm, KVM_CREATE_VM, 0);
	if (t->vm < 0)
		return err_errno(e, -errno, "KVM cannot create a VM");
	t->memory =
		mmap(NULL, GUEST_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (t->memory == MAP_FAILED)
		return err_errno(e, -errno, "no memory for a trial VM");
	fill_memory(t->memory);
	region.userspace_addr = (uintptr_t)t->memory;
	if (ioctl(t->vm, KVM_SET_USER_MEMORY_REGION, &region) < 0)
		return err_errno(e, -errno, "KVM does not take guest memory");
	t->vcpu = ioctl(t->vm, KVM_CREATE_VCPU, 0);
	if (t->vcpu < 0)
		return err_errno(e, -errno, "KVM cannot create a vCPU");
	size = ioctl(t->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (size < (int)sizeof(*t->run))
		return err_set(e, -EIO, "KVM shows a vCPU state of %d bytes", size);
	t->run_size = (size_t)size;
	t->run = mmap(NULL, t->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, t->vcpu, 0);
	if (t->run == MAP_FAILED)
		return err_errno(e, -errno, "cannot map the vCPU state");
	return 0;
}

/* A vCPU takes 64-bit state only if its CPUID says that it has that mode. */
static int set_cpuid(struct trial *t, struct err *e)
{
	_free_ struct kvm_cpuid2 *cpuid =
		calloc(1, sizeof(*cpuid) + MAX_CPUID * sizeof(cpuid->entries[0]));

	if (!cpuid)
		return err_nomem(e);
	cpuid->nent = MAX_CPUID;
	if (ioctl(t->kvm, KVM_GET_SUPPORTED_CPUID, cpuid) < 0)
		return err_errno(e, -errno, "KVM does not tell what processors it offers");
	if (ioctl(t->vcpu, KVM_SET_CPUID2, cpuid) < 0)
		return err_errno(e, -errno, "KVM does not take a processor's properties");
	return 0;
}

static struct kvm_segment flat_segment(uint16_t selector)
{
	bool code = selector == SELECTOR_CODE;

	return (struct kvm_segment){
		.limit = UINT32_MAX,
		.selector = selector,
		.type = code ? 11 : 3,
		.present = 1,
		.db = !code,
		.s = 1,
		.l = code,
		.g = 1,
	};
}

/* Long mode from the first instruction on. */
static int set_registers(struct trial *t, struct err *e)
{
	struct kvm_regs regs = { .rip = CODE, .rsp = GUEST_SIZE, .rflags = 2 };
	struct kvm_sregs sregs;

	if (ioctl(t->vcpu, KVM_GET_SREGS, &sregs) < 0)
		return err_errno(e, -errno, "KVM does not show a vCPU's registers");
	sregs.cs = flat_segment(SELECTOR_CODE);
	sregs.ds = sregs.es = sregs.ss = flat_segment(SELECTOR_DATA);
	sregs.gdt = (struct kvm_dtable){ .base = GDT, .limit = SELECTOR_DATA + 7 };
	sregs.idt = (struct kvm_dtable){ .base = IDT, .limit = BREAKPOINT_VECTOR * 16 + 15 };
	sregs.cr3 = PML4;
	sregs.cr4 = 1 << 5;            /* PAE */
	sregs.cr0 = 0x80000011;        /* PG, ET, PE */
	sregs.efer = 1 << 8 | 1 << 10; /* LME, LMA */
	if (ioctl(t->vcpu, KVM_SET_SREGS, &sregs) < 0 || ioctl(t->vcpu, KVM_SET_REGS, &regs) < 0)
		return err_errno(e, -errno, "KVM does not take a vCPU's registers");
	return 0;
}

static int broken(const struct trial *t, const char *what, struct err *e)
{
	err_set(e, -EIO, "KVM does not run a guest: %s (exit reason %u)", what,
		t->run->exit_reason);
	err_hint(e, "the host's virtualisation is incomplete, as on some cloud machines: use "
		    "one with nested virtualisation, or bare metal");
	return -EIO;
}

static bool is_trial_write(const struct kvm_run *run)
{
	return run->exit_reason == KVM_EXIT_IO && run->io.direction == KVM_EXIT_IO_OUT &&
	       run->io.port == TRIAL_PORT && run->io.size == 1 &&
	       *((const uint8_t *)run + run->io.data_offset) == TRIAL_VALUE;
}

static int run_guest(struct trial *t, struct err *e)
{
	bool written = false;

	for (int i = 0; i < MAX_EXITS; i++) {
		if (ioctl(t->vcpu, KVM_RUN, 0) < 0) {
			if (errno == EINTR || errno == EAGAIN)
				continue;
			return err_errno(e, -errno, "KVM does not run a guest");
		}
		if (is_trial_write(t->run))
			written = true;
		else if (t->run->exit_reason == KVM_EXIT_HLT)
			return written ? 0 : broken(t, "it halted too early", e);
		else
			return broken(t, "a program of a few 64-bit instructions failed", e);
	}
	return broken(t, "it does not come to an end", e);
}

int kvm_try_guest(const struct host_roots *roots, struct err *e)
{
	_trial_ struct trial t = {
		.kvm = -1,
		.vm = -1,
		.vcpu = -1,
		.memory = MAP_FAILED,
		.run = MAP_FAILED,
	};
	char path[PATH_MAX];
	int r;

	snprintf(path, sizeof(path), "%s/kvm", host_roots_or_default(roots)->dev);
	r = open_kvm(&t, path, e);
	if (!r)
		r = create_vm(&t, e);
	if (!r)
		r = set_cpuid(&t, e);
	if (!r)
		r = set_registers(&t, e);
	return r ? r : run_guest(&t, e);
}
