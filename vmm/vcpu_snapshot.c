/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All that KVM keeps of a vCPU, written and read. */
#include "vcpu_snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	NESTED_SIZE = sizeof(struct kvm_nested_state) + 2 * 4096,
	MAX_CPUID_BYTES = 512 * sizeof(struct kvm_cpuid_entry2),
};

static void part_state(struct kvm_vcpu_handle *vcpu, const struct kvm_part *part,
		       const struct state *s)
{
	_Alignas(64) uint8_t data[KVM_MAX_PART] = { 0 };

	if (state_failed(s) || (!s->loading && kvm_vcpu_get(vcpu, part, data, s->e) < 0))
		return;
	state_bytes(s, part->name, data, part->size);
	if (s->loading && !state_failed(s))
		kvm_vcpu_set(vcpu, part, data, s->e);
}

/* A guest that is a hypervisor may be in one of its own guests. */
static void nested_state(struct kvm *kvm, struct kvm_vcpu_handle *vcpu, const struct state *s)
{
	_free_ struct kvm_nested_state *nested = calloc(1, NESTED_SIZE);

	if (s->loading ? !state_has(s, "nested") : !kvm_capability(kvm, KVM_CAP_NESTED_STATE))
		return;
	if (!nested) {
		state_fail(s, -ENOMEM, "out of memory");
		return;
	}
	nested->size = NESTED_SIZE;
	if (state_failed(s) || (!s->loading && kvm_vcpu_get_nested(vcpu, nested, s->e) < 0))
		return;
	state_bytes(s, "nested", nested, NESTED_SIZE);
	if (nested->size > NESTED_SIZE)
		state_fail(s, -EINVAL, "'nested' says it has %u bytes", nested->size);
	if (s->loading && !state_failed(s))
		kvm_vcpu_set_nested(vcpu, nested, s->e);
}

static int read_msrs(struct kvm *kvm, struct kvm_vcpu_handle *vcpu, struct kvm_msr_entry **out,
		     size_t *n, struct err *e)
{
	_free_ struct kvm_msr_list *list = NULL;
	_free_ struct kvm_msr_entry *msrs = NULL;
	int r = kvm_msr_list(kvm, &list, e);

	if (r < 0)
		return r;
	msrs = calloc(list->nmsrs + 1, sizeof(*msrs));
	if (!msrs)
		return err_nomem(e);
	/* The list is of what KVM knows; a vCPU has only those that go with its CPUID. The counter
	 * goes on with the clock. */
	for (uint32_t i = 0; i < list->nmsrs; i++) {
		uint64_t value;

		if (list->indices[i] == MSR_TSC ||
		    kvm_vcpu_get_msr(vcpu, list->indices[i], &value) < 0)
			continue;
		msrs[*n].index = list->indices[i];
		msrs[(*n)++].data = value;
	}
	*out = steal_ptr(&msrs);
	return 0;
}

static void write_msr(struct kvm_vcpu_handle *vcpu, const struct kvm_msr_entry *msr,
		      const struct state *s)
{
	uint64_t now;

	if (state_failed(s) || kvm_vcpu_set_msr(vcpu, msr->index, msr->data) == 0)
		return;
	/* Some only read; they have the value already. */
	if (kvm_vcpu_get_msr(vcpu, msr->index, &now) < 0 || now != msr->data)
		state_fail(s, -EINVAL, "MSR 0x%x does not take 0x%llx", msr->index,
			   (unsigned long long)msr->data);
}

static void msr_state(struct kvm *kvm, struct kvm_vcpu_handle *vcpu, const struct state *s)
{
	struct kvm_msr_entry *msrs = NULL;
	size_t n = 0, size;

	if (state_failed(s) || (!s->loading && read_msrs(kvm, vcpu, &msrs, &n, s->e) < 0))
		return;
	size = n * sizeof(*msrs);
	state_blob(s, "msrs", (void **)&msrs, &size, KVM_MAX_MSRS * sizeof(*msrs));
	for (size_t i = 0; s->loading && i < size / sizeof(*msrs); i++)
		write_msr(vcpu, &msrs[i], s);
	free(msrs);
}

/* Before the counter itself is set. */
static void tsc_state(struct kvm_vcpu_handle *vcpu, const struct state *s)
{
	int now = kvm_vcpu_tsc_khz(vcpu);
	uint32_t khz = now > 0 ? (uint32_t)now : 0;

	STATE_NUMBER(s, "tsc_khz", khz);
	if (s->loading && !state_failed(s) && khz && (int)khz != now)
		kvm_vcpu_set_tsc_khz(vcpu, khz, s->e);
}

void vcpu_state(struct kvm *kvm, struct kvm_vcpu_handle *vcpu, const struct state *s)
{
	tsc_state(vcpu, s);
	if (!s->loading)
		kvm_vcpu_settle(vcpu);
	for (const struct kvm_part *part = kvm_vcpu_parts; part->name; part++)
		part_state(vcpu, part, s);
	nested_state(kvm, vcpu, s);
	/* Behind the LAPIC, whose timer mode decides whether a deadline counts. */
	msr_state(kvm, vcpu, s);
}

/* Leaves that KVM fills with what the core has that asks: of caches and TLBs, which differ between
 * the cores of one processor, and no program depends on. */
static bool tells_of_one_core(uint32_t function)
{
	return function == 2 || function == 4 || function == 0x80000005 || function == 0x80000006 ||
	       function == 0x8000001d;
}

void vcpu_cpuid_state(const struct kvm_cpuid2 *cpuid, const struct state *s)
{
	size_t size = cpuid->nent * sizeof(cpuid->entries[0]), got = size;
	_free_ void *copy = malloc(size ? size : 1);
	struct kvm_cpuid_entry2 *saved;
	void *data = copy;

	if (!copy) {
		state_fail(s, -ENOMEM, "out of memory");
		return;
	}
	memcpy(copy, cpuid->entries, size);
	state_blob(s, "cpuid", &data, &got, MAX_CPUID_BYTES);
	if (data == copy)
		return;
	saved = data;
	for (size_t i = 0; i < got / sizeof(*saved) && i < cpuid->nent; i++)
		if (!tells_of_one_core(saved[i].function) &&
		    memcmp(&saved[i], &cpuid->entries[i], sizeof(*saved)) != 0)
			state_fail(s, -EINVAL,
				   "the processor is another one, or its KVM is: CPUID leaf 0x%x "
				   "differs",
				   saved[i].function);
	if (got != size)
		state_fail(s, -EINVAL,
			   "the processor is another one, or its KVM is: CPUID has %zu entries in "
			   "the snapshot, and %u here",
			   got / sizeof(*saved), cpuid->nent);
	free(data);
}
