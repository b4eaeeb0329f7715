/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The requests of the VMM's HTTP API, said once for server and client. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define VMM_API_PREFIX "/api/v1/"

enum {
	VMM_API_MAX_BODY = 4 << 20, /* bytes, of a request */
};

enum vmm_request {
	VMM_PING,
	VMM_SHUTDOWN,
	VM_CREATE,
	VM_DELETE,
	VM_BOOT,
	VM_INFO,
	VM_COUNTERS,
	VM_RINGS,
	VM_PAUSE,
	VM_RESUME,
	VM_SHUTDOWN,
	VM_REBOOT,
	VM_POWER_BUTTON,
	VM_NMI,
	VM_ADD_VDPA,
	VM_ADD_DISK,
	VM_REMOVE_DEVICE,
	VM_SNAPSHOT,
	VM_RESTORE,
	/* Known from cloud-hypervisor, and refused by name. */
	VM_RESIZE,
	VM_RESIZE_DISK,
	VM_RESIZE_ZONE,
	VM_COREDUMP,
	VM_ADD_NET,
	VM_ADD_VSOCK,
	VM_ADD_FS,
	VM_ADD_PMEM,
	VM_ADD_DEVICE,
	VM_ADD_USER_DEVICE,
	VM_ADD_GENERIC_VHOST_USER,
	VM_SEND_MIGRATION,
	VM_RECEIVE_MIGRATION,
	VMM_REQUESTS,
};

struct vmm_route {
	const char *name;   /* "vm.boot"; the path is VMM_API_PREFIX and this */
	const char *method; /* "GET" or "PUT" */
	bool body;          /* a JSON body is needed; without this one is refused */
	bool unsupported;
};

extern const struct vmm_route vmm_routes[VMM_REQUESTS];

/* Finds the route of a path such as "/api/v1/vm.boot"; VMM_REQUESTS when there is none. */
enum vmm_request vmm_route_find(const char *path);
