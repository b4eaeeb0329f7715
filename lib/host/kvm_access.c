/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What lets a user open /dev/kvm. */
#include "host/kvm_access.h"

#include "host/accounts.h"

#include <stdio.h>
#include <sys/stat.h>

enum {
	GROUP_READS_AND_WRITES = 060,
};

/* The group whose members may use the node; nobody should become one of root's for it. */
static bool group_of(const char *path, struct account *group)
{
	struct stat st;

	return stat(path, &st) == 0 && st.st_gid != 0 &&
	       (st.st_mode & GROUP_READS_AND_WRITES) == GROUP_READS_AND_WRITES &&
	       account_find_id_local(ACCOUNT_GROUP, st.st_gid, group) == 0;
}

void kvm_access_remedy(const char *path, const char *user, struct kvm_remedy *out)
{
	struct account group;

	if (group_of(path, &group)) {
		snprintf(out->words, sizeof(out->words),
			 "add the user to the group of the device, then log in anew");
		snprintf(out->command, sizeof(out->command), "usermod -aG %s %s", group.name, user);
	} else if (account_find_local(ACCOUNT_GROUP, "kvm", &group) == 0) {
		snprintf(out->words, sizeof(out->words),
			 "give the device to the group kvm and add the user to that, then log in "
			 "anew");
		snprintf(out->command, sizeof(out->command),
			 "chgrp kvm %s && chmod 660 %s && usermod -aG kvm %s", path, path, user);
	} else {
		snprintf(out->words, sizeof(out->words),
			 "let the user open the device, until the next boot");
		snprintf(out->command, sizeof(out->command), "setfacl -m u:%s:rw %s", user, path);
	}
}

void kvm_access_hint(const char *path, const char *user, struct err *e)
{
	struct kvm_remedy remedy;

	kvm_access_remedy(path, user, &remedy);
	err_hint(e, "%s ('%s')", remedy.words, remedy.command);
}
