/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Devices that come to a VM and leave it, running or not. */
#include "vmm.h"

#include "base/cleanup.h"
#include "config/vm_config_check.h"
#include "config/vm_options.h"
#include "virtio/virtio.h"

#include <errno.h>
#include <string.h>

static const char add_failed[] = "could not add the device";
static const char remove_failed[] = "could not remove the device";

/* The common part of every disk or vDPA device, by number over both lists; NULL at the end. */
static const struct pci_config *nth_device(const struct vm_config *config, size_t i)
{
	if (i < config->n_disks)
		return &config->disks[i].pci;
	i -= config->n_disks;
	return i < config->n_vdpas ? &config->vdpas[i].pci : NULL;
}

static const struct pci_config *find_device(const struct vm_config *config, const char *id)
{
	const struct pci_config *pci;

	for (size_t i = 0; (pci = nth_device(config, i)); i++)
		if (pci->id && strcmp(pci->id, id) == 0)
			return pci;
	return NULL;
}

/* Whoever says no more than iommu=on gets a slot on the first IOMMU segment, and keeps it over
 * reboots. */
static void choose_segment(struct vm_config *config, struct pci_config *pci)
{
	if (!pci->iommu || pci->segment != 0 || config->platform.n_iommu_segments == 0)
		return;
	pci->segment = config->platform.iommu_segments[0];
}

/* From its first device on, the segment in reserve is one that the configuration tells of. */
static void take_spare_segment(struct vm_config *config, const struct pci_config *pci)
{
	struct platform_config *p = &config->platform;

	if (!p->spare_segment || pci->segment != p->iommu_segments[0])
		return;
	p->spare_segment = false;
	config->has_platform = true;
}

/* The common part of the last record of `section`. */
static struct pci_config *newest(const struct vm_config *config,
				 const struct option_section *section)
{
	return section == &vm_section_disk ? &config->disks[config->n_disks - 1].pci
					   : &config->vdpas[config->n_vdpas - 1].pci;
}

/* VIOT, which tells the guest what is behind the IOMMU, is written at boot. */
static int check_iommu(const struct vm_config *config, const struct pci_config *pci, struct err *e)
{
	if (!pci->iommu || vm_config_is_iommu_segment(config, pci->segment))
		return 0;
	err_set(e, -EINVAL,
		"'%s': a device that is added to a running VM can be behind the IOMMU "
		"only on an IOMMU segment, and %u is none",
		pci->id, pci->segment);
	return err_hint(e, "give one to the VM by --platform iommu_segments=");
}

struct lookup {
	const char *id;
	bool found;
};

static void look(const struct machine_place *place _unused_, struct pci_function *fn _unused_,
		 struct virtio_device *dev, void *data)
{
	struct lookup *lookup = data;

	if (dev && strcmp(dev->id, lookup->id) == 0)
		lookup->found = true;
}

/* A device that the guest has not given back yet is in the machine, though no more in the
 * configuration. */
static int check_left(struct vmm *vmm, const struct pci_config *pci, struct err *e)
{
	struct lookup lookup = { .id = pci->id };

	vmm->setup.ops->each_device(vmm->machine, look, &lookup);
	if (!lookup.found)
		return 0;
	err_set(e, -EEXIST, "the guest has not given '%s' back yet", pci->id);
	return err_hint(e, "wait for the event 'device-removed'");
}

/* Nobody takes Landlock off again: say that it, and not a file's mode, is in the way. */
void vmm_explain_denial(const struct vmm *vmm, struct err *e)
{
	if (e->code == -EACCES && vmm->restricted)
		err_hint(e, "Landlock holds this VMM to the paths of its first VM; what is to be "
			    "added later needs a rule in landlock_rules");
}

static int plug(struct vmm *vmm, const struct option_section *section, const struct vm_config *next,
		struct machine_place *place, struct vmm_fault *fault)
{
	const struct machine_ops *ops = vmm->setup.ops;
	bool disk = section == &vm_section_disk;
	const struct disk_config *d = disk ? &next->disks[next->n_disks - 1] : NULL;
	const struct vdpa_config *v = disk ? NULL : &next->vdpas[next->n_vdpas - 1];
	const struct pci_config *pci = newest(next, section);
	int r = check_iommu(next, pci, &fault->err);

	if (r < 0)
		return vmm_refuse(fault, VMM_INVALID, add_failed);
	r = check_left(vmm, pci, &fault->err);
	if (r < 0)
		return vmm_refuse(fault, VMM_CONFLICT, add_failed);
	r = disk ? ops->add_disk(vmm->machine, d, place, &fault->err)
		 : ops->add_vdpa(vmm->machine, v, place, &fault->err);
	vmm_explain_denial(vmm, &fault->err);
	return r < 0 ? vmm_refuse(fault, VMM_FAILED, add_failed) : 0;
}

int vmm_add_device(struct vmm *vmm, const struct option_section *section, struct vm_config *next,
		   bool *placed, struct machine_place *place, struct vmm_fault *fault)
{
	int r = vmm_need_vm(vmm, fault);

	if (r < 0)
		return r;
	if (vmm->machine)
		choose_segment(next, newest(next, section));
	take_spare_segment(next, newest(next, section));
	r = vm_config_check(next, &fault->err);
	if (r == 0)
		r = vm_config_assign_ids(next, &fault->err);
	if (r < 0)
		return vmm_refuse(fault, r == -EEXIST ? VMM_CONFLICT : VMM_INVALID, add_failed);
	if (vmm->machine) {
		r = plug(vmm, section, next, place, fault);
		if (r < 0)
			return r;
	}
	*placed = vmm->machine;
	vm_config_clear(&vmm->config);
	vmm->config = *next;
	*next = (struct vm_config){ 0 };
	return 0;
}

/* Takes a device out of the configuration, and what it holds with it. */
static int forget_device(struct vmm *vmm, const char *id, struct err *e)
{
	for (size_t i = 0; i < vmm->config.n_vdpas; i++)
		if (strcmp(vmm->config.vdpas[i].pci.id, id) == 0)
			cleanup_close(&vmm->config.vdpas[i].fd);
	return vm_config_remove_device(&vmm->config, id, e);
}

void vmm_device_left(const char *id, void *vmm)
{
	/* One whose removal was asked for is out of the configuration already. */
	forget_device(vmm, id, NULL);
}

int vmm_remove_device(struct vmm *vmm, const char *id, struct vmm_fault *fault)
{
	const struct pci_config *pci;
	int r = vmm_need_vm(vmm, fault);

	if (r < 0)
		return r;
	pci = find_device(&vmm->config, id);
	if (vmm->machine && pci && pci->iommu &&
	    !vm_config_is_iommu_segment(&vmm->config, pci->segment)) {
		err_set(&fault->err, -EINVAL,
			"'%s' is behind the IOMMU on segment %u, which is no IOMMU segment", id,
			pci->segment);
		return vmm_refuse(fault, VMM_INVALID, remove_failed);
	}
	if (vmm->machine)
		r = vmm->setup.ops->remove_device(vmm->machine, id, &fault->err);
	else if (!pci)
		r = err_set(&fault->err, -ENOENT, "there is no device '%s' that can be removed",
			    id);
	if (r == 0)
		r = forget_device(vmm, id, &fault->err);
	if (r < 0)
		return vmm_refuse(fault, r == -ENOENT ? VMM_NOT_FOUND : VMM_FAILED, remove_failed);
	return 0;
}
