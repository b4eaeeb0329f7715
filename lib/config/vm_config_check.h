/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must hold between the options of a configuration, and the identifiers given by default. */
#pragma once

#include "config/vm_config.h"

/*
 * Checks every rule that the configuration alone decides, before any side effect, and sets
 * cpus.max where it was absent. Errors name the place the value came from ("--vdpa: ...",
 * "profile.ini:12: ..."); -EEXIST for an identifier or a device given twice, -EOPNOTSUPP for what
 * is out of scope, else -EINVAL.
 */
int vm_config_check(struct vm_config *config, struct err *e);

/* As vm_config_check without asking for a kernel: for a profile that is still being written, and
 * a VM that is only looked at. */
int vm_config_check_partial(struct vm_config *config, struct err *e);

/*
 * Gives every device without one an identifier: `__console`, `__rng`, and `_disk0`, `_vdpa1` with
 * one counter over the machine, which goes on at the next call (hot-plug) and skips what is taken.
 */
int vm_config_assign_ids(struct vm_config *config, struct err *e);

/*
 * Where there are several disks or vDPA devices (`section`), gives those without an identifier one
 * that a user would: `disk0`, `disk1`, past those that are taken.
 */
int vm_config_label_devices(struct vm_config *config, const struct option_section *section,
			    struct err *e);

/* Is the device behind the virtio-iommu wanted by any device or segment? */
bool vm_config_has_iommu(const struct vm_config *config);

/* Is this one of `platform.iommu_segments`? */
bool vm_config_is_iommu_segment(const struct vm_config *config, uint16_t segment);

/*
 * Appends a PCI segment that is behind the IOMMU, for what is added while the machine runs; does
 * nothing where there is an IOMMU segment or no room for another segment. 0 or -ENOMEM.
 */
int vm_config_spare_iommu_segment(struct vm_config *config);

/* May `name` be the name of a virtual machine or a profile (letters, digits, . _ -, at most 64, not
 * beginning with . or -)? Says why not in `e`. */
int vm_name_check(const char *name, struct err *e);
