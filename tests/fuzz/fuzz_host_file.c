/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that describe a host's desired state. */
#include "apply/host_file.h"
#include "base/cleanup.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_host_file_ struct host_file f = { 0 };
	_close_ int fd = memfd_create("host", MFD_CLOEXEC);
	struct err e = { 0 };
	char path[32];

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (host_file_read(path, &f, &e))
		return 0;
	for (size_t i = 0; i < f.n; i++)
		if (f.items[i].kind >= HOST_KINDS || !host_kind_name(f.items[i].kind) ||
		    !f.items[i].name)
			abort();
	return 0;
}
