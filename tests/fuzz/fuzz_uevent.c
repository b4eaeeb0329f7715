/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages of the kernel's uevent socket. */
#include "vdpa/uevent.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct uevent event;
	/* Exactly as long as the message, so that a read beyond it is seen. */
	char *copy = malloc(size ? size : 1);

	if (!copy)
		return 0;
	memcpy(copy, data, size);
	if (uevent_parse(copy, size, &event) == 1 &&
	    (!event.name[0] || strchr(event.name, '/') || !uevent_action_name(event.action)))
		abort();
	free(copy);
	return 0;
}
