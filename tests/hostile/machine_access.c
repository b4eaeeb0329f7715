/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Accesses to memory and ports, the serial line, and numbers that look like an attack. */
#include "hostile.h"

uint64_t rnd(struct random *r)
{
	uint64_t z = (r->state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint32_t pick(struct random *r, uint32_t n)
{
	return (uint32_t)(rnd(r) % n);
}

bool once_in(struct random *r, uint32_t n)
{
	return pick(r, n) == 0;
}

/*
 * Never RAM below the arena: the guest's own code is there, and a device that was told to would
 * overwrite it.
 */
uint64_t any_address(struct guest *g, struct random *r)
{
	uint64_t little = pick(r, 0x2000);

	switch (pick(r, 16)) {
	case 0:
		return g->ram_end - little;
	case 1:
		return g->ram_end + little;
	case 2:
		return HOLE - little < g->ram_end ? HOLE - little : HOLE + little;
	case 3:
		return (pick(r, 2) ? LAPIC : IOAPIC) + little;
	case 4:
		return ECAM + pick(r, 2 * ECAM_SEGMENT);
	case 5:
		return ~UINT64_C(0) - little;
	case 6:
		return (UINT64_C(1) << 32) - 0x1000 + little;
	case 7:
		return rnd(r) | UINT64_C(1) << (40 + pick(r, 24));
	case 8:
		return g->functions[pick(r, g->n_functions)].bar + pick(r, BAR_SIZE);
	default:
		return (ARENA + pick(r, ARENA_SIZE)) & ~(uint64_t)(once_in(r, 4) ? 0 : 15);
	}
}

uint32_t any_length(struct guest *g, struct random *r, uint64_t address)
{
	switch (pick(r, 12)) {
	case 0:
		return 0;
	case 1:
		return UINT32_MAX - pick(r, 0x2000);
	case 2:
		return (uint32_t)(g->ram_end - address);
	case 3:
		return (uint32_t)(g->ram_end - address) + 1;
	case 4:
		return (uint32_t)rnd(r);
	case 5:
		return 1u << pick(r, 32);
	case 6:
	case 7:
		return pick(r, 64);
	case 8:
		return 16 * pick(r, 40);
	default:
		return 512 * pick(r, 20);
	}
}

uint64_t any_value(struct guest *g, struct random *r)
{
	switch (pick(r, 8)) {
	case 0:
		return 0;
	case 1:
		return ~UINT64_C(0);
	case 2:
		return UINT64_C(1) << pick(r, 64);
	case 3:
		return any_address(g, r);
	case 4:
		return pick(r, 256);
	default:
		return rnd(r);
	}
}

uint64_t load(uint64_t address, unsigned int size)
{
	switch (size) {
	case 1:
		return *(volatile uint8_t *)address;
	case 2:
		return *(volatile uint16_t *)address;
	case 4:
		return *(volatile uint32_t *)address;
	default:
		return *(volatile uint64_t *)address;
	}
}

void store(uint64_t address, unsigned int size, uint64_t value)
{
	switch (size) {
	case 1:
		*(volatile uint8_t *)address = (uint8_t)value;
		break;
	case 2:
		*(volatile uint16_t *)address = (uint16_t)value;
		break;
	case 4:
		*(volatile uint32_t *)address = (uint32_t)value;
		break;
	default:
		*(volatile uint64_t *)address = value;
		break;
	}
}

uint32_t port_in(uint16_t port, unsigned int size)
{
	uint32_t value = 0;

	if (size == 1)
		__asm__ volatile("inb %w1, %b0" : "+a"(value) : "Nd"(port));
	else if (size == 2)
		__asm__ volatile("inw %w1, %w0" : "+a"(value) : "Nd"(port));
	else
		__asm__ volatile("inl %w1, %0" : "+a"(value) : "Nd"(port));
	return value;
}

void port_out(uint16_t port, unsigned int size, uint32_t value)
{
	if (size == 1)
		__asm__ volatile("outb %b0, %w1" : : "a"(value), "Nd"(port));
	else if (size == 2)
		__asm__ volatile("outw %w0, %w1" : : "a"(value), "Nd"(port));
	else
		__asm__ volatile("outl %0, %w1" : : "a"(value), "Nd"(port));
}

/* 8n1, no loopback, no interrupts: what attacks may have changed. */
void serial_restore(void)
{
	port_out(PORT_SERIAL + 3, 1, 3);
	port_out(PORT_SERIAL + 4, 1, 3);
	port_out(PORT_SERIAL + 1, 1, 0);
}

void print(const char *text)
{
	for (; *text; text++)
		port_out(PORT_SERIAL, 1, (uint8_t)*text);
}

void print_number(const char *name, uint64_t value)
{
	char digits[24];
	unsigned int at = sizeof(digits) - 1;

	digits[at] = '\0';
	do
		digits[--at] = (char)('0' + value % 10);
	while (value /= 10);
	print(name);
	print(digits + at);
}

void power_off(void)
{
	for (;;)
		port_out(PORT_POWER, 1, 5 << 2 | 1 << 5);
}
