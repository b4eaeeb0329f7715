/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of the devices: disks, vDPA devices, consoles, entropy. */
#include "config/vm_config.h"
#include "config/vm_options.h"

#define UNSUPPORTED(k, j, t, d)                                                                    \
	{                                                                                          \
		.key = (k), .json = (j), .type = (t), .fallback = (d), .flags = OPTION_UNSUPPORTED \
	}

/* What every PCI device takes; T has a member `pci`. */
#define PCI_ROWS(T)                                                                                \
	{                                                                                          \
		.key = "id",                                                                       \
		.help = "identifier, unique over the machine",                                     \
		.unit = "id",                                                                      \
		OPTION_TO_STRING(T, pci.id),                                                       \
	},                                                                                         \
		{                                                                                  \
			.key = "iommu",                                                            \
			.help = "put the device behind the virtio-iommu",                          \
			.fallback = "off",                                                         \
			.flags = OPTION_QUIET,                                                     \
			OPTION_TO_TOGGLE(T, pci.iommu),                                            \
		},                                                                                 \
		{                                                                                  \
			.key = "pci_segment",                                                      \
			.help = "PCI segment of the device",                                       \
			.fallback = "0",                                                           \
			OPTION_TO_UINT(T, pci.segment),                                            \
		},                                                                                 \
	{                                                                                          \
		.key = "pci_device_id",                                                            \
		.help = "PCI slot of the device; the lowest free one where absent",                \
		.unit = "slot", .max = 255, OPTION_TO_INT(T, pci.device_id),                       \
	}

static const char *const image_types[] = {
	[DISK_IMAGE_UNKNOWN] = "unknown",
	[DISK_IMAGE_RAW] = "raw",
	NULL,
};

static const char *const disk_locks[] = {
	[DISK_LOCK_BYTE_RANGE] = "byte-range",
	[DISK_LOCK_FULL] = "full",
	NULL,
};

static const struct option disk_rows[] = {
	{
		.key = "path",
		.help = "raw image or block device",
		.unit = "path",
		OPTION_TO_STRING(struct disk_config, path),
	},
	{
		.key = "readonly",
		.help = "the guest can only read",
		.fallback = "off",
		OPTION_TO_TOGGLE(struct disk_config, readonly),
	},
	{
		.key = "direct",
		.help = "go around the host's page cache (O_DIRECT)",
		.fallback = "off",
		OPTION_TO_TOGGLE(struct disk_config, direct),
	},
	{
		.key = "queue_size",
		.help = "descriptors of a virtqueue, a power of 2",
		.fallback = "128",
		OPTION_TO_UINT(struct disk_config, queue_size),
	},
	{
		.key = "num_queues",
		.help = "virtqueues",
		.fallback = "1",
		.min = 1,
		OPTION_TO_UINT(struct disk_config, num_queues),
	},
	{
		.key = "serial",
		.help = "serial number of the disk, at most 20 bytes",
		OPTION_TO_STRING(struct disk_config, serial),
	},
	{
		.key = "image_type",
		.help = "raw: taken as it is, whatever it begins with",
		.fallback = "unknown",
		.choices = image_types,
		.flags = OPTION_QUIET,
		OPTION_TO_CHOICE(struct disk_config, image_type, enum disk_image_type),
	},
	{
		.key = "lock_granularity",
		.help = "what of the image is locked against other writers",
		.fallback = "byte-range",
		.choices = disk_locks,
		.flags = OPTION_QUIET,
		OPTION_TO_CHOICE(struct disk_config, lock_granularity, enum disk_lock),
	},
	PCI_ROWS(struct disk_config),
	UNSUPPORTED("vhost_user", NULL, OPTION_TOGGLE, "off"),
	UNSUPPORTED("socket", "vhost_socket", OPTION_STRING, NULL),
	UNSUPPORTED("bw_size", NULL, OPTION_STRING, NULL),
	UNSUPPORTED("bw_one_time_burst", NULL, OPTION_STRING, NULL),
	UNSUPPORTED("bw_refill_time", NULL, OPTION_STRING, NULL),
	UNSUPPORTED("ops_size", NULL, OPTION_STRING, NULL),
	UNSUPPORTED("ops_one_time_burst", NULL, OPTION_STRING, NULL),
	UNSUPPORTED("ops_refill_time", NULL, OPTION_STRING, NULL),
	UNSUPPORTED("rate_limiter_config", NULL, OPTION_STRING, NULL),
	UNSUPPORTED("rate_limit_group", NULL, OPTION_STRING, NULL),
	UNSUPPORTED("queue_affinity", NULL, OPTION_STRING, NULL),
	UNSUPPORTED("backing_files", NULL, OPTION_TOGGLE, "off"),
	UNSUPPORTED("sparse", NULL, OPTION_TOGGLE, "on"),
	UNSUPPORTED("_disable_io_uring", "disable_io_uring", OPTION_TOGGLE, "off"),
	UNSUPPORTED("_disable_aio", "disable_aio", OPTION_TOGGLE, "off"),
};

const struct option_section vm_section_disk = {
	.name = "disk",
	.json = "disks",
	.help = "disk (virtio-blk) over a raw image",
	.label = "id",
	.options = disk_rows,
	.n_options = ARRAY_SIZE(disk_rows),
	.size = sizeof(struct disk_config),
	.offset = offsetof(struct vm_config, disks),
	.count_offset = offsetof(struct vm_config, n_disks),
	.list = true,
};

static const struct option vdpa_rows[] = {
	{
		.key = "path",
		.help = "character device of the vDPA device",
		.unit = "device_path",
		.flags = OPTION_ONE_OF,
		OPTION_TO_STRING(struct vdpa_config, path),
	},
	{
		.key = "device",
		.help = "name of the vDPA device, resolved at launch",
		.unit = "name",
		.flags = OPTION_ONE_OF,
		OPTION_TO_STRING(struct vdpa_config, device),
	},
	{
		.key = "fd",
		.help = "descriptor of an open character device",
		.unit = "fd",
		.flags = OPTION_ONE_OF,
		OPTION_TO_INT(struct vdpa_config, fd),
	},
	{
		.key = "num_queues",
		.help = "virtqueues to offer the guest; auto: all of the device",
		.fallback = "1",
		.zero = "auto",
		.min = 1,
		OPTION_TO_UINT(struct vdpa_config, num_queues),
	},
	{
		.key = "queue_size",
		.help = "descriptors of a virtqueue, a power of 2; auto: the most the device takes",
		.fallback = "auto",
		.zero = "auto",
		.min = 1,
		OPTION_TO_UINT(struct vdpa_config, queue_size),
	},
	{
		.key = "count_interrupts",
		.help = "count each virtqueue's interrupts, which then go through the VMM",
		.fallback = "off",
		.flags = OPTION_QUIET,
		OPTION_TO_TOGGLE(struct vdpa_config, count_interrupts),
	},
	PCI_ROWS(struct vdpa_config),
	{
		.key = "create",
		.help = "create the vDPA device at start and remove it at stop",
		.fallback = "off",
		.flags = OPTION_PROFILE_ONLY,
		OPTION_TO_TOGGLE(struct vdpa_config, create),
	},
	{
		.key = "mgmtdev",
		.help = "management device to create it on",
		.unit = "mgmtdev",
		.flags = OPTION_PROFILE_ONLY,
		OPTION_TO_STRING(struct vdpa_config, mgmtdev),
	},
	{
		.key = "mac",
		.help = "address of the network device to create",
		.flags = OPTION_PROFILE_ONLY,
		OPTION_TO_MAC(struct vdpa_config, mac),
	},
	{
		.key = "mtu",
		.help = "MTU of the network device to create",
		.unit = "bytes",
		.min = 68,
		.flags = OPTION_PROFILE_ONLY,
		OPTION_TO_UINT(struct vdpa_config, mtu),
	},
	{
		.key = "max_vqp",
		.help = "virtqueue pairs of the network device to create",
		.min = 1,
		.flags = OPTION_PROFILE_ONLY,
		OPTION_TO_UINT(struct vdpa_config, max_vqp),
	},
};

const struct option_section vm_section_vdpa = {
	.name = "vdpa",
	.json = "vdpa",
	.help = "vDPA device",
	.label = "id",
	.options = vdpa_rows,
	.n_options = ARRAY_SIZE(vdpa_rows),
	.size = sizeof(struct vdpa_config),
	.offset = offsetof(struct vm_config, vdpas),
	.count_offset = offsetof(struct vm_config, n_vdpas),
	.list = true,
};

static const char *const console_modes[] = {
	[CONSOLE_OFF] = "off",
	[CONSOLE_NULL] = "null",
	[CONSOLE_PTY] = "pty",
	[CONSOLE_TTY] = "tty",
	[CONSOLE_FILE] = "file",
	[CONSOLE_SOCKET] = "socket",
	NULL,
};

#define MODE_ROWS(initial)                                                                         \
	{                                                                                          \
		.key = "mode",                                                                     \
		.help = "where input comes from and output goes",                                  \
		.fallback = (initial),                                                             \
		.choices = console_modes,                                                          \
		.flags = OPTION_BARE,                                                              \
		OPTION_TO_CHOICE(struct console_config, mode, enum console_mode),                  \
	},                                                                                         \
		{                                                                                  \
			.key = "file",                                                             \
			.help = "write output to a file",                                          \
			OPTION_TO_MODE_PATH(struct console_config, path, mode, CONSOLE_FILE),      \
		},                                                                                 \
	{                                                                                          \
		.key = "socket", .help = "serve the console on a UNIX socket",                     \
		.flags = OPTION_SHARED,                                                            \
		OPTION_TO_MODE_PATH(struct console_config, path, mode, CONSOLE_SOCKET),            \
	}

static const struct option console_rows[] = {
	MODE_ROWS("tty"),
	PCI_ROWS(struct console_config),
};

const struct option_section vm_section_console = {
	.name = "console",
	.json = "console",
	.help = "virtio console (hvc0)",
	.options = console_rows,
	.n_options = ARRAY_SIZE(console_rows),
	.size = sizeof(struct console_config),
	.offset = offsetof(struct vm_config, console),
};

static const struct option serial_rows[] = {
	MODE_ROWS("null"),
};

const struct option_section vm_section_serial = {
	.name = "serial",
	.json = "serial",
	.help = "serial port (ttyS0)",
	.options = serial_rows,
	.n_options = ARRAY_SIZE(serial_rows),
	.size = sizeof(struct console_config),
	.offset = offsetof(struct vm_config, serial),
};

static const struct option rng_rows[] = {
	{
		.key = "src",
		.help = "where the entropy comes from",
		.unit = "path",
		.fallback = "/dev/urandom",
		OPTION_TO_STRING(struct rng_config, src),
	},
	PCI_ROWS(struct rng_config),
};

const struct option_section vm_section_rng = {
	.name = "rng",
	.json = "rng",
	.help = "entropy device (virtio-rng)",
	.options = rng_rows,
	.n_options = ARRAY_SIZE(rng_rows),
	.size = sizeof(struct rng_config),
	.offset = offsetof(struct vm_config, rng),
};
