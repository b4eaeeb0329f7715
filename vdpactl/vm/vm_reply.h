/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a VMM tells of its VM (vm.info). */
#pragma once

#include "base/err.h"

#include <json-c/json.h>
#include <stdbool.h>

/* Asks the VMM of `name`; *info is an object, the caller's to put. */
int vm_info_get(const char *name, struct json_object **info, struct err *e);

/* The i-th of the VM's disks and vDPA devices: its identifier, and the image, the vDPA device or
 * the node that is behind it; either may be NULL. Both are borrowed. False: there are no more. */
bool vm_info_device(struct json_object *info, size_t i, const char **id, const char **on_host);

/* What is behind device `id`, NULL where nothing of the host is. */
const char *vm_info_on_host(struct json_object *info, const char *id);
