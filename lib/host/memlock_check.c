/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Check: the locked-memory limit covers what the VM's devices pin. */
#include "host/checks.h"
#include "host/memlock.h"
#include "host/persist.h"
#include "host/run.h"
#include "host/try_open.h"
#include "vdpa/sysfs.h"

#include <errno.h>
#include <unistd.h>

enum {
	RELOAD_TIMEOUT_MS = 30000
};

/* Whose limit counts. */
struct subject {
	struct try_user user;
	const char *name; /* of the service, else of the user; borrowed */
};

/* Are they the limits of this process, which 'vm start' can raise? */
static bool limits_are_ours(const struct check_options *o, const struct try_user *u)
{
	return !o->unit && (o->own_limits || u->uid == geteuid());
}

/* The limit that counts: of a service, of the login of another user, else of who calls. */
static int limit_for(const struct check_options *o, const struct try_user *u,
		     struct memlock_limit *limit, struct err *e)
{
	bool found;

	if (o->unit)
		return memlock_limit_of_unit(o->roots, o->unit, limit, e);
	if (limits_are_ours(o, u))
		return memlock_limit_get(limit, e);
	return memlock_limit_of_user(o->roots, u->name, limit, &found, e);
}

static void report_short(const struct check_options *o, const struct subject *u,
			 const struct memlock_need *need, const struct memlock_limit *limit,
			 struct report *r)
{
	char want[32], soft[32], hard[32];
	bool raised = limits_are_ours(o, &u->user) ? memlock_can_raise(need->bytes)
						   : !o->unit && limit->hard >= need->bytes;
	unsigned long long kib = (need->bytes + 1023) >> 10;
	struct finding *f;

	memlock_format(need->bytes, want, sizeof(want));
	memlock_format(limit->soft, soft, sizeof(soft));
	memlock_format(limit->hard, hard, sizeof(hard));
	f = report_add(r, check_memlock.id, raised ? FINDING_WARN : FINDING_FAIL, u->name,
		       "%u pinning %s %s of locked memory, the limit is %s (hard %s)%s",
		       need->pinned, need->pinned == 1 ? "device needs" : "devices need", want,
		       soft, hard, u->user.uid == 0 && !o->unit ? "; it binds root too" : "");
	if (raised) {
		finding_remedy(f, "'vdpactl vm start' raises the limit by itself; for vdpa-vmm "
				  "started by hand raise it in the shell");
		finding_command(f, "ulimit -l %llu", kib);
		return;
	}
	if (o->unit) {
		finding_remedy(f, "raise the limit of the service by a drop-in, then restart it");
		finding_command(f, "systemctl edit %s    # [Service] LimitMEMLOCK=%llu", u->name,
				(unsigned long long)need->bytes);
	} else {
		finding_remedy(f, "raise the limit of the user, then log in anew");
		finding_command(f,
				"echo '%s - memlock %llu' | sudo tee -a "
				"/etc/security/limits.d/90-vdpactl.conf",
				u->name, kib);
	}
	finding_fix(f, u->name, need->bytes, -1);
}

static void report_config(const struct check_options *o, const struct subject *u,
			  const struct memlock_limit *limit, struct report *r)
{
	struct memlock_need need;
	char want[32], have[32];

	memlock_need_get(o->roots, o->config, &need);
	if (!need.pinned) {
		if (need.va)
			report_add(r, check_memlock.id, FINDING_OK, u->name,
				   "the devices pin nothing, the limit does not matter");
		return;
	}
	memlock_format(limit->soft, have, sizeof(have));
	if (limit->soft < need.bytes) {
		report_short(o, u, &need, limit, r);
		return;
	}
	memlock_format(need.bytes, want, sizeof(want));
	report_add(r, check_memlock.id, FINDING_OK, u->name, "limit %s, %u pinning %s %s", have,
		   need.pinned, need.pinned == 1 ? "device needs" : "devices need", want);
}

/* Without a VM in mind: is there any device for which the limit matters? */
static int report_host(const struct check_options *o, const struct subject *u,
		       const struct memlock_limit *limit, struct report *r, struct err *e)
{
	_vdpa_sysfs_list_ struct vdpa_sysfs_list list = { 0 };
	unsigned int pinned = 0;
	struct finding *f;
	char have[32];
	int code = vdpa_sysfs_list(o->roots, &list, e);

	if (code)
		return code;
	for (size_t i = 0; i < list.n; i++)
		pinned += vdpa_sysfs_memory_kind(o->roots, &list.items[i]) == VDPA_MEMORY_PINNED;
	memlock_format(limit->hard, have, sizeof(have));
	if (!pinned || limit->hard == UINT64_MAX) {
		report_add(r, check_memlock.id, FINDING_OK, u->name, "hard limit %s, %u pinning %s",
			   have, pinned, pinned == 1 ? "device" : "devices");
		return 0;
	}
	f = report_add(r, check_memlock.id, FINDING_WARN, u->name,
		       "hard limit %s, and %u of the devices pin guest memory", have, pinned);
	finding_remedy(f, "each pinning device of a VM needs the guest's memory size as locked "
			  "memory; check a profile to see how much");
	finding_command(f, "vdpactl check PROFILE");
	return 0;
}

static int probe(const struct check_options *o, struct report *r, struct err *e)
{
	struct memlock_limit limit;
	struct subject u;
	int code = try_user_find(o->user, &u.user, e);

	if (!code)
		code = limit_for(o, &u.user, &limit, e);
	u.name = o->unit ? o->unit : u.user.name;
	if (code)
		return code;
	if (!o->config)
		return report_host(o, &u, &limit, r, e);
	report_config(o, &u, &limit, r);
	return 0;
}

/* systemd reads its files only when it is told to. */
static void reload_units(const struct check_options *o, bool dry_run, struct strbuf *log)
{
	const char *const argv[] = { "systemctl", "daemon-reload", NULL };

	if (o->roots || access("/run/systemd/system", F_OK) < 0)
		return;
	strbuf_puts(log, "run systemctl daemon-reload (undo: again, when the file is put back)\n");
	if (!dry_run)
		(void)run_program(argv, RELOAD_TIMEOUT_MS, NULL, NULL);
}

static int fix(const struct check_options *o, const struct finding *f, bool dry_run,
	       struct strbuf *log, struct err *e)
{
	int r;

	if (o->unit) {
		r = persist_unit_memlock(o->roots, o->unit, f->target.amount, dry_run, log, e);
		if (!r)
			reload_units(o, dry_run, log);
		return r;
	}
	return persist_memlock(o->roots, f->target.object, f->target.amount, dry_run, log, e);
}

const struct host_check check_memlock = {
	.id = "memlock",
	.summary = "the locked-memory limit covers what the devices pin",
	.probe = probe,
	.fix = fix,
};
