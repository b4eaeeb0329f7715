/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vDPA devices that a profile has created at start and removed at stop. */
#pragma once

#include "session.h"
#include "vm/vm_launch.h"

/* Creates those of the configuration that say `create = on` and do not exist, for the user of the
 * launch; what was created is noted in the folder. All or none. */
int vm_devices_create(struct session *s, const struct vm_launch *l, struct err *e);

/* Removes the devices that the folder notes. The first failure is reported, the others tried. */
int vm_devices_remove(struct session *s, const struct vm_folder *f, struct err *e);
