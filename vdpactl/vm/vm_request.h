/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests to the VMM of a running VM. */
#pragma once

#include "vm/vm_folder.h"
#include "vmm_api/client.h"

/* How long a VMM may take. */
enum {
	VM_WORK_MS = VMM_CLIENT_TIMEOUT_MS, /* to do what is asked for */
	VM_LOOK_MS = 3000,                  /* to answer who has others to ask, or can do without */
	VM_COMPLETE_MS = 1000,              /* to answer a key that was pressed */
};

/* Asks the VMM of `name`, which must be alive; a name with a slash is the path of an API socket,
 * whoever serves it. `body` may be NULL; `reply` starts zeroed. -EBUSY for a VMM that a signal
 * stopped, -ETIMEDOUT after `timeout_ms`. */
int vm_request(const char *name, enum vmm_request request, const char *body, unsigned timeout_ms,
	       struct vmm_reply *reply, struct err *e);

/* The state, in one word, of a VM whose VMM is process `pid` and gave no answer. */
const char *vm_silence(pid_t pid);

/* Waits until the VMM, process `vmm` (0: whichever), has ended and its keeper has cleaned up;
 * another that has its name by now is not waited for. -ETIMEDOUT after `seconds`, 0: without end.
 */
int vm_wait_end(const struct vm_folder *f, pid_t vmm, unsigned seconds, struct err *e);
