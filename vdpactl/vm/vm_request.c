/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests to the VMM of a running VM. */
#include "vm/vm_request.h"

#include "vm/proc_stat.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

enum {
	END_STEP_MS = 50
};

static bool is_stopped(pid_t pid)
{
	char stat[1024];

	return !proc_stat_read(pid, stat, sizeof(stat)) && proc_stat_stopped(stat);
}

const char *vm_silence(pid_t pid)
{
	return is_stopped(pid) ? "stopped" : "no-answer";
}

/* One that was stopped would keep its client waiting for nothing. */
static int check_goes_on(const char *name, pid_t pid, struct err *e)
{
	if (!is_stopped(pid))
		return 0;
	err_set(e, -EBUSY, "%s: the VMM, PID %d, is stopped and answers nobody", name, pid);
	return err_hint(e, "'kill -CONT %d' lets it go on, 'vdpactl vm kill %s' ends it", pid,
			name);
}

int vm_request(const char *name, enum vmm_request request, const char *body, unsigned timeout_ms,
	       struct vmm_reply *reply, struct err *e)
{
	char path[VM_PATH_MAX + 32];
	struct vmm_peer peer = { .socket = name, .timeout_ms = timeout_ms };
	struct vm_folder f;
	int r;

	if (strchr(name, '/'))
		return vmm_client_request(&peer, request, body, reply, e);
	r = vm_folder_alive(name, &f, &peer.pid, e);
	if (!r)
		r = check_goes_on(name, peer.pid, e);
	if (r)
		return r;
	vm_folder_file(&f, "api.sock", path);
	peer.socket = path;
	r = vmm_client_request(&peer, request, body, reply, e);
	return r ? err_prefix(e, "%s", name) : 0;
}

int vm_wait_end(const struct vm_folder *f, pid_t vmm, unsigned seconds, struct err *e)
{
	static const struct timespec step = { .tv_nsec = END_STEP_MS * 1000000L };
	uint64_t waited = 0;

	for (;;) {
		pid_t now = 0;
		enum vm_life life = vm_folder_life(f, &now);

		if (life == VM_ALIVE && vmm && now != vmm)
			return 0;
		if (life != VM_ALIVE && life != VM_UNKNOWN && !vm_folder_kept(f))
			return 0;
		if (seconds && waited >= (uint64_t)seconds * 1000)
			return err_set(e, -ETIMEDOUT, "%s: still running after %u s", f->name,
				       seconds);
		nanosleep(&step, NULL);
		waited += END_STEP_MS;
	}
}
