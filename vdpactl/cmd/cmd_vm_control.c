/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is done to VMs as a whole: vm stop, kill, wait, and requests of the API that take nothing.
 */
#include "cmd/cmds.h"

#include "shell/complete.h"
#include "vm/vm_launch.h"
#include "vm/vm_reply.h"
#include "vm/vm_request.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

struct vm_args {
	struct arg_words names;
	struct arg_number timeout;
	bool force;
};

enum {
	STOP_SECONDS = 60,
	KILL_SECONDS = 10,
	MAX_SECONDS = 1000000
};

#define VM_ROW                                                                                     \
	ARG_WORDS_ROW(vm_args, names, "VM", "running VM", .required = true,                        \
		      .complete = complete_vms)

#define TIMEOUT_ROW(help_)                                                                         \
	{                                                                                          \
		.name = "timeout", .style = ARG_OPTION, .type = ARG_NUMBER, .value = "SECONDS",    \
		.help = help_, .min = 1, .max = MAX_SECONDS,                                       \
		ARG_FIELD(vm_args, timeout, struct arg_number),                                    \
	}

static const struct arg name_rows[] = {
	VM_ROW,
};

static const struct arg stop_rows[] = {
	VM_ROW,
	TIMEOUT_ROW("how long the guest may take to power off (60)"),
	ARG_FLAG_ROW(vm_args, force, "force",
		     "end the VMM if the guest does not power off in time"),
};

static const struct arg wait_rows[] = {
	VM_ROW,
	TIMEOUT_ROW("give up after so long; without end where it is not given"),
};

static void put_state(struct session *s, const char *name, const char *state, bool changed)
{
	out_item(&s->out, name);
	out_bool(&s->out, "changed", NULL, changed);
	out_str(&s->out, NULL, "STATE", state);
}

static void put_done(struct session *s, const char *name, const char *state)
{
	put_state(s, name, state, true);
}

/* Of a VM that was started here: the socket of another VMM has no folder. */
static int folder_of(const char *name, struct vm_folder *f, struct err *e)
{
	int r = vm_folder_of(name, f, e);

	if (r && strchr(name, '/'))
		err_hint(e, "'vdpactl vm shutdown-vmm' takes the path of a socket");
	return r;
}

/* Which process the VMM is now; 0: none, or it cannot be told. */
static pid_t vmm_of(const struct vm_folder *f)
{
	pid_t pid;

	return vm_folder_life(f, &pid) == VM_ALIVE ? pid : 0;
}

/* Ends this VMM, not one that was started in its place: by its API, else by SIGKILL; nothing in the
 * guest is saved. */
static int end_vmm(const struct vm_folder *f, pid_t vmm, struct err *e)
{
	_vmm_reply_ struct vmm_reply reply = { 0 };

	if (vmm_of(f) == vmm &&
	    !vm_request(f->name, VMM_SHUTDOWN, NULL, VM_LOOK_MS, &reply, NULL) &&
	    !vm_wait_end(f, vmm, KILL_SECONDS, NULL))
		return 0;
	if (vmm_of(f) == vmm && kill(vmm, SIGKILL) < 0 && errno != ESRCH)
		return err_errno(e, -errno, "%s: cannot end PID %d", f->name, vmm);
	return vm_wait_end(f, vmm, KILL_SECONDS, e);
}

/* A VMM that died leaves its folder; so may a keeper that was killed with it. */
static int clean_up(struct session *s, const struct vm_folder *f, struct err *e)
{
	return vm_folder_life(f, NULL) == VM_DEAD ? vm_launch_clean_dead(s, f, e) : 0;
}

/* A guest that does not run hears no button. */
static int check_runs(const char *name, struct err *e)
{
	struct json_object *info;
	const char *state;
	bool paused;
	int r = vm_ask(name, VM_INFO, VM_WORK_MS, &info, e);

	if (r)
		return r;
	state = vm_text_of(info, "state");
	paused = state && !strcmp(state, "Paused");
	json_object_put(info);
	if (!paused)
		return 0;
	err_set(e, -EBUSY, "%s: the guest is paused and cannot power off", name);
	err_hint(e, "'vdpactl vm resume %s' first, or 'vdpactl vm kill %s'", name, name);
	return -EBUSY;
}

static int stop_one(struct session *s, const struct vm_args *a, const char *name, struct err *e)
{
	_vmm_reply_ struct vmm_reply reply = { 0 };
	unsigned seconds = a->timeout.given ? (unsigned)a->timeout.value : STOP_SECONDS;
	struct vm_folder f;
	pid_t vmm;
	int r = folder_of(name, &f, e);

	if (r)
		return r;
	vmm = vmm_of(&f);
	if (vm_folder_life(&f, NULL) == VM_DEAD) {
		r = vm_wait_end(&f, 0, KILL_SECONDS, e);
		if (r)
			return r;
		put_done(s, name,
			 vm_folder_life(&f, NULL) == VM_DEAD ? "had died, cleaned up" : "stopped");
		return clean_up(s, &f, e);
	}
	if (!a->force)
		r = check_runs(name, e);
	if (!r)
		r = vm_request(name, VM_POWER_BUTTON, NULL, VM_WORK_MS, &reply, e);
	if (!r)
		r = vm_wait_end(&f, vmm, seconds, e);
	if (r == -ETIMEDOUT && a->force)
		r = end_vmm(&f, vmm, e);
	else if (r == -ETIMEDOUT)
		err_hint(e,
			 "the guest does not answer the power button; 'vdpactl vm kill %s' ends "
			 "it at once",
			 name);
	if (!r)
		r = clean_up(s, &f, e);
	if (!r)
		put_done(s, name, "stopped");
	return r;
}

static int kill_one(struct session *s, const struct vm_args *a, const char *name, struct err *e)
{
	struct vm_folder f;
	pid_t vmm = 0;
	int r = folder_of(name, &f, e);

	(void)a;
	if (!r && vm_folder_life(&f, NULL) != VM_DEAD)
		r = vm_folder_alive(name, &f, &vmm, e);
	if (!r && vmm)
		r = end_vmm(&f, vmm, e);
	else if (!r)
		r = vm_wait_end(&f, 0, KILL_SECONDS, e);
	if (!r)
		r = clean_up(s, &f, e);
	if (!r)
		put_done(s, name, "ended");
	return r;
}

static int wait_one(struct session *s, const struct vm_args *a, const char *name, struct err *e)
{
	struct vm_folder f;
	int r = folder_of(name, &f, e);
	bool absent = !r && vm_folder_life(&f, NULL) == VM_ABSENT && !vm_folder_kept(&f);

	if (!r)
		r = vm_wait_end(&f, vmm_of(&f), (unsigned)a->timeout.value, e);
	if (r)
		return r;
	if (vm_folder_life(&f, NULL) == VM_DEAD) {
		err_set(e, -EIO, "%s: its VMM has died", name);
		return err_hint(e, "'vdpactl vm log %s' says why", name);
	}
	put_state(s, name, absent ? "was not running" : "ended", !absent);
	return 0;
}

typedef int one_vm(struct session *s, const struct vm_args *a, const char *name, struct err *e);

static int each_vm(struct session *s, const struct vm_args *a, one_vm *one, struct err *e)
{
	int r = 0;

	out_begin(&s->out, "vm", OUT_TABLE, OUT_MAP, "VM");
	for (size_t i = 0; !r && i < a->names.n; i++)
		r = one(s, a, a->names.list[i], e);
	out_end(&s->out);
	return r;
}

static int run_stop(struct session *s, const void *args, size_t n, struct err *e)
{
	(void)n;
	return each_vm(s, args, stop_one, e);
}

static int run_kill(struct session *s, const void *args, size_t n, struct err *e)
{
	(void)n;
	return each_vm(s, args, kill_one, e);
}

static int run_wait(struct session *s, const void *args, size_t n, struct err *e)
{
	(void)n;
	return each_vm(s, args, wait_one, e);
}

static int request_each(struct session *s, const struct vm_args *a, enum vmm_request request,
			const char *state, struct err *e)
{
	int r = 0;

	out_begin(&s->out, "vm", OUT_TABLE, OUT_MAP, "VM");
	for (size_t i = 0; !r && i < a->names.n; i++) {
		_vmm_reply_ struct vmm_reply reply = { 0 };

		r = vm_request(a->names.list[i], request, NULL, VM_WORK_MS, &reply, e);
		if (!r)
			put_done(s, a->names.list[i], state);
	}
	out_end(&s->out);
	return r;
}

#define VM_COMMAND(symbol, path_, summary_, rows_, run_)                                           \
	const struct command symbol = {                                                            \
		.path = path_,                                                                     \
		.summary = summary_,                                                               \
		.example = "vdpactl " path_ " blk-demo",                                           \
		COMMAND_ARGS(rows_, vm_args),                                                      \
		.run = run_,                                                                       \
	}

/* One that asks each VMM for `request`, after which the VM is `state`. */
#define VM_REQUEST(symbol, path_, summary_, request, state)                                        \
	static int run_##symbol(struct session *s, const void *args, size_t n, struct err *e)      \
	{                                                                                          \
		(void)n;                                                                           \
		return request_each(s, args, request, state, e);                                   \
	}                                                                                          \
	VM_COMMAND(symbol, path_, summary_, name_rows, run_##symbol)

VM_COMMAND(command_vm_stop, "vm stop", "Ask guests to power off, and wait until they have",
	   stop_rows, run_stop);
VM_COMMAND(command_vm_kill, "vm kill", "End VMs at once, as pulling the plug does", name_rows,
	   run_kill);
VM_REQUEST(command_vm_reboot, "vm reboot", "Reset VMs", VM_REBOOT, "rebooted");
VM_REQUEST(command_vm_pause, "vm pause", "Stop the vCPUs and devices of VMs", VM_PAUSE, "paused");
VM_REQUEST(command_vm_resume, "vm resume", "Let paused VMs go on", VM_RESUME, "running");
VM_REQUEST(command_vm_boot, "vm boot", "Start VMs that are created and do not run", VM_BOOT,
	   "running");
VM_REQUEST(command_vm_shutdown, "vm shutdown",
	   "Stop VMs as pulling the plug does; their VMMs keep them for 'vm boot'", VM_SHUTDOWN,
	   "shut down");
VM_REQUEST(command_vm_delete, "vm delete", "Stop VMs and let their VMMs forget them", VM_DELETE,
	   "deleted");
VM_REQUEST(command_vm_shutdown_vmm, "vm shutdown-vmm", "End VMMs at once, whether a VM runs or not",
	   VMM_SHUTDOWN, "ended");
VM_COMMAND(command_vm_wait, "vm wait", "Wait until VMs have ended", wait_rows, run_wait);
VM_REQUEST(command_vm_nmi, "vm nmi", "Send VMs a non-maskable interrupt", VM_NMI, "interrupted");
VM_REQUEST(command_vm_power_button, "vm power-button",
	   "Press the power button of VMs, and do not wait", VM_POWER_BUTTON, "asked to power off");
