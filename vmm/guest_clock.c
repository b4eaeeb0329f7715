/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guest's time, which stands still with the guest. */
#include "guest_clock.h"

#include "kvm.h"
#include "machine.h"
#include "vcpu.h"

#include <errno.h>

enum {
	MSR_TSC_DEADLINE = 0x6e0,
	TRIES = 100,
	NARROW = 5000,    /* ns: as good as it gets */
	KHZ_NS = 1000000, /* ns * kHz / KHZ_NS is a number of cycles */
};

static struct kvm_vcpu_handle *vcpu(struct machine *m, unsigned int i)
{
	return vcpus_handle(m->vcpus, i);
}

/* Both clocks at one moment, or as near to it as a host lets us that may take its time between two
 * looks: the guest's kernel takes a counter for broken that is off by a fraction of a ms. */
static int look(struct machine *m, struct guest_clock *out, struct err *e)
{
	uint64_t narrowest = UINT64_MAX;

	for (unsigned int i = 0; i < TRIES && narrowest > NARROW; i++) {
		uint64_t before = 0, after = 0, tsc = 0;
		int r = kvm_get_clock(m->kvm, &before, e);

		if (r == 0 && kvm_vcpu_get_msr(vcpu(m, 0), MSR_TSC, &tsc) < 0)
			r = err_set(e, -EIO, "KVM does not tell a vCPU's time-stamp counter");
		if (r == 0)
			r = kvm_get_clock(m->kvm, &after, e);
		if (r < 0)
			return r;
		if (after - before >= narrowest)
			continue;
		narrowest = after - before;
		out->ns = before + narrowest / 2;
		out->tsc = tsc;
	}
	return 0;
}

int guest_clock_stop(struct machine *m, struct err *e)
{
	int r;

	if (!kvm_vcpu_has_tsc_offset(vcpu(m, 0)))
		return 0;
	r = look(m, &m->clock, e);
	m->clock.stopped = r == 0;
	return r;
}

/* How far the counters have to be moved to go with the clock as it runs now. */
static int drift(struct machine *m, uint64_t *cycles, struct err *e)
{
	struct guest_clock now;
	int r = look(m, &now, e), khz = kvm_vcpu_tsc_khz(vcpu(m, 0));

	if (r < 0)
		return r;
	if (khz <= 0)
		return err_set(e, -EIO, "KVM does not tell how fast a time-stamp counter runs");
	/* The clock was set a moment ago: the product fits. */
	int64_t passed = (int64_t)(now.ns - m->clock.ns) * khz / KHZ_NS;

	*cycles = m->clock.tsc + (uint64_t)passed - now.tsc;
	return 0;
}

static int move_counter(struct kvm_vcpu_handle *v, uint64_t cycles, struct err *e)
{
	uint64_t offset, deadline;
	int r = kvm_vcpu_get_tsc_offset(v, &offset, e);

	if (r == 0)
		r = kvm_vcpu_set_tsc_offset(v, offset + cycles, e);
	if (r < 0)
		return r;
	/* A timer that is set by the counter does not move with it. */
	if (kvm_vcpu_get_msr(v, MSR_TSC_DEADLINE, &deadline) == 0 && deadline)
		(void)kvm_vcpu_set_msr(v, MSR_TSC_DEADLINE, deadline);
	return 0;
}

int guest_clock_go_on(struct machine *m, struct err *e)
{
	uint64_t cycles = 0;
	int r;

	if (!m->clock.stopped)
		return 0;
	r = kvm_set_clock(m->kvm, m->clock.ns, e);
	if (r == 0)
		r = drift(m, &cycles, e);
	for (unsigned int i = 0; r == 0 && vcpu(m, i); i++)
		r = move_counter(vcpu(m, i), cycles, e);
	m->clock.stopped = r < 0;
	return r;
}

/* By how much the counter of a vCPU is ahead of that of the first. */
static void lead_state(struct machine *m, unsigned int i, const struct state *s)
{
	uint64_t first, own, lead;
	char key[16];

	if (state_failed(s) || kvm_vcpu_get_tsc_offset(vcpu(m, 0), &first, s->e) < 0 ||
	    kvm_vcpu_get_tsc_offset(vcpu(m, i), &own, s->e) < 0)
		return;
	snprintf(key, sizeof(key), "lead%u", i);
	lead = own - first;
	STATE_NUMBER(s, key, lead);
	if (s->loading && !state_failed(s))
		(void)kvm_vcpu_set_tsc_offset(vcpu(m, i), first + lead, s->e);
}

void guest_clock_state(struct machine *m, const struct state *s)
{
	if (state_failed(s))
		return;
	if (!kvm_vcpu_has_tsc_offset(vcpu(m, 0))) {
		state_fail(s, -EOPNOTSUPP,
			   "this kernel's KVM cannot set the guest's clock (Linux 5.16 or newer "
			   "can)");
		return;
	}
	STATE_NUMBER(s, "ns", m->clock.ns);
	STATE_NUMBER(s, "tsc", m->clock.tsc);
	for (unsigned int i = 1; vcpu(m, i); i++)
		lead_state(m, i, s);
	m->clock.stopped |= s->loading;
}
