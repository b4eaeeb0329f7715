/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The VMM process: the states of its VM. */
#include "vmm.h"

#include "api/event_monitor.h"
#include "base/cleanup.h"
#include "config/vm_config_check.h"
#include "log.h"
#include "sandbox/landlock.h"

#include <errno.h>
#include <stdlib.h>

static const char *const state_names[] = {
	[VMM_EMPTY] = "not created",
	[VMM_CREATED] = "not running",
	[VMM_RUNNING] = "running",
	[VMM_PAUSED] = "paused",
};

const char *const vmm_features[] = { "kvm", NULL };

void vmm_emit(struct vmm *vmm, const char *event)
{
	event_monitor_emit(vmm->setup.events, "vm", event, NULL, NULL);
}

void vmm_init(struct vmm *vmm, const struct vmm_setup *setup)
{
	*vmm = (struct vmm){ .setup = *setup };
	event_monitor_emit(setup->events, "vmm", "starting", NULL, NULL);
}

int vmm_refuse(struct vmm_fault *fault, enum vmm_refusal kind, const char *what)
{
	fault->kind = kind;
	fault->what = what;
	return fault->err.code;
}

int vmm_wrong_state(const struct vmm *vmm, struct vmm_fault *fault, const char *what)
{
	err_set(&fault->err, -EPERM, "the VM is %s", state_names[vmm->state]);
	return vmm_refuse(fault, VMM_FAILED, what);
}

int vmm_need_vm(const struct vmm *vmm, struct vmm_fault *fault)
{
	if (vmm->state != VMM_EMPTY)
		return 0;
	err_set(&fault->err, -ENOENT, "there is no VM");
	err_hint(&fault->err, "vm.create makes one");
	return vmm_refuse(fault, VMM_NOT_FOUND, "VM is not created");
}

int vmm_need_machine(const struct vmm *vmm, struct vmm_fault *fault)
{
	int r = vmm_need_vm(vmm, fault);

	if (r == 0 && !vmm->machine)
		r = vmm_wrong_state(vmm, fault, "VM is not running");
	return r;
}

/* A configuration that breaks a rule, as the API has it: 409 for what is there twice, else 400. */
static int check_config(struct vm_config *config, struct vmm_fault *fault)
{
	int r = vm_config_check(config, &fault->err);

	if (r == 0)
		r = vm_config_assign_ids(config, &fault->err);
	if (r == 0)
		return 0;
	return vmm_refuse(fault, r == -EEXIST ? VMM_CONFLICT : VMM_INVALID, VMM_BAD_CONFIG);
}

int vmm_create_vm(struct vmm *vmm, struct vm_config *config, struct vmm_fault *fault)
{
	int r;

	if (vmm->state != VMM_EMPTY) {
		err_set(&fault->err, -EEXIST, "VM is already created");
		return vmm_refuse(fault, VMM_FAILED, "could not create the VM");
	}
	r = check_config(config, fault);
	if (r < 0)
		return r;
	if (vmm->setup.has_api && vm_config_spare_iommu_segment(config) < 0) {
		err_nomem(&fault->err);
		return vmm_refuse(fault, VMM_FAILED, "could not create the VM");
	}
	vmm->config = *config;
	*config = (struct vm_config){ 0 };
	vmm->state = VMM_CREATED;
	return 0;
}

/* Puts our process in order before it opens anything for this VM. */
static int restrict_files(struct vmm *vmm, struct err *e)
{
	int r;

	if (!vmm->config.landlock || vmm->restricted)
		return 0;
	r = landlock_restrict(&vmm->config, vmm->setup.api_socket, e);
	vmm->restricted = r == 0;
	return r;
}

/* The descriptors of a configuration are its own: each machine takes copies. */
static void close_fds(struct vm_config *config)
{
	for (size_t i = 0; i < config->n_vdpas; i++)
		cleanup_close(&config->vdpas[i].fd);
}

static void on_machine_event(struct machine *m, enum machine_event event, void *data);

static int machine_up(struct vmm *vmm, const struct snapshot *from, bool prefault, struct err *e)
{
	const struct machine_setup setup = {
		.loop = vmm->setup.loop,
		.on_event = on_machine_event,
		.on_left = vmm_device_left,
		.on_event_data = vmm,
		.consoles = &vmm->consoles,
		.events = vmm->setup.events,
		.filters = vmm->setup.filters,
		.devices_may_come = vmm->setup.has_api,
		.from = from,
	};
	struct vm_config config;
	int r = vm_config_copy(&config, &vmm->config);

	if (r < 0)
		return err_nomem(e);
	config.memory.prefault |= prefault;
	r = vmm->setup.ops->create(&config, &setup, &vmm->machine, e);
	vm_config_clear(&config);
	if (r < 0) {
		vmm->machine = NULL;
		return r;
	}
	r = vmm->setup.ops->start(vmm->machine, e);
	if (r == 0) {
		vmm->state = from ? VMM_PAUSED : VMM_RUNNING;
		return 0;
	}
	vmm->setup.ops->destroy(vmm->machine);
	vmm->machine = NULL;
	return r;
}

static void machine_down(struct vmm *vmm)
{
	vmm->setup.ops->destroy(vmm->machine);
	vmm->machine = NULL;
	vmm->guest_ended = false;
	vmm->state = VMM_CREATED;
}

int vmm_bring_up(struct vmm *vmm, const struct snapshot *from, bool prefault, struct err *e)
{
	int r = restrict_files(vmm, e);

	if (r == 0)
		r = machine_up(vmm, from, prefault, e);
	if (r < 0)
		machine_consoles_close(&vmm->consoles);
	return r;
}

int vmm_boot(struct vmm *vmm, struct vmm_fault *fault)
{
	int r = vmm_need_vm(vmm, fault);

	if (r < 0)
		return r;
	if (vmm->machine)
		return vmm_wrong_state(vmm, fault, "could not boot the VM");
	vmm_emit(vmm, "booting");
	r = vmm_bring_up(vmm, NULL, false, &fault->err);
	if (r < 0)
		return vmm_refuse(fault, VMM_FAILED, "could not boot the VM");
	vmm_emit(vmm, "booted");
	return 0;
}

int vmm_shutdown_vm(struct vmm *vmm, struct vmm_fault *fault)
{
	if (!vmm->machine)
		return vmm_wrong_state(vmm, fault, "could not shut down the VM");
	machine_down(vmm);
	machine_consoles_close(&vmm->consoles);
	vmm_emit(vmm, "shutdown");
	return 0;
}

int vmm_delete_vm(struct vmm *vmm, struct vmm_fault *fault)
{
	if (vmm->state == VMM_EMPTY)
		return 0;
	if (vmm->machine && vmm_shutdown_vm(vmm, fault) < 0)
		return fault->err.code;
	close_fds(&vmm->config);
	vm_config_clear(&vmm->config);
	vmm->state = VMM_EMPTY;
	vmm_emit(vmm, "deleted");
	return 0;
}

int vmm_reboot(struct vmm *vmm, struct vmm_fault *fault)
{
	int r = vmm_need_machine(vmm, fault);

	if (r < 0)
		return r;
	vmm_emit(vmm, "rebooting");
	machine_down(vmm);
	r = machine_up(vmm, NULL, false, &fault->err);
	if (r < 0) {
		machine_consoles_close(&vmm->consoles);
		return vmm_refuse(fault, VMM_FAILED, "could not reboot the VM");
	}
	vmm_emit(vmm, "rebooted");
	return 0;
}

int vmm_pause(struct vmm *vmm, struct vmm_fault *fault)
{
	int r = vmm_need_machine(vmm, fault);

	if (r < 0)
		return r;
	if (vmm->state != VMM_RUNNING)
		return vmm_wrong_state(vmm, fault, "could not pause the VM");
	vmm_emit(vmm, "pausing");
	if (vmm->setup.ops->pause(vmm->machine, &fault->err) < 0)
		return vmm_refuse(fault, VMM_FAILED, "could not pause the VM");
	vmm->state = VMM_PAUSED;
	vmm_emit(vmm, "paused");
	return 0;
}

int vmm_resume(struct vmm *vmm, struct vmm_fault *fault)
{
	int r = vmm_need_machine(vmm, fault);

	if (r < 0)
		return r;
	if (vmm->state != VMM_PAUSED)
		return vmm_wrong_state(vmm, fault, "could not resume the VM");
	vmm_emit(vmm, "resuming");
	if (vmm->setup.ops->resume(vmm->machine, &fault->err) < 0)
		return vmm_refuse(fault, VMM_FAILED, "could not resume the VM");
	vmm->state = VMM_RUNNING;
	vmm_emit(vmm, "resumed");
	return 0;
}

int vmm_power_button(struct vmm *vmm, struct vmm_fault *fault)
{
	int r = vmm_need_machine(vmm, fault);

	if (r < 0)
		return r;
	if (vmm->setup.ops->power_button(vmm->machine, &fault->err) < 0)
		return vmm_refuse(fault, VMM_FAILED, "could not press the power button");
	return 0;
}

int vmm_nmi(struct vmm *vmm, struct vmm_fault *fault)
{
	int r = vmm_need_machine(vmm, fault);

	if (r < 0)
		return r;
	if (vmm->setup.ops->nmi(vmm->machine, &fault->err) < 0)
		return vmm_refuse(fault, VMM_FAILED, "could not inject an NMI");
	return 0;
}

void vmm_stop(struct vmm *vmm, int exit_code)
{
	if (!vmm->stopping)
		vmm->exit_code = exit_code;
	vmm->stopping = true;
	event_loop_stop(vmm->setup.loop);
}

void vmm_fini(struct vmm *vmm)
{
	struct vmm_fault fault = { 0 };

	vmm_delete_vm(vmm, &fault);
	event_monitor_emit(vmm->setup.events, "vmm", "shutdown", NULL, NULL);
}

/* The guest ended by itself: what it asked for is done where no frame of the machine is left. */
static void guest_left(void *data)
{
	struct vmm *vmm = data;
	struct vmm_fault fault = { 0 };

	if (!vmm->guest_ended) /* a request of the API came first */
		return;
	vmm_shutdown_vm(vmm, &fault);
	if (!vmm->setup.no_shutdown)
		vmm_stop(vmm, EXIT_SUCCESS);
}

static void guest_failed(void *data)
{
	struct vmm *vmm = data;
	struct vmm_fault fault = { 0 };

	if (!vmm->guest_ended) /* a request of the API came first */
		return;
	vmm_shutdown_vm(vmm, &fault);
	if (!vmm->setup.no_shutdown)
		vmm_stop(vmm, EXIT_FAILURE);
}

static void guest_reset(void *data)
{
	struct vmm *vmm = data;
	struct vmm_fault fault = { 0 };

	if (!vmm->guest_ended || vmm_reboot(vmm, &fault) == 0)
		return;
	log_error("%s: %s", fault.what, fault.err.text);
	if (!vmm->setup.no_shutdown)
		vmm_stop(vmm, EXIT_FAILURE);
}

static void on_machine_event(struct machine *m, enum machine_event event, void *data)
{
	static const loop_fn work[] = {
		[MACHINE_EVENT_POWER_OFF] = guest_left,
		[MACHINE_EVENT_RESET] = guest_reset,
		[MACHINE_EVENT_FAILED] = guest_failed,
	};
	struct vmm *vmm = data;

	if (m != vmm->machine || vmm->guest_ended)
		return;
	vmm->guest_ended = true;
	if (loop_defer(vmm->setup.loop, work[event], vmm) < 0) {
		log_error("out of memory while the guest stops");
		vmm_stop(vmm, EXIT_FAILURE);
	}
}
