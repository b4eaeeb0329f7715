/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The private folder of a running VM: sockets, process id, log. */
#pragma once

#include "base/err.h"
#include "command/words.h"
#include "host/try_open.h"
#include "vdpa/holder.h"

#include <stdbool.h>
#include <sys/types.h>

enum {
	VM_NAME_MAX = 64,
	VM_PATH_MAX = 200
};

struct vm_folder {
	char name[VM_NAME_MAX + 1];
	char path[VM_PATH_MAX];
};

enum vm_life {
	VM_ABSENT, /* no such folder */
	VM_ALIVE,
	VM_DEAD,    /* the VMM has ended and its folder is still there */
	VM_UNKNOWN, /* it could not be looked at */
};

/* The folder of VM `name`, which need not exist. -EINVAL for a name that can be none. */
int vm_folder_of(const char *name, struct vm_folder *f, struct err *e);

/* Nobody else takes a folder into use or away until *lock is closed; makes the one around them. */
int vm_folder_lock(const struct vm_folder *f, int *lock, struct err *e);

/* Makes it, mode 0700; -EEXIST where it is there. */
int vm_folder_create(const struct vm_folder *f, struct err *e);

/* Makes a part of it `user`'s, for the sockets of a VMM that is to be theirs, and lets them through
 * to there. All else stays ours, so that they can neither write nor rename what we go by. */
int vm_folder_give(const struct vm_folder *f, const struct try_user *user, struct err *e);

/* Path at which the VMM is to make a socket: in that part, where there is one (`users`). Clients
 * find it by vm_folder_file either way. */
void vm_folder_socket(const struct vm_folder *f, bool users, const char *name,
		      char path[VM_PATH_MAX + 32]);

/* Opens a file in it for reading: a regular one of ours. */
int vm_folder_open(const struct vm_folder *f, const char *name, struct err *e);

/* Reads such a file whole, at most `max` bytes, NUL behind it; *text is the caller's to free. */
int vm_folder_read(const struct vm_folder *f, const char *name, size_t max, char **text,
		   struct err *e);

/* Removes it with what VMs leave in it. */
int vm_folder_remove(const struct vm_folder *f, struct err *e);

/* Path of a file in it: "api.sock", "console.sock", "serial.sock", "vmm.pid", "keeper.pid",
 * "vmm.log", "devices". */
void vm_folder_file(const struct vm_folder *f, const char *name, char path[VM_PATH_MAX + 32]);

/* Is its VMM alive? *pid is set then (may be NULL). */
enum vm_life vm_folder_life(const struct vm_folder *f, pid_t *pid);
int vm_folder_set_pid(const struct vm_folder *f, pid_t pid, struct err *e);
void vm_folder_forget_pid(const struct vm_folder *f);

/* Notes this process as the one that starts the VM and takes away what it leaves. While it lives, a
 * VMM that is not there yet, or has ended, is not to be cleaned up by others. */
int vm_folder_set_keeper(const struct vm_folder *f, struct err *e);

/* The same in place of process `from`, unless somebody took the folder away, for that has died. */
int vm_folder_succeed(const struct vm_folder *f, pid_t from, struct err *e);
bool vm_folder_kept(const struct vm_folder *f);

/* Is another process noted than this one and `keeper`? */
bool vm_folder_kept_by_another(const struct vm_folder *f, pid_t keeper);

/* Leaves what is in it to whoever cleans up next. */
void vm_folder_forget_keeper(const struct vm_folder *f);

/* Records that it could not be looked at. */
int vm_folder_unknown(const struct vm_folder *f, struct err *e);

/* As vm_folder_of for a VM whose VMM must be alive: -ENOENT, or -ECONNREFUSED for a dead one.
 * *pid is that VMM's (may be NULL). */
int vm_folder_alive(const char *name, struct vm_folder *f, pid_t *pid, struct err *e);

/* The VM whose VMM is that process; false: none. */
bool vm_folder_of_pid(pid_t pid, struct vm_folder *f);

/* Who uses a device, in words: a VM of ours by name, else as holder_describe says it. */
void vm_folder_describe(const struct holder_list *holders, char *buf, size_t size);

/* Names of all folders, sorted; none is no failure. */
int vm_folder_list(struct words *names, struct err *e);
