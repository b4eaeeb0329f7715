/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Landlock rules of one VM; libc has no wrappers for the system calls. */
#include "sandbox/landlock.h"

#include "base/file.h"
#include "vdpa/sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif

enum {
	LANDLOCK_ABI = 3, /* the first that knows truncation */
};

#define ACCESS_READ  (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define ACCESS_WRITE (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE)
/* What a rule on a folder adds for its letter w. */
#define ACCESS_MAKE                                                                                \
	(LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |                              \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE)
/* A rule on a file may name only these. */
#define ACCESS_FILE                                                                                \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |                              \
	 LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_TRUNCATE)
/* Everything of this ABI: what no rule grants is denied. */
#define ACCESS_ALL ((LANDLOCK_ACCESS_FS_TRUNCATE << 1) - 1)

/* Fills the ruleset; the first failure stays. */
struct ruleset {
	int fd, result;
	struct err *e;
};

static void add_rule(struct ruleset *rules, int fd, const char *what, uint64_t access)
{
	struct landlock_path_beneath_attr attr = { .parent_fd = fd, .allowed_access = access };

	if (syscall(SYS_landlock_add_rule, rules->fd, LANDLOCK_RULE_PATH_BENEATH, &attr, 0) < 0)
		rules->result = err_errno(rules->e, -errno, "landlock: rule for '%s'", what);
}

static void allow(struct ruleset *rules, const char *path, uint64_t access)
{
	_close_ int fd = -1;
	struct stat st;

	if (rules->result < 0 || !path)
		return;
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		rules->result = err_errno(rules->e, -errno, "landlock: '%s'", path);
	else
		add_rule(rules, fd, path, S_ISDIR(st.st_mode) ? access : access & ACCESS_FILE);
}

/* A terminal is opened once more, not to wait where the caller's own description would. */
static void allow_terminal(struct ruleset *rules, int fd)
{
	struct stat st;

	if (rules->result == 0 && fstat(fd, &st) == 0 && S_ISCHR(st.st_mode))
		add_rule(rules, fd, "terminal", (ACCESS_READ | ACCESS_WRITE) & ACCESS_FILE);
}

/* What may be missing on this host is not needed then. */
static void allow_if_there(struct ruleset *rules, const char *path, uint64_t access)
{
	if (access && faccessat(AT_FDCWD, path, F_OK, 0) == 0)
		allow(rules, path, access);
}

/* The folder of a file that the VMM makes or removes. */
static void allow_folder_of(struct ruleset *rules, const char *path, uint64_t access)
{
	const char *slash = path ? strrchr(path, '/') : NULL;
	_free_ char *folder = NULL;

	if (!path)
		return;
	if (!slash)
		folder = strdup(".");
	else
		folder = strndup(path, slash == path ? 1 : (size_t)(slash - path));
	if (!folder)
		rules->result = err_nomem(rules->e);
	allow(rules, folder, access);
}

/* The file alone, which is made here: to make it later, all of its folder had to be open. */
static void allow_output(struct ruleset *rules, const char *path)
{
	_close_ int fd = -1;

	if (rules->result < 0)
		return;
	fd = file_open_output(path, O_WRONLY | O_NONBLOCK, 0600, rules->e);
	if (fd < 0)
		rules->result = fd;
	else
		allow(rules, path, ACCESS_WRITE);
}

static void allow_console(struct ruleset *rules, const struct console_config *console)
{
	switch (console->mode) {
	case CONSOLE_FILE:
		allow_output(rules, console->path);
		break;
	case CONSOLE_SOCKET:
		allow_folder_of(rules, console->path,
				LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_REMOVE_FILE);
		break;
	case CONSOLE_PTY:
		allow_if_there(rules, "/dev/ptmx", ACCESS_READ | ACCESS_WRITE);
		allow_if_there(rules, "/dev/pts", ACCESS_READ | ACCESS_WRITE);
		break;
	case CONSOLE_TTY:
		allow_terminal(rules, STDIN_FILENO);
		allow_terminal(rules, STDOUT_FILENO);
		break;
	case CONSOLE_OFF:
	case CONSOLE_NULL:
		break;
	}
}

/* The node that the name stands for now: all of /dev would be every disk of the host. */
static void allow_named(struct ruleset *rules, const char *device)
{
	char node[VDPA_NODE_MAX];

	if (rules->result < 0)
		return;
	rules->result = vdpa_sysfs_node(NULL, device, node, rules->e);
	if (rules->result < 0) {
		err_prefix(rules->e, "vdpa %s", device);
		return;
	}
	allow(rules, node, ACCESS_READ | ACCESS_WRITE);
	/* It is looked up again when it is opened. */
	allow_if_there(rules, "/sys", ACCESS_READ);
}

static void allow_devices(struct ruleset *rules, const struct vm_config *config)
{
	for (size_t i = 0; i < config->n_disks; i++)
		allow(rules, config->disks[i].path,
		      config->disks[i].readonly ? ACCESS_READ : ACCESS_READ | ACCESS_WRITE);
	for (size_t i = 0; i < config->n_vdpas; i++) {
		const struct vdpa_config *vdpa = &config->vdpas[i];

		allow(rules, vdpa->path, ACCESS_READ | ACCESS_WRITE);
		if (vdpa->device)
			allow_named(rules, vdpa->device);
	}
	allow(rules, config->rng.src, ACCESS_READ);
	allow_console(rules, &config->console);
	allow_console(rules, &config->serial);
}

static uint64_t letters(const char *access)
{
	uint64_t mask = 0;

	if (strchr(access, 'r'))
		mask |= ACCESS_READ;
	if (strchr(access, 'w'))
		mask |= ACCESS_WRITE | ACCESS_MAKE;
	return mask;
}

static int open_ruleset(struct err *e)
{
	struct landlock_ruleset_attr attr = { .handled_access_fs = ACCESS_ALL };
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	long fd;

	if (abi < LANDLOCK_ABI) {
		err_set(e, -EOPNOTSUPP, "landlock: this kernel offers ABI %ld, ABI %d is needed",
			abi < 0 ? 0 : abi, LANDLOCK_ABI);
		return err_hint(e, "Linux 6.2 or newer with 'landlock' in the lsm= list, or leave "
				   "--landlock away");
	}
	fd = syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	return fd < 0 ? err_errno(e, -errno, "landlock: no ruleset") : (int)fd;
}

int landlock_restrict(const struct vm_config *config, const char *api_socket, struct err *e)
{
	struct ruleset rules = { .e = e };
	_close_ int fd = open_ruleset(e);

	if (fd < 0)
		return fd;
	rules.fd = fd;
	allow_if_there(&rules, "/dev/kvm", ACCESS_READ | ACCESS_WRITE);
	allow_if_there(&rules, "/sys/kernel/mm", ACCESS_READ);
	allow_if_there(&rules, "/proc", ACCESS_READ);
	allow_folder_of(&rules, api_socket, LANDLOCK_ACCESS_FS_REMOVE_FILE);
	allow(&rules, config->payload.kernel, ACCESS_READ);
	allow(&rules, config->payload.initramfs, ACCESS_READ);
	allow_devices(&rules, config);
	for (size_t i = 0; i < config->n_landlock_rules; i++)
		allow(&rules, config->landlock_rules[i].path,
		      letters(config->landlock_rules[i].access));
	if (rules.result < 0)
		return rules.result;
	if (syscall(SYS_landlock_restrict_self, fd, 0) < 0)
		return err_errno(e, -errno, "landlock: could not restrict the process");
	return 0;
}
