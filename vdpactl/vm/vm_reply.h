/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a VMM answers, as JSON, and what vm.info tells of a VM. */
#pragma once

#include "base/err.h"
#include "vm/vm_request.h"

#include <json-c/json.h>
#include <stdbool.h>

/* Asks the VMM of `name` (as vm_request does, without a body); *answer is an object, the caller's
 * to put. -EPROTO: it is none. */
int vm_ask(const char *name, enum vmm_request request, unsigned timeout_ms,
	   struct json_object **answer, struct err *e);

/* A member's text, NULL where there is none. Borrowed. */
const char *vm_text_of(struct json_object *o, const char *key);

/* The i-th of the VM's disks and vDPA devices: its identifier, and the image, the vDPA device or
 * the node that is behind it; either may be NULL. Both are borrowed. False: there are no more. */
bool vm_info_device(struct json_object *info, size_t i, const char **id, const char **on_host);

/* What is behind device `id`, NULL where nothing of the host is. */
const char *vm_info_on_host(struct json_object *info, const char *id);
