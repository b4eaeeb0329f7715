/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The registers that a vCPU starts with. */
#include "vcpu_state.h"

#include <errno.h>
#include <string.h>

enum {
	CR0_PE = 1 << 0,
	CR0_ET = 1 << 4,
	CR0_PG = 1u << 31,
	CR4_PAE = 1 << 5,
	EFER_LME = 1 << 8,
	EFER_LMA = 1 << 10,
	RFLAGS_RESERVED = 1 << 1,
	MSR_MISC_ENABLE = 0x1a0,
	MISC_ENABLE_FAST_STRING = 1,
	MSR_MTRR_DEFAULT_TYPE = 0x2ff,
	MTRR_ENABLE_WRITE_BACK = 0x806,
	/* Local vector table entries, as byte offsets in the LAPIC page. */
	LAPIC_LINT0 = 0x350,
	LAPIC_LINT1 = 0x360,
	DELIVERY_NMI = 4 << 8,
	DELIVERY_EXTINT = 7 << 8,
	LVT_MASKED = 1 << 16,
};

/* Flat segments as the boot protocols want them; the selectors match the GDT in memory. */
static const struct kvm_segment code_segment = {
	.limit = 0xffffffff,
	.selector = 0x10,
	.type = 11,
	.present = 1,
	.s = 1,
	.g = 1,
};
static const struct kvm_segment data_segment = {
	.limit = 0xffffffff,
	.selector = 0x18,
	.type = 3,
	.present = 1,
	.db = 1,
	.s = 1,
	.g = 1,
};
static const struct kvm_segment task_segment = {
	.limit = 0x67,
	.selector = 0x20,
	.type = 11,
	.present = 1,
};

static void fill_sregs(struct kvm_sregs *sregs, const struct boot_entry *entry)
{
	sregs->cs = code_segment;
	sregs->cs.l = entry->long_mode;
	sregs->cs.db = !entry->long_mode;
	sregs->ds = sregs->es = sregs->fs = sregs->gs = sregs->ss = data_segment;
	sregs->tr = task_segment;
	sregs->gdt.base = entry->gdt;
	sregs->gdt.limit = entry->gdt_limit;
	sregs->idt.base = 0;
	sregs->idt.limit = 0;
	sregs->cr0 = CR0_PE | CR0_ET;
	sregs->cr4 = 0;
	sregs->efer = 0;
	if (entry->long_mode) {
		sregs->cr0 |= CR0_PG;
		sregs->cr3 = entry->cr3;
		sregs->cr4 = CR4_PAE;
		sregs->efer = EFER_LME | EFER_LMA;
	}
}

static void set_lvt(struct kvm_lapic_state *lapic, unsigned int offset, uint32_t value)
{
	memcpy(lapic->regs + offset, &value, sizeof(value));
}

/* LINT1 takes the NMI. LINT0, a PIC's line, is masked: nobody sets that PIC up, and KVM has each of
 * the first 16 pins raise it as well. Its vectors are those of exceptions. */
static int set_lint(struct kvm_vcpu_handle *vcpu, struct err *e)
{
	struct kvm_lapic_state lapic;
	int ret = kvm_vcpu_get_lapic(vcpu, &lapic, e);

	if (ret < 0)
		return ret;
	set_lvt(&lapic, LAPIC_LINT0, DELIVERY_EXTINT | LVT_MASKED);
	set_lvt(&lapic, LAPIC_LINT1, DELIVERY_NMI);
	return kvm_vcpu_set_lapic(vcpu, &lapic, e);
}

int vcpu_set_boot_state(struct kvm_vcpu_handle *vcpu, const struct boot_entry *entry, struct err *e)
{
	struct kvm_regs regs = {
		.rip = entry->rip,
		.rbx = entry->rbx,
		.rsi = entry->rsi,
		.rsp = entry->rsp,
		.rflags = RFLAGS_RESERVED,
	};
	struct kvm_sregs sregs;
	int ret = kvm_vcpu_get_sregs(vcpu, &sregs, e);

	if (ret < 0)
		return ret;
	fill_sregs(&sregs, entry);
	ret = kvm_vcpu_set_sregs(vcpu, &sregs, e);
	if (ret == 0)
		ret = kvm_vcpu_set_regs(vcpu, &regs, e);
	return ret < 0 ? ret : set_lint(vcpu, e);
}

int vcpu_set_msrs(struct kvm_vcpu_handle *vcpu, struct err *e)
{
	/* Without firmware nobody else sets the default memory type; AMD has no MISC_ENABLE. */
	int ret = kvm_vcpu_set_msr(vcpu, MSR_MTRR_DEFAULT_TYPE, MTRR_ENABLE_WRITE_BACK);

	if (ret == 0)
		ret = kvm_vcpu_set_msr(vcpu, MSR_MISC_ENABLE, MISC_ENABLE_FAST_STRING);
	return ret < 0 && ret != -ENOENT ? err_errno(e, ret, "KVM_SET_MSRS") : 0;
}
