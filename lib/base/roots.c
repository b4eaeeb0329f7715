/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the kernel's file systems and the configuration folders are. */
#include "base/roots.h"

const struct host_roots host_roots_default = {
	.sys = "/sys",
	.dev = "/dev",
	.proc = "/proc",
	.etc = "/etc",
	.run = "/run",
	.modules = "/lib/modules",
};

const struct host_roots *host_roots_or_default(const struct host_roots *roots)
{
	return roots ? roots : &host_roots_default;
}
