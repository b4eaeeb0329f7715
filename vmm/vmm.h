/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The VMM process: holds the configuration and the machine made from it, and moves between states.
 */
#pragma once

#include "base/err.h"
#include "config/vm_config.h"
#include "event_loop.h"
#include "machine_ops.h"

#include <stdbool.h>

struct event_monitor;
struct snapshot;
struct syscall_filters;
struct vmm_restore;

enum vmm_state {
	VMM_EMPTY,   /* no configuration */
	VMM_CREATED, /* a configuration, no machine */
	VMM_RUNNING,
	VMM_PAUSED,
};

/* Why a request was refused; the API maps these to HTTP. */
enum vmm_refusal {
	VMM_FAILED, /* also: not in this state */
	VMM_INVALID,
	VMM_NOT_FOUND,
	VMM_CONFLICT,
	VMM_UNSUPPORTED,
};

/* What stands before a broken rule of a configuration. */
#define VMM_BAD_CONFIG "error validating the configuration"

/* Starts as all zero. */
struct vmm_fault {
	enum vmm_refusal kind;
	const char *what; /* "could not boot the VM"; a literal */
	struct err err;   /* why */
};

/* How the process is run; all borrowed. */
struct vmm_setup {
	struct event_loop *loop;
	const struct machine_ops *ops;
	struct event_monitor *events;          /* or NULL */
	const struct syscall_filters *filters; /* for the threads of a machine, or NULL */
	const char *api_socket; /* path that stays removable under Landlock, or NULL */
	bool has_api;           /* so that devices may be added to a running machine */
	bool no_shutdown;       /* the process outlives its guest's power-off */
};

struct vmm {
	struct vmm_setup setup;
	enum vmm_state state;
	struct vm_config config;          /* checked; meaningful unless VMM_EMPTY */
	struct machine *machine;          /* owned; only in VMM_RUNNING and VMM_PAUSED */
	struct machine_consoles consoles; /* open while there is a machine, and over its resets */
	bool restricted;                  /* by Landlock, which is for good */
	bool guest_ended; /* this machine asked for power-off or reset; not done yet */
	bool stopping;    /* the loop was told to end */
	int exit_code;
};

/* What is built in, as vmm.ping and --version name it; NULL ends it. */
extern const char *const vmm_features[];

/* All functions are for the main thread. Each returns 0, or a negative errno with *fault filled. */

void vmm_init(struct vmm *vmm, const struct vmm_setup *setup);

/* Stops and forgets everything, with the events that belong to it. */
void vmm_fini(struct vmm *vmm);

/* Checks `config` and takes it over (it is left cleared); on failure it stays the caller's. */
int vmm_create_vm(struct vmm *vmm, struct vm_config *config, struct vmm_fault *fault);

/* Forgets the VM, after stopping it; without one there is nothing to do. */
int vmm_delete_vm(struct vmm *vmm, struct vmm_fault *fault);

int vmm_boot(struct vmm *vmm, struct vmm_fault *fault);

/* Stops the machine and keeps the configuration. */
int vmm_shutdown_vm(struct vmm *vmm, struct vmm_fault *fault);
int vmm_reboot(struct vmm *vmm, struct vmm_fault *fault);
int vmm_pause(struct vmm *vmm, struct vmm_fault *fault);
int vmm_resume(struct vmm *vmm, struct vmm_fault *fault);
int vmm_power_button(struct vmm *vmm, struct vmm_fault *fault);
int vmm_nmi(struct vmm *vmm, struct vmm_fault *fault);

/* Writes a paused VM into the folder of a URL (see snapshot/snapshot.h). */
int vmm_snapshot(struct vmm *vmm, const char *url, struct vmm_fault *fault);

/* Makes a VM out of such a folder; paused, unless it is to be resumed. On failure there is none.
 * `host` has the consoles that are to be in place of the snapshot's. */
int vmm_restore_vm(struct vmm *vmm, const struct vmm_restore *restore, const struct vm_config *host,
		   struct vmm_fault *fault);

/* Ends the process: the loop stops, and main() finds the exit status in `exit_code`. */
void vmm_stop(struct vmm *vmm, int exit_code);

/*
 * Takes `next`, the present configuration with one more record at the end of the list of `section`
 * (vm_section_disk or vm_section_vdpa), adds that device to the machine where one runs (then
 * *placed is true and *place is set) and makes `next` the configuration. Its id is that of the last
 * record of vmm->config. On failure `next` stays the caller's and nothing has changed.
 */
int vmm_add_device(struct vmm *vmm, const struct option_section *section, struct vm_config *next,
		   bool *placed, struct machine_place *place, struct vmm_fault *fault);

/* Drops a device from the configuration and asks the guest to give it back. */
int vmm_remove_device(struct vmm *vmm, const char *id, struct vmm_fault *fault);

/* What a machine tells of a device (see machine_left_fn); `vmm` is the struct vmm. */
void vmm_device_left(const char *id, void *vmm);

/* For the verbs' own files: fills the fault from the code in its err; returns that code. */
int vmm_refuse(struct vmm_fault *fault, enum vmm_refusal kind, const char *what);

/* VMM_NOT_FOUND unless there is a configuration. */
int vmm_need_vm(const struct vmm *vmm, struct vmm_fault *fault);

/* For the verbs' own files: tells who listens what became of the VM. */
void vmm_emit(struct vmm *vmm, const char *event);

/* VMM_FAILED for a request that does not go with the present state. */
int vmm_wrong_state(const struct vmm *vmm, struct vmm_fault *fault, const char *what);

/* Builds and starts the machine of vmm->config, or goes on with one of a snapshot; with all memory
 * touched, where `prefault`. On failure nothing is left of it. */
int vmm_bring_up(struct vmm *vmm, const struct snapshot *from, bool prefault, struct err *e);

/* Says so where Landlock, and not a file's mode, is what denied something. */
void vmm_explain_denial(const struct vmm *vmm, struct err *e);

/* A number in a request, or in a file, would name whatever descriptor of ours has it. */
int vmm_refuse_fds(const struct vm_config *config, struct err *e);

/* As vmm_need_vm, and VMM_FAILED unless there is a machine. */
int vmm_need_machine(const struct vmm *vmm, struct vmm_fault *fault);
