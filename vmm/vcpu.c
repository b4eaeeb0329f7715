/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The virtual CPUs: one thread each, which runs the guest and answers its exits. */
#include "vcpu.h"

#include "config/cpu_topology.h"
#include "guest_cpuid.h"
#include "log.h"
#include "machine.h"
#include "sandbox/syscall_filter.h"
#include "vcpu_exit.h"
#include "vcpu_snapshot.h"
#include "vcpu_state.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

enum vcpus_state {
	VCPUS_PAUSED, /* the threads wait */
	VCPUS_RUNNING,
	VCPUS_ENDING, /* the threads return */
};

struct vcpu {
	struct vcpus *vcpus;
	unsigned int index;
	struct kvm_vcpu_handle handle;
	pthread_t thread;
	bool has_thread;
	atomic_uint epoch; /* odd while in a device handler */
};

struct vcpus {
	struct machine *machine; /* borrowed */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* Under the lock. */
	enum vcpus_state state;
	unsigned int n_parked;
	unsigned int n;
	struct vcpu vcpu[];
};

/* Interrupts KVM_RUN; the handler has nothing to do. */
static int kick_signal(void)
{
	return SIGRTMIN;
}

static void on_kick(int signal _unused_)
{
}

static void kick(struct vcpu *v)
{
	/* Seen by a vCPU that is just about to enter the guest, too. */
	__atomic_store_n(&v->handle.run->immediate_exit, 1, __ATOMIC_SEQ_CST);
	pthread_kill(v->thread, kick_signal());
}

/* Waits while the guest is to stand still; false when the thread shall return. */
static bool park(struct vcpu *v)
{
	struct vcpus *all = v->vcpus;

	pthread_mutex_lock(&all->lock);
	all->n_parked++;
	pthread_cond_broadcast(&all->changed);
	while (all->state == VCPUS_PAUSED)
		pthread_cond_wait(&all->changed, &all->lock);
	all->n_parked--;
	__atomic_store_n(&v->handle.run->immediate_exit, 0, __ATOMIC_SEQ_CST);
	bool go_on = all->state == VCPUS_RUNNING;

	pthread_mutex_unlock(&all->lock);
	return go_on;
}

/* The machine is to end: nothing runs any more, whatever state the others are in. */
static void wait_for_end(struct vcpu *v)
{
	struct vcpus *all = v->vcpus;

	pthread_mutex_lock(&all->lock);
	all->n_parked++;
	pthread_cond_broadcast(&all->changed);
	while (all->state != VCPUS_ENDING)
		pthread_cond_wait(&all->changed, &all->lock);
	pthread_mutex_unlock(&all->lock);
}

static void fail(struct vcpu *v, const char *what, const char *why)
{
	log_error("vCPU %u: %s: %s", v->index, what, why);
	machine_request(v->vcpus->machine, MACHINE_EVENT_FAILED);
}

/* Names the thread and gives up what a vCPU does not need. */
static bool confine(struct vcpu *v)
{
	struct err e = { 0 };
	char name[16];

	snprintf(name, sizeof(name), "vcpu%u", v->index);
	prctl(PR_SET_NAME, name);
	if (syscall_filter_enter(v->vcpus->machine->filters, FILTER_VCPU, &e) == 0)
		return true;
	fail(v, "system-call filter", e.text);
	return false;
}

static void *run_vcpu(void *arg)
{
	struct vcpu *v = arg;
	struct machine *m = v->vcpus->machine;

	if (!confine(v)) {
		wait_for_end(v);
		return NULL;
	}
	while (park(v)) {
		int ret;

		while ((ret = kvm_vcpu_run(&v->handle)) == 0 || ret == -EAGAIN) {
			if (ret < 0)
				continue;
			atomic_fetch_add(&v->epoch, 1);
			bool go_on = vcpu_handle_exit(m, v->index, &v->handle);

			atomic_fetch_add(&v->epoch, 1);
			if (!go_on) {
				wait_for_end(v);
				return NULL;
			}
		}
		if (ret != -EINTR) {
			fail(v, "KVM_RUN", err_strerror(-ret));
			wait_for_end(v);
			return NULL;
		}
	}
	return NULL;
}

static int open_vcpu(struct vcpu *v, struct kvm_cpuid2 *cpuid, struct err *e)
{
	struct machine *m = v->vcpus->machine;
	const struct cpus_config *config = &m->config.cpus;
	int ret = kvm_vcpu_open(m->kvm, cpu_apic_id(config, v->index), &v->handle, e);

	if (ret < 0)
		return ret;
	cpuid_for_vcpu(cpuid, config, v->index);
	ret = kvm_vcpu_set_cpuid(&v->handle, cpuid, e);
	return ret < 0 ? ret : vcpu_set_msrs(&v->handle, e);
}

static int make_cpuid(struct machine *m, struct kvm_cpuid2 **cpuid, struct err *e)
{
	_free_ struct kvm_cpuid2 *supported = NULL;
	int ret = kvm_supported_cpuid(m->kvm, &supported, e);

	return ret < 0 ? ret
		       : cpuid_for_machine(supported, &m->config.cpus,
					   kvm_capability(m->kvm, KVM_CAP_TSC_DEADLINE_TIMER),
					   cpuid, e);
}

static int open_all(struct vcpus *vcpus, const struct boot_entry *entry, struct err *e)
{
	_free_ struct kvm_cpuid2 *cpuid = NULL;
	int ret = make_cpuid(vcpus->machine, &cpuid, e);

	for (unsigned int i = 0; i < vcpus->n && ret == 0; i++)
		ret = open_vcpu(&vcpus->vcpu[i], cpuid, e);
	if (ret < 0 || !entry)
		return ret;
	return vcpu_set_boot_state(&vcpus->vcpu[0].handle, entry, e);
}

DEFINE_CLEANUP(struct vcpus, vcpus, vcpus_destroy)

int vcpus_create(struct machine *m, const struct boot_entry *entry, struct vcpus **out,
		 struct err *e)
{
	unsigned int n = m->config.cpus.boot;
	_cleanup_(cleanup_vcpus) struct vcpus *vcpus =
		calloc(1, sizeof(*vcpus) + n * sizeof(vcpus->vcpu[0]));

	if (!vcpus)
		return err_nomem(e);
	vcpus->machine = m;
	vcpus->n = n;
	pthread_mutex_init(&vcpus->lock, NULL);
	pthread_cond_init(&vcpus->changed, NULL);
	for (unsigned int i = 0; i < n; i++)
		vcpus->vcpu[i] = (struct vcpu){ .vcpus = vcpus, .index = i, .handle.fd = -1 };
	int ret = open_all(vcpus, entry, e);

	if (ret < 0)
		return ret;
	*out = steal_ptr(&vcpus);
	return 0;
}

static void set_state(struct vcpus *vcpus, enum vcpus_state state)
{
	pthread_mutex_lock(&vcpus->lock);
	vcpus->state = state;
	pthread_cond_broadcast(&vcpus->changed);
	pthread_mutex_unlock(&vcpus->lock);
}

int vcpus_start(struct vcpus *vcpus, bool paused, struct err *e)
{
	struct sigaction action = { .sa_handler = on_kick };

	if (sigaction(kick_signal(), &action, NULL) < 0)
		return err_errno(e, -errno, "sigaction");
	for (unsigned int i = 0; i < vcpus->n; i++) {
		struct vcpu *v = &vcpus->vcpu[i];
		int ret = pthread_create(&v->thread, NULL, run_vcpu, v);

		if (ret)
			return err_errno(e, -ret, "cannot start the thread of vCPU %u", i);
		v->has_thread = true;
	}
	if (!paused)
		set_state(vcpus, VCPUS_RUNNING);
	return 0;
}

int vcpus_pause(struct vcpus *vcpus, struct err *e)
{
	int ret = 0;

	pthread_mutex_lock(&vcpus->lock);
	if (vcpus->state != VCPUS_RUNNING) {
		ret = err_set(e, -EINVAL, "the vCPUs are not running");
	} else {
		vcpus->state = VCPUS_PAUSED;
		for (unsigned int i = 0; i < vcpus->n; i++)
			kick(&vcpus->vcpu[i]);
		while (vcpus->n_parked < vcpus->n)
			pthread_cond_wait(&vcpus->changed, &vcpus->lock);
	}
	pthread_mutex_unlock(&vcpus->lock);
	return ret;
}

int vcpus_resume(struct vcpus *vcpus, struct err *e _unused_)
{
	set_state(vcpus, VCPUS_RUNNING);
	return 0;
}

struct kvm_vcpu_handle *vcpus_handle(struct vcpus *vcpus, unsigned int i)
{
	return i < vcpus->n ? &vcpus->vcpu[i].handle : NULL;
}

void vcpus_state(struct vcpus *vcpus, const struct state *s)
{
	struct machine *m = vcpus->machine;
	_free_ struct kvm_cpuid2 *cpuid = NULL;
	char name[16];

	state_same(s, "count", vcpus->n);
	if (state_failed(s) || make_cpuid(m, &cpuid, s->e) < 0)
		return;
	cpuid_for_vcpu(cpuid, &m->config.cpus, 0);
	vcpu_cpuid_state(cpuid, s);
	for (unsigned int i = 0; i < vcpus->n && !state_failed(s); i++) {
		snprintf(name, sizeof(name), "%u", i);
		struct state in = state_enter(s, name);

		vcpu_state(m->kvm, &vcpus->vcpu[i].handle, &in);
	}
}

void vcpus_synchronize(struct vcpus *vcpus)
{
	for (unsigned int i = 0; i < vcpus->n; i++) {
		unsigned int epoch = atomic_load(&vcpus->vcpu[i].epoch);

		while ((epoch & 1) && atomic_load(&vcpus->vcpu[i].epoch) == epoch)
			sched_yield();
	}
}

static bool is_running(struct vcpus *vcpus)
{
	pthread_mutex_lock(&vcpus->lock);
	bool running = vcpus->state == VCPUS_RUNNING;

	pthread_mutex_unlock(&vcpus->lock);
	return running;
}

/* KVM takes requests for a vCPU only while it is out of the guest: an idle one would hold us up. */
int vcpus_nmi(struct vcpus *vcpus, struct err *e)
{
	bool running = is_running(vcpus);
	int ret = running ? vcpus_pause(vcpus, e) : 0;

	for (unsigned int i = 0; i < vcpus->n && ret == 0; i++)
		ret = kvm_vcpu_nmi(&vcpus->vcpu[i].handle, e);
	if (running)
		vcpus_resume(vcpus, e);
	return ret;
}

void vcpus_destroy(struct vcpus *vcpus)
{
	if (!vcpus)
		return;
	set_state(vcpus, VCPUS_ENDING);
	for (unsigned int i = 0; i < vcpus->n; i++)
		if (vcpus->vcpu[i].has_thread)
			kick(&vcpus->vcpu[i]);
	for (unsigned int i = 0; i < vcpus->n; i++) {
		if (vcpus->vcpu[i].has_thread)
			pthread_join(vcpus->vcpu[i].thread, NULL);
		kvm_vcpu_close(&vcpus->vcpu[i].handle);
	}
	pthread_cond_destroy(&vcpus->changed);
	pthread_mutex_destroy(&vcpus->lock);
	free(vcpus);
}
