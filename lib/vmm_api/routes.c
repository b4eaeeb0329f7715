/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The requests of the VMM's HTTP API. */
#include "vmm_api/routes.h"

#include <string.h>

const struct vmm_route vmm_routes[VMM_REQUESTS] = {
	[VMM_PING] = { .name = "vmm.ping", .method = "GET" },
	[VMM_SHUTDOWN] = { .name = "vmm.shutdown", .method = "PUT" },
	[VM_CREATE] = { .name = "vm.create", .method = "PUT", .body = true },
	[VM_DELETE] = { .name = "vm.delete", .method = "PUT" },
	[VM_BOOT] = { .name = "vm.boot", .method = "PUT" },
	[VM_INFO] = { .name = "vm.info", .method = "GET" },
	[VM_COUNTERS] = { .name = "vm.counters", .method = "GET" },
	[VM_RINGS] = { .name = "vm.rings", .method = "GET" },
	[VM_PAUSE] = { .name = "vm.pause", .method = "PUT" },
	[VM_RESUME] = { .name = "vm.resume", .method = "PUT" },
	[VM_SHUTDOWN] = { .name = "vm.shutdown", .method = "PUT" },
	[VM_REBOOT] = { .name = "vm.reboot", .method = "PUT" },
	[VM_POWER_BUTTON] = { .name = "vm.power-button", .method = "PUT" },
	[VM_NMI] = { .name = "vm.nmi", .method = "PUT" },
	[VM_ADD_VDPA] = { .name = "vm.add-vdpa", .method = "PUT", .body = true },
	[VM_ADD_DISK] = { .name = "vm.add-disk", .method = "PUT", .body = true },
	[VM_REMOVE_DEVICE] = { .name = "vm.remove-device", .method = "PUT", .body = true },
	[VM_SNAPSHOT] = { .name = "vm.snapshot", .method = "PUT", .body = true },
	[VM_RESTORE] = { .name = "vm.restore", .method = "PUT", .body = true },
	[VM_RESIZE] = { .name = "vm.resize", .method = "PUT", .unsupported = true },
	[VM_RESIZE_DISK] = { .name = "vm.resize-disk", .method = "PUT", .unsupported = true },
	[VM_RESIZE_ZONE] = { .name = "vm.resize-zone", .method = "PUT", .unsupported = true },
	[VM_COREDUMP] = { .name = "vm.coredump", .method = "PUT", .unsupported = true },
	[VM_ADD_NET] = { .name = "vm.add-net", .method = "PUT", .unsupported = true },
	[VM_ADD_VSOCK] = { .name = "vm.add-vsock", .method = "PUT", .unsupported = true },
	[VM_ADD_FS] = { .name = "vm.add-fs", .method = "PUT", .unsupported = true },
	[VM_ADD_PMEM] = { .name = "vm.add-pmem", .method = "PUT", .unsupported = true },
	[VM_ADD_DEVICE] = { .name = "vm.add-device", .method = "PUT", .unsupported = true },
	[VM_ADD_USER_DEVICE] = { .name = "vm.add-user-device",
				 .method = "PUT",
				 .unsupported = true },
	[VM_ADD_GENERIC_VHOST_USER] = { .name = "vm.add-generic-vhost-user",
					.method = "PUT",
					.unsupported = true },
	[VM_SEND_MIGRATION] = { .name = "vm.send-migration", .method = "PUT", .unsupported = true },
	[VM_RECEIVE_MIGRATION] = { .name = "vm.receive-migration",
				   .method = "PUT",
				   .unsupported = true },
};

enum vmm_request vmm_route_find(const char *path)
{
	size_t prefix = strlen(VMM_API_PREFIX);

	if (strncmp(path, VMM_API_PREFIX, prefix) != 0)
		return VMM_REQUESTS;
	for (size_t i = 0; i < VMM_REQUESTS; i++)
		if (strcmp(path + prefix, vmm_routes[i].name) == 0)
			return (enum vmm_request)i;
	return VMM_REQUESTS;
}
