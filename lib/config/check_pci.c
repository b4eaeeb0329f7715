/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Identifiers and places of the PCI devices: given by the user, or by default. */
#include "config/check_place.h"
#include "config/vm_config_check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A PCI device of the configuration. */
struct config_device {
	const struct option_section *section;
	size_t index;
	struct pci_config *pci; /* borrowed */
	const char *prefix; /* of its automatic identifier; NULL: `fixed_id` is its identifier */
	const char *fixed_id;
};

/* The `i`th device in the order in which slots are given out; false past the last. */
static bool device_at(struct vm_config *config, size_t i, struct config_device *out)
{
	bool console = config->console.mode != CONSOLE_OFF;

	if (console && i-- == 0) {
		*out = (struct config_device){ .section = &vm_section_console,
					       .pci = &config->console.pci,
					       .fixed_id = "__console" };
		return true;
	}
	if (i < config->n_disks) {
		*out = (struct config_device){ .section = &vm_section_disk,
					       .index = i,
					       .pci = &config->disks[i].pci,
					       .prefix = "_disk" };
		return true;
	}
	i -= config->n_disks;
	if (i-- == 0) {
		*out = (struct config_device){ .section = &vm_section_rng,
					       .pci = &config->rng.pci,
					       .fixed_id = "__rng" };
		return true;
	}
	if (i < config->n_vdpas) {
		*out = (struct config_device){ .section = &vm_section_vdpa,
					       .index = i,
					       .pci = &config->vdpas[i].pci,
					       .prefix = "_vdpa" };
		return true;
	}
	return false;
}

bool vm_config_has_iommu(const struct vm_config *config)
{
	bool wanted = config->platform.n_iommu_segments > 0 || config->rng.pci.iommu ||
		      (config->console.mode != CONSOLE_OFF && config->console.pci.iommu);

	for (size_t i = 0; i < config->n_disks; i++)
		wanted |= config->disks[i].pci.iommu;
	for (size_t i = 0; i < config->n_vdpas; i++)
		wanted |= config->vdpas[i].pci.iommu;
	return wanted;
}

static bool id_taken(struct vm_config *config, const char *id, size_t before)
{
	struct config_device d;

	for (size_t i = 0; i < before && device_at(config, i, &d); i++)
		if (d.pci->id && strcmp(d.pci->id, id) == 0)
			return true;
	return false;
}

bool vm_config_is_iommu_segment(const struct vm_config *config, uint16_t segment)
{
	for (size_t i = 0; i < config->platform.n_iommu_segments; i++)
		if (config->platform.iommu_segments[i] == segment)
			return true;
	return false;
}

int vm_config_spare_iommu_segment(struct vm_config *config)
{
	struct platform_config *p = &config->platform;
	bool wanted = vm_config_has_iommu(config);

	if (p->n_iommu_segments > 0 || p->num_pci_segments >= VM_MAX_SEGMENTS)
		return 0;
	p->iommu_segments = malloc(sizeof(*p->iommu_segments));
	if (!p->iommu_segments)
		return -ENOMEM;
	p->iommu_segments[p->n_iommu_segments++] = p->num_pci_segments++;
	p->spare_segment = true;
	p->iommu_in_reserve = !wanted;
	return 0;
}

/* The id of a fixed device was assigned if it is its own; anyone else may not begin so. */
static bool id_is_reserved(const struct config_device *d)
{
	return strncmp(d->pci->id, "__", 2) == 0 &&
	       !(d->fixed_id && strcmp(d->pci->id, d->fixed_id) == 0);
}

static int check_id(struct vm_config *config, const struct config_device *d, size_t i,
		    struct err *e)
{
	if (!d->pci->id)
		return 0;
	if (id_is_reserved(d))
		return err_set(e, -EINVAL, "identifier %s is not valid (it begins with '__')",
			       d->pci->id);
	if (strlen(d->pci->id) > VM_MAX_ID)
		return err_set(e, -EINVAL, "identifier %s is longer than %d characters", d->pci->id,
			       VM_MAX_ID);
	if (id_taken(config, d->pci->id, i))
		return err_set(e, -EEXIST, "identifier %s is not unique", d->pci->id);
	return 0;
}

static int check_slot(const struct pci_config *pci, struct err *e)
{
	if (pci->device_id >= VM_SLOTS_PER_SEGMENT)
		return err_set(e, -EINVAL,
			       "given PCI device ID (%d) is out of the supported range of 0..%d",
			       pci->device_id, VM_SLOTS_PER_SEGMENT);
	if (pci->device_id == 0 && pci->segment == 0)
		return err_set(e, -EINVAL, "given PCI device ID (0) is reserved");
	return 0;
}

static int check_device(struct vm_config *config, size_t i, const struct config_device *d,
			const char **key, struct err *e)
{
	const struct pci_config *pci = d->pci;

	*key = "id";
	if (check_id(config, d, i, e))
		return -EINVAL;
	*key = "pci_segment";
	if (pci->segment >= config->platform.num_pci_segments)
		return err_set(e, -EINVAL, "invalid PCI segment id: %u (0 to %d)", pci->segment,
			       config->platform.num_pci_segments - 1);
	*key = "pci_device_id";
	if (check_slot(pci, e))
		return -EINVAL;
	*key = "iommu";
	if (!pci->iommu && vm_config_is_iommu_segment(config, pci->segment))
		return err_set(e, -EINVAL,
			       "device is on an IOMMU PCI segment (%u) but not placed behind IOMMU",
			       pci->segment);
	return 0;
}

/* Every device needs a slot of its own; the host bridge of segment 0 and the virtio-iommu take
 * theirs from the same 32. */
static int check_slots(struct vm_config *config, struct err *e)
{
	uint32_t used[VM_MAX_SEGMENTS] = { [0] = 1 };
	unsigned int count[VM_MAX_SEGMENTS] = { [0] = 1 };
	const struct platform_config *p = &config->platform;
	uint16_t of_iommu = p->iommu_in_reserve ? p->iommu_segments[0] : 0;
	struct config_device d;

	if (vm_config_has_iommu(config))
		count[of_iommu]++;
	if (p->iommu_in_reserve)
		used[of_iommu] = UINT32_C(1) << (VM_SLOTS_PER_SEGMENT - 1);
	for (size_t i = 0; device_at(config, i, &d); i++) {
		const struct pci_config *pci = d.pci;
		uint32_t bit = pci->device_id >= 0 ? UINT32_C(1) << pci->device_id : 0;

		if (used[pci->segment] & bit) {
			err_set(e, -EINVAL, "valid PCI device identifier but already used: %d",
				pci->device_id);
			return check_refuse(config, d.section, d.index, "pci_device_id", e);
		}
		used[pci->segment] |= bit;
		if (++count[pci->segment] > VM_SLOTS_PER_SEGMENT) {
			err_set(e, -ENOSPC, "could not find an available device slot (segment %u)",
				pci->segment);
			return check_refuse(config, d.section, d.index, "pci_segment", e);
		}
	}
	return 0;
}

int check_pci_devices(struct vm_config *config, struct err *e)
{
	struct config_device d;
	const char *key;

	for (size_t i = 0; device_at(config, i, &d); i++)
		if (check_device(config, i, &d, &key, e))
			return check_refuse(config, d.section, d.index, key, e);
	return check_slots(config, e);
}

static int automatic_id(struct vm_config *config, const struct config_device *d, struct err *e)
{
	char id[32];

	if (d->fixed_id)
		snprintf(id, sizeof(id), "%s", d->fixed_id);
	else
		do
			snprintf(id, sizeof(id), "%s%u", d->prefix, config->next_id++);
		while (id_taken(config, id, SIZE_MAX));
	d->pci->id = strdup(id);
	return d->pci->id ? 0 : err_nomem(e);
}

int vm_config_label_devices(struct vm_config *config, const struct option_section *section,
			    struct err *e)
{
	const struct option *label = option_find(section, section->label);
	size_t n = vm_config_count(config, section);
	int r = 0;

	for (size_t i = 0; !r && n > 1 && i < n; i++) {
		void *record = vm_config_record(config, section, i);
		size_t number = i;
		char id[32];

		if (!option_is_default(label, record))
			continue;
		do
			snprintf(id, sizeof(id), "%s%zu", section->name, number++);
		while (id_taken(config, id, SIZE_MAX));
		r = option_set_value(label, record, id, e);
	}
	return r;
}

int vm_config_assign_ids(struct vm_config *config, struct err *e)
{
	struct config_device d;
	int r = 0;

	for (size_t i = 0; !r && device_at(config, i, &d); i++)
		if (!d.pci->id)
			r = automatic_id(config, &d, e);
	return r;
}
