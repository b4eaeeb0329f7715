/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A VM into a folder, and a VM out of one. */
#include "vmm.h"

#include "config/config_json.h"
#include "config/vm_config_check.h"
#include "config/vmm_options.h"
#include "snapshot/snapshot.h"
#include "snapshot/state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char snapshot_failed[] = "could not snapshot the VM";
static const char restore_failed[] = "could not restore the VM";

int vmm_snapshot(struct vmm *vmm, const char *url, struct vmm_fault *fault)
{
	int r = vmm_need_machine(vmm, fault);

	if (r < 0)
		return r;
	if (vmm->state != VMM_PAUSED) {
		vmm_wrong_state(vmm, fault, snapshot_failed);
		return err_hint(&fault->err, "pause it first");
	}
	vmm_emit(vmm, "snapshotting");
	r = vmm->setup.ops->snapshot(vmm->machine, &vmm->config, url, &fault->err);
	vmm_explain_denial(vmm, &fault->err);
	if (r < 0)
		return vmm_refuse(fault, VMM_FAILED, snapshot_failed);
	vmm_emit(vmm, "snapshotted");
	return 0;
}

int vmm_refuse_fds(const struct vm_config *config, struct err *e)
{
	for (size_t i = 0; i < config->n_vdpas; i++)
		if (config->vdpas[i].fd >= 0)
			return err_set(e, -EINVAL,
				       "vdpa[%zu]: fd is taken on the command line only", i);
	return 0;
}

/* The guest goes on with the device it had; what is behind it may be another. */
static int replace_console(struct console_config *own, const struct console_config *host,
			   const char *name, struct err *e)
{
	char *path = host->path ? strdup(host->path) : NULL;

	if (host->path && !path)
		return err_nomem(e);
	if ((own->mode == CONSOLE_OFF) != (host->mode == CONSOLE_OFF)) {
		free(path);
		return err_set(e, -EINVAL, "--%s: the guest was started %s one", name,
			       own->mode == CONSOLE_OFF ? "without" : "with");
	}
	free(own->path);
	own->path = path;
	own->mode = host->mode;
	return 0;
}

static int replace_consoles(struct vm_config *config, const struct vmm_restore *restore,
			    const struct vm_config *host, struct err *e)
{
	int r = 0;

	if (restore->has_console)
		r = replace_console(&config->console, &host->console, "console", e);
	if (r == 0 && restore->has_serial)
		r = replace_console(&config->serial, &host->serial, "serial", e);
	return r;
}

/*
 * A snapshot is of a VMM that had an API: its segment in reserve is there, whether this one has an
 * API or not, and the configuration does not say whether anybody else wants the IOMMU.
 */
static int keep_reserve(struct vm_config *config, const struct snapshot *from, struct err *e)
{
	struct state s = state_begin(from->state, true, e);
	bool reserve = false;

	STATE_NUMBER(&s, "iommu_in_reserve", reserve);
	if (state_failed(&s))
		return err_prefix(e, "snapshot '%s': state.json", from->folder);
	if (vm_config_spare_iommu_segment(config) < 0)
		return err_nomem(e);
	if (reserve && config->platform.n_iommu_segments == 0)
		return err_set(e, -EINVAL,
			       "snapshot '%s': it has an IOMMU segment in reserve, and "
			       "its configuration none",
			       from->folder);
	config->platform.iommu_in_reserve = reserve;
	return 0;
}

static int take_config(struct vmm *vmm, const struct snapshot *from,
		       const struct vmm_restore *restore, const struct vm_config *host,
		       struct vmm_fault *fault)
{
	_vm_config_ struct vm_config config = { 0 };
	int r = vm_config_from_json(from->config, &config, &fault->err);

	if (r < 0)
		config = (struct vm_config){ 0 };
	else
		r = vmm_refuse_fds(&config, &fault->err);
	if (r < 0)
		err_prefix(&fault->err, "'%s/config.json'", from->folder);
	else
		r = replace_consoles(&config, restore, host, &fault->err);
	if (r == 0)
		r = keep_reserve(&config, from, &fault->err);
	if (r == 0)
		r = vmm_create_vm(vmm, &config, fault);
	return r;
}

/* As if it had never been. */
static void forget(struct vmm *vmm)
{
	if (vmm->machine) {
		vmm->setup.ops->destroy(vmm->machine);
		vmm->machine = NULL;
		machine_consoles_close(&vmm->consoles);
	}
	vm_config_clear(&vmm->config);
	vmm->state = VMM_EMPTY;
}

int vmm_restore_vm(struct vmm *vmm, const struct vmm_restore *restore, const struct vm_config *host,
		   struct vmm_fault *fault)
{
	_snapshot_ struct snapshot *from = NULL;
	int r;

	if (vmm->state != VMM_EMPTY)
		return vmm_wrong_state(vmm, fault, restore_failed);
	vmm_emit(vmm, "restoring");
	r = snapshot_open(restore->source_url, &from, &fault->err);
	vmm_explain_denial(vmm, &fault->err);
	if (r < 0)
		return vmm_refuse(fault, VMM_FAILED, restore_failed);
	r = take_config(vmm, from, restore, host, fault);
	if (r < 0)
		return vmm_refuse(fault, VMM_INVALID, restore_failed);
	r = vmm_bring_up(vmm, from, restore->prefault, &fault->err);
	if (r == 0)
		vmm_emit(vmm, "restored");
	if (r == 0 && restore->resume)
		r = vmm_resume(vmm, fault);
	if (r == 0)
		return 0;
	forget(vmm);
	return vmm_refuse(fault, VMM_FAILED, restore_failed);
}
