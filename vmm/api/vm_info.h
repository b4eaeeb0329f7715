/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the API tells about a VM: configuration and devices, counters, rings. */
#pragma once

#include "vmm.h"

struct json_object;

/* Each returns an object that the caller puts. The VM exists; for counters and rings it runs. */
struct json_object *vm_info(struct vmm *vmm);
struct json_object *vm_counters(struct vmm *vmm);
struct json_object *vm_rings(struct vmm *vmm);

/* "0000:00:06.0"; `buf` of at least 16 bytes. */
void api_place_name(const struct machine_place *place, char *buf, size_t size);
