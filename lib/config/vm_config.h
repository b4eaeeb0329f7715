/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The configuration of one virtual machine: what command line, profile and API all fill. */
#pragma once

#include "base/cleanup.h"
#include "base/err.h"
#include "config/origin.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct option_section;

enum {
	VM_MAX_SEGMENTS = 96,
	VM_SLOTS_PER_SEGMENT = 32,
	VM_MAX_VCPUS = 254,      /* xAPIC ids of 8 bits, 255 is broadcast */
	VM_MIN_MEMORY = 2 << 20, /* bytes; a kernel starts at 1 MiB */
	VM_MAX_QUEUE_SIZE = 32768,
	VM_MAX_ID = 63,           /* characters of an identifier */
	VM_MAX_CMDLINE = 0x10000, /* bytes, the NUL included */
	PCI_DEVICE_AUTO = -1,     /* pci_device_id: the lowest free slot */
};

/* All strings are owned and NULL where absent. */

struct cpus_config {
	uint32_t boot, max;   /* max 0 in the input means "as boot"; after the check it is set */
	uint16_t topology[4]; /* threads/core, cores/die, dies/package, packages; all 0: none */
	uint8_t max_phys_bits;
};

struct memory_config {
	uint64_t size;          /* bytes */
	uint64_t hugepage_size; /* bytes; 0: the size of the host's default hugepages */
	bool shared, hugepages, prefault, reserve, thp, mergeable;
};

struct payload_config {
	char *kernel, *initramfs, *cmdline;
};

/* What every PCI device takes. */
struct pci_config {
	char *id; /* unique; assigned (`_disk0`) where absent */
	bool iommu;
	uint16_t segment;
	int16_t device_id; /* slot 0..31 or PCI_DEVICE_AUTO */
};

enum disk_image_type {
	DISK_IMAGE_UNKNOWN, /* raw, unless it begins as an image of another kind does */
	DISK_IMAGE_RAW,     /* whatever it begins with */
};

/* What of an image is locked. */
enum disk_lock {
	DISK_LOCK_BYTE_RANGE, /* the bytes that it has when it is opened */
	DISK_LOCK_FULL,
};

struct disk_config {
	struct pci_config pci;
	char *path, *serial;
	bool readonly, direct;
	uint16_t queue_size, num_queues;
	enum disk_image_type image_type;
	enum disk_lock lock_granularity;
};

struct vdpa_config {
	struct pci_config pci;
	/* Exactly one of path, device and fd. */
	char *path;            /* /dev/vhost-vdpa-N */
	char *device;          /* name of the vDPA device, resolved at launch */
	int fd;                /* an open character device, or -1 */
	uint16_t num_queues;   /* virtqueues to offer; 0: as many as the device has ("auto") */
	uint16_t queue_size;   /* 0: the largest that the device takes */
	bool count_interrupts; /* they go through the VMM, which counts them */
	bool create;   /* profile only: vdpactl creates the device at start, removes it at stop */
	char *mgmtdev; /* with create: on which management device */
	char *mac;     /* with create: address of a network device */
	uint16_t mtu;  /* with create: bytes; 0: the device's own */
	uint16_t max_vqp; /* with create: virtqueue pairs; 0: the device's own */
};

enum console_mode {
	CONSOLE_OFF,
	CONSOLE_NULL,
	CONSOLE_PTY,
	CONSOLE_TTY,
	CONSOLE_FILE,
	CONSOLE_SOCKET,
};

/* --console (virtio-console) and --serial (16550; its `pci` is not used). */
struct console_config {
	struct pci_config pci;
	enum console_mode mode;
	char *path; /* of file and socket */
};

struct rng_config {
	struct pci_config pci;
	char *src;
};

struct platform_config {
	uint16_t num_pci_segments; /* 1..96 */
	uint16_t *iommu_segments;  /* owned list */
	size_t n_iommu_segments;
	uint8_t iommu_address_width; /* bits */
	bool spare_segment;          /* the last segment is there unasked, with no device yet */
	bool iommu_in_reserve;       /* nobody asked for the IOMMU: it is on the spare segment */
};

struct pci_segment_config {
	uint16_t segment;
	uint32_t mmio32_weight, mmio64_weight;
};

struct landlock_rule {
	char *path;
	char *access; /* of the letters r and w */
};

struct vm_config {
	char *name;
	struct cpus_config cpus;
	struct memory_config memory;
	struct payload_config payload;
	struct disk_config *disks;
	size_t n_disks;
	struct vdpa_config *vdpas;
	size_t n_vdpas;
	struct console_config console, serial;
	struct rng_config rng;
	struct platform_config platform;
	bool has_platform; /* the platform section was given (vm.info shows it only then) */
	struct pci_segment_config *pci_segments;
	size_t n_pci_segments;
	struct landlock_rule *landlock_rules;
	size_t n_landlock_rules;
	bool landlock;
	unsigned int next_id;   /* counter of the automatic identifiers */
	struct origins origins; /* where each value came from, for messages */
};

/* Sets every default; what was in `config` is not looked at. 0 or -ENOMEM. */
int vm_config_init(struct vm_config *config);

/* Releases what the configuration owns, not the struct itself; it may be called twice. */
void vm_config_clear(struct vm_config *config);

/* A deep copy into an uninitialised struct. 0 or -ENOMEM. */
int vm_config_copy(struct vm_config *to, const struct vm_config *from);

/*
 * The record of `section` to write options to: the one there is, or a new one with its defaults at
 * the end of a list. `index` (may be NULL) is its place in the list, 0 for the others. NULL when
 * memory ran out or the list is full, said in `e`.
 */
void *vm_config_open(struct vm_config *config, const struct option_section *section, size_t *index,
		     struct err *e);

/* How many records of `section` there are, and the one at `index`; borrowed. */
size_t vm_config_count(const struct vm_config *config, const struct option_section *section);
void *vm_config_record(const struct vm_config *config, const struct option_section *section,
		       size_t index);

/* As origins_prefix, with the label in a text without lines: "vdpa.LABEL.KEY: ". */
int vm_config_prefix(const struct vm_config *config, const struct option_section *section,
		     size_t index, const struct option *option, struct err *e);

/* Removes the record at `index` of a list. */
void vm_config_drop(struct vm_config *config, const struct option_section *section, size_t index);

/* Removes the disk or vDPA device with this identifier; -ENOENT. */
int vm_config_remove_device(struct vm_config *config, const char *id, struct err *e);

#define _vm_config_ _cleanup_(vm_config_clear)
