/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Can this host and this user run such a VM: every check there is, and the fixes for what fails. */
#pragma once

#include "base/roots.h"
#include "base/strbuf.h"
#include "config/vm_config.h"
#include "host/report.h"

struct check_options {
	const struct host_roots *roots; /* NULL: this host */
	const struct vm_config *config; /* NULL: the host in general */
	const char *user; /* for whom node permissions and limits are judged; NULL: who calls */
	bool own_limits; /* limits are those of who calls: a VMM that changes its user keeps them */
	unsigned int vms;  /* how many such VMs at once; 0 means 1 */
	const char *unit;  /* systemd service that starts the VM: its limit counts; may be NULL */
	const char *only;  /* id of the one check to run; NULL: all */
	bool skip_kvm_run; /* do not start the trial VM (a few ms) */
};

/* One check: probes, reports one line for each object it looked at, and may know how to mend. */
struct host_check {
	const char *id;
	const char *summary; /* for lists and help */
	/* Negative errno only when probing itself was impossible (no memory). */
	int (*probe)(const struct check_options *o, struct report *r, struct err *e);
	/*
	 * Mends one finding of this check; NULL where nothing can be done by program. With
	 * `dry_run` it changes nothing. Appends to `log` lines of what is changed and how to undo
	 * it.
	 */
	int (*fix)(const struct check_options *o, const struct finding *f, bool dry_run,
		   struct strbuf *log, struct err *e);
};

/* One a file; `id` in the comment. */
extern const struct host_check check_modules;   /* modules: loaded, built in, available */
extern const struct host_check check_netlink;   /* netlink: the family "vdpa" answers */
extern const struct host_check check_devices;   /* devices: there, and bound to vhost_vdpa */
extern const struct host_check check_access;    /* access: nodes and /dev/kvm can be opened */
extern const struct host_check check_memlock;   /* memlock: limit against what devices pin */
extern const struct host_check check_hugepages; /* hugepages: enough of them free */
extern const struct host_check check_iotlb;     /* iotlb: entries suffice for the memory */
extern const struct host_check check_kvm;       /* kvm: runs a guest */
extern const struct host_check check_images;    /* images: kernel, initramfs, disks usable */

/* In the order in which they run. */
extern const struct host_check *const host_checks[];
extern const size_t host_checks_n;
extern const char *const host_check_ids[]; /* the same by name; NULL ends it */

/* Runs the checks and appends their findings. -EINVAL: `only` names none. */
int host_check_run(const struct check_options *o, struct report *r, struct err *e);

/* Mends a finding for which `fixable` is set. */
int host_fix_apply(const struct check_options *o, const struct finding *f, bool dry_run,
		   struct strbuf *log, struct err *e);
