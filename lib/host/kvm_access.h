/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What lets a user open /dev/kvm. */
#pragma once

#include "base/err.h"

struct kvm_remedy {
	char words[128];
	char command[512]; /* for a shell */
};

/* By owner, group and mode of the node at `path`. It starts no program: also for a VMM that may
 * not. */
void kvm_access_remedy(const char *path, const char *user, struct kvm_remedy *out);

/* The same as the hint of an error. */
void kvm_access_hint(const char *path, const char *user, struct err *e);
