/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A guest that attacks its VMM: what its parts share. Freestanding. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What requests may point at without harm to the guest itself: from here to the end of RAM. */
#define ARENA      UINT64_C(0x1000000)
#define ARENA_SIZE UINT64_C(0x400000)

/* Guest-visible layout of the machine under attack (vmm/layout.h). */
#define ECAM           UINT32_C(0xe8000000)
#define ECAM_SEGMENT   UINT32_C(0x100000)
#define HOTPLUG        UINT32_C(0xfe000000)
#define EVENTS         UINT32_C(0xfe000010)
#define IOAPIC         UINT32_C(0xfec00000)
#define LAPIC          UINT32_C(0xfee00000)
#define HOLE           UINT32_C(0xc0000000)
#define PORT_POWER     0x600
#define PORT_SERIAL    0x3f8
#define BAR_SIZE       0x80000
#define BAR_MSIX_TABLE 0x8000
#define BAR_MSIX_PBA   0x48000

enum {
	MAX_FUNCTIONS = 24,
	MAX_SEGMENTS = 4,
	MAX_QUEUES = 4, /* of a device, that are given rings */
	QUEUE_BYTES = 0x8000,
	TYPE_NET = 1,
	TYPE_BLOCK = 2,
	TYPE_CONSOLE = 3,
	TYPE_RNG = 4,
	TYPE_IOMMU = 23,
};

struct random {
	uint64_t state;
};

struct function {
	uint32_t config; /* ECAM address */
	uint32_t bar;    /* where we put BAR 0 */
	uint32_t notify_offset, notify_stride;
	uint16_t ports; /* where we put BAR 2: doorbells; 0: it has none */
	uint16_t type;  /* virtio device id; 0: no virtio device */
	uint8_t segment, slot;
	uint16_t n_vectors;
	uint8_t msix_cap, window_cap;
	bool gone; /* ejected */
};

struct guest {
	struct random random; /* of the first CPU */
	struct function functions[MAX_FUNCTIONS];
	unsigned int n_functions, n_segments;
	uint64_t ram_end;
	uint64_t operations;
	/* Between the CPUs; accessed through __atomic_*. */
	uint32_t second_state; /* enum second */
	uint64_t second_seed;
};

enum second {
	SECOND_ABSENT,
	SECOND_IDLE,
	SECOND_GO,
	SECOND_BUSY,
	SECOND_STOP,
};

/* Pseudo-random numbers: the same for the same seed. */
uint64_t rnd(struct random *r);
uint32_t pick(struct random *r, uint32_t n); /* 0 to n - 1 */
bool once_in(struct random *r, uint32_t n);
/* Values that matter: addresses in and at the edges of everything, lengths from 0 to huge. */
uint64_t any_address(struct guest *g, struct random *r);
uint32_t any_length(struct guest *g, struct random *r, uint64_t address);
uint64_t any_value(struct guest *g, struct random *r);

/* Accesses of 1, 2, 4 or 8 bytes (ports: up to 4), aligned or not. */
uint64_t load(uint64_t address, unsigned int size);
void store(uint64_t address, unsigned int size, uint64_t value);
uint32_t port_in(uint16_t port, unsigned int size);
void port_out(uint16_t port, unsigned int size, uint32_t value);
/* Rings a doorbell, as memory or as a port. */
void ring_doorbell(struct random *r, const struct function *f, unsigned int queue, uint64_t value);

void print(const char *text);
void print_number(const char *name, uint64_t value);
void serial_restore(void);
_Noreturn void power_off(void);

/* Finds the PCI functions and gives each virtio device a BAR that can be reached. */
void pci_scan(struct guest *g);
/* Undoes what attacks did to configuration space, and resets the device. */
void pci_settle(struct function *f);
struct function *any_function(struct guest *g, struct random *r);

/* Attacks; each takes some tens of accesses. */
typedef void attack(struct guest *g, struct random *r);
attack attack_config, attack_config_ports, attack_bars, attack_bar_moves, attack_msix;
attack attack_status, attack_queues, attack_session, attack_resets;
attack attack_hotplug, attack_events, attack_ports, attack_serial, attack_holes;

/* Makes a device work as its driver would, with garbage for requests, and kicks it. */
void start_device(struct guest *g, struct random *r, struct function *f);
void feed_device(struct guest *g, struct random *r, struct function *f);
/* Resets a device and starts its first queue alone, without tricks: descriptors at `rings`, the
 * rest behind them; the device is told addresses that are `shift` further on. */
enum {
	PLAIN_RING_SIZE = 4,
	PLAIN_AVAIL = 0x1000,
	PLAIN_USED = 0x2000,
};
void start_plainly(struct function *f, uint64_t rings, uint64_t shift);

/* Disks behind the IOMMU write where they may not; says what came of it. */
void unmapped_dma(struct guest *g);

/* One change of some device's rings, as another CPU would make it at the wrong moment. */
void change_rings(struct guest *g, struct random *r);

/* Gives every slot back while requests are under way. */
void eject_all(struct guest *g, struct random *r);
/* Gives back what the VMM asks for; true when something went. */
bool eject_wanted(struct guest *g, struct random *r);

void second_start(struct guest *g);
void second_go(struct guest *g, uint64_t seed);
void second_wait(struct guest *g);
