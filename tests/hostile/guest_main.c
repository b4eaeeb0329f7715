/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The hostile guest: `seed=N rounds=N steps=N mode=all|eject|unplug|reset|dma` on its command line.
 */
#include "hostile.h"

enum {
	PVH_CMDLINE = 24, /* offsets in the start info */
	PVH_MEMMAP = 40,
	PVH_ENTRIES = 48,
	E820_RAM = 1,
	REPORT_EVERY = 25,
};

struct gate {
	uint16_t offset_low, selector, flags, offset_middle;
	uint32_t offset_high, reserved;
};

extern struct gate idt[256];
extern const uint8_t exceptions[];
extern uint32_t start_info;
void guest_main(void);
void guest_fault(uint64_t number, uint64_t rip, uint64_t address);

static struct guest guest;

static const struct {
	attack *attack;
	uint8_t weight;
} attacks[] = {
	{ attack_session, 8 }, { attack_bars, 4 },         { attack_config, 3 },
	{ attack_msix, 3 },    { attack_status, 2 },       { attack_queues, 2 },
	{ attack_resets, 2 },  { attack_bar_moves, 2 },    { attack_hotplug, 1 },
	{ attack_events, 1 },  { attack_ports, 1 },        { attack_serial, 1 },
	{ attack_holes, 1 },   { attack_config_ports, 1 },
};

void guest_fault(uint64_t number, uint64_t rip, uint64_t address)
{
	serial_restore();
	print_number("\nhostile: the guest itself failed: exception ", number);
	print_number(" at ", rip);
	print_number(" address ", address);
	print("\n");
	power_off();
}

static void set_exceptions(void)
{
	for (unsigned int n = 0; n < 32; n++) {
		uint64_t at = (uint64_t)exceptions + 16 * n;

		idt[n] = (struct gate){
			.offset_low = (uint16_t)at,
			.selector = 8,
			.flags = 0x8e00,
			.offset_middle = (uint16_t)(at >> 16),
		};
	}
}

/* The value of `key=` on the command line as text; NULL when it is not there. */
static const char *option(const char *line, const char *key)
{
	size_t len = 0;

	while (key[len])
		len++;
	for (; *line; line++)
		if (__builtin_memcmp(line, key, len) == 0)
			return line + len;
	return NULL;
}

static uint64_t number(const char *line, const char *key, uint64_t otherwise)
{
	const char *at = option(line, key);
	uint64_t value = 0;

	if (!at)
		return otherwise;
	for (; *at >= '0' && *at <= '9'; at++)
		value = value * 10 + (uint64_t)(*at - '0');
	return value;
}

/* The end of RAM below the hole. */
static uint64_t find_ram_end(void)
{
	uint64_t entry = load(start_info + PVH_MEMMAP, 8), end = 0;

	for (uint64_t n = load(start_info + PVH_ENTRIES, 4); n; n--, entry += 24) {
		uint64_t last = load(entry, 8) + load(entry + 8, 8);

		if (load(entry + 16, 4) == E820_RAM && last <= HOLE && last > end)
			end = last;
	}
	return end;
}

static attack *any_attack(struct random *r)
{
	unsigned int sum = 0, n;

	for (n = 0; n < sizeof(attacks) / sizeof(attacks[0]); n++)
		sum += attacks[n].weight;
	sum = pick(r, sum);
	for (n = 0; sum >= attacks[n].weight; n++)
		sum -= attacks[n].weight;
	return attacks[n].attack;
}

static void round_of(struct guest *g, uint64_t seed, uint64_t steps)
{
	g->random.state = seed;
	second_go(g, seed ^ UINT64_C(0x5ec0));
	for (uint64_t n = 0; n < steps; n++, g->operations++)
		any_attack (&g->random)(g, &g->random);
	second_wait(g);
	serial_restore();
	for (unsigned int n = 0; n < g->n_functions; n++)
		pci_settle(&g->functions[n]);
}

static void report(const char *what, uint64_t seed, uint64_t operations)
{
	print_number("hostile: seed=", seed);
	print_number(" attacks=", operations);
	print(what);
}

void guest_main(void)
{
	const char *line = (const char *)load(start_info + PVH_CMDLINE, 8);
	const char *mode = option(line, "mode=");
	uint64_t seed = number(line, "seed=", 1), rounds = number(line, "rounds=", 1);
	uint64_t steps = number(line, "steps=", 8);
	struct guest *g = &guest;

	set_exceptions();
	serial_restore();
	g->ram_end = find_ram_end();
	pci_scan(g);
	print_number("hostile: functions=", g->n_functions);
	if (mode && *mode == 'd') {
		unmapped_dma(g);
		power_off();
	}
	second_start(g);
	print(g->second_state == SECOND_ABSENT ? " one CPU\n" : " two CPUs\n");
	for (uint64_t n = 1; n <= rounds; n++, seed++) {
		round_of(g, seed, steps);
		if (n % REPORT_EVERY == 0)
			report("\n", seed, g->operations);
		if (mode && *mode == 'u')
			eject_wanted(g, &g->random);
	}
	if (mode && *mode == 'e') {
		second_go(g, seed);
		eject_all(g, &g->random);
		second_wait(g);
		serial_restore();
	}
	report(" done\n", seed - 1, g->operations);
	if (mode && *mode == 'r')
		port_out(PORT_POWER, 1, 1);
	power_off();
}

/* What the compiler may call. */
void *memset(void *to, int value, size_t n);
void *memcpy(void *to, const void *from, size_t n);
int memcmp(const void *a, const void *b, size_t n);

void *memset(void *to, int value, size_t n)
{
	void *at = to;

	__asm__ volatile("rep stosb" : "+D"(at), "+c"(n) : "a"(value) : "memory");
	return to;
}

void *memcpy(void *to, const void *from, size_t n)
{
	void *at = to;

	__asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(n) : : "memory");
	return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const uint8_t *x = a, *y = b;

	for (; n; n--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}
