/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The second CPU: changes rings and registers while the first one and the VMM use them. */
#include "hostile.h"

enum {
	TRAMPOLINE = 0x8000,
	COMMAND_LOW = 0x300, /* of the local APIC */
	COMMAND_HIGH = 0x310,
	SPURIOUS = 0xf0,
	START_TRIES = 1 << 22,
	/* In one go. The worker of the host's vdpa_sim_net goes on while a ring moves, and whoever
	 * resets that device waits for it: the first CPU, as a rule, which is to end this. */
	DISTURBANCES = 4096,
};

extern const uint8_t ap_start[], ap_end[];
void second_cpu(void);

static struct guest *shared;

static uint32_t state(struct guest *g)
{
	return __atomic_load_n(&g->second_state, __ATOMIC_ACQUIRE);
}

static void set_state(struct guest *g, uint32_t value)
{
	__atomic_store_n(&g->second_state, value, __ATOMIC_RELEASE);
}

static void relax(void)
{
	__asm__ volatile("pause");
}

/* One thing at the wrong moment. */
static void disturb(struct guest *g, struct random *r)
{
	struct function *f;

	for (unsigned int n = 0; n < 16; n++)
		change_rings(g, r);
	f = any_function(g, r);
	if (!f || !once_in(r, 8))
		return;
	switch (pick(r, 5)) {
	case 0:
		store(f->bar + 20, 1, once_in(r, 2) ? 0 : pick(r, 16)); /* status */
		break;
	case 1:
		store(f->config + 4, 2, pick(r, 8)); /* command */
		break;
	case 2:
		attack_msix(g, r);
		break;
	case 3:
		ring_doorbell(r, f, pick(r, 4), pick(r, 4));
		break;
	default:
		attack_bars(g, r);
		break;
	}
}

void second_cpu(void)
{
	struct guest *g = shared;

	set_state(g, SECOND_IDLE);
	for (;;) {
		struct random r;

		while (state(g) != SECOND_GO)
			relax();
		r.state = g->second_seed;
		set_state(g, SECOND_BUSY);
		for (unsigned int n = 0; state(g) == SECOND_BUSY; n++)
			if (n < DISTURBANCES)
				disturb(g, &r);
			else
				relax();
		set_state(g, SECOND_IDLE);
	}
}

void second_start(struct guest *g)
{
	shared = g;
	__builtin_memcpy((void *)(uintptr_t)TRAMPOLINE, ap_start, (size_t)(ap_end - ap_start));
	store(LAPIC + SPURIOUS, 4, 0x1ff);
	store(LAPIC + COMMAND_HIGH, 4, 0);
	store(LAPIC + COMMAND_LOW, 4, 0xc4500); /* INIT to all others */
	for (unsigned int n = 0; n < 100000; n++)
		relax();
	store(LAPIC + COMMAND_LOW, 4, 0xc4600 | TRAMPOLINE >> 12);
	for (unsigned int n = 0; n < START_TRIES && state(g) == SECOND_ABSENT; n++)
		relax();
}

void second_go(struct guest *g, uint64_t seed)
{
	if (state(g) == SECOND_ABSENT)
		return;
	g->second_seed = seed;
	set_state(g, SECOND_GO);
	while (state(g) == SECOND_GO)
		relax();
}

void second_wait(struct guest *g)
{
	if (state(g) == SECOND_ABSENT)
		return;
	set_state(g, SECOND_STOP);
	while (state(g) != SECOND_IDLE)
		relax();
}
