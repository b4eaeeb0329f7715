/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commands that the files of this folder offer to commands.c. */
#pragma once

#include "command/command.h"
#include "session.h"

/* In the order in which help lists them. */
#define EACH_COMMAND(ROW)                                                                          \
	ROW(module_show)                                                                           \
	ROW(module_load)                                                                           \
	ROW(module_unload)                                                                         \
	ROW(mgmtdev_show)                                                                          \
	ROW(dev_show)                                                                              \
	ROW(dev_add)                                                                               \
	ROW(dev_del)                                                                               \
	ROW(dev_set)                                                                               \
	ROW(dev_config)                                                                            \
	ROW(dev_stats)                                                                             \
	ROW(dev_bind)                                                                              \
	ROW(dev_inspect)                                                                           \
	ROW(check)                                                                                 \
	ROW(limits_show)                                                                           \
	ROW(hugepages_show)                                                                        \
	ROW(hugepages_reserve)                                                                     \
	ROW(hugepages_release)                                                                     \
	ROW(profile_list)                                                                          \
	ROW(profile_show)                                                                          \
	ROW(profile_create)                                                                        \
	ROW(profile_set)                                                                           \
	ROW(profile_unset)                                                                         \
	ROW(profile_add)                                                                           \
	ROW(profile_remove)                                                                        \
	ROW(profile_copy)                                                                          \
	ROW(profile_rename)                                                                        \
	ROW(profile_delete)                                                                        \
	ROW(profile_edit)                                                                          \
	ROW(profile_check)                                                                         \
	ROW(profile_import)                                                                        \
	ROW(profile_export)                                                                        \
	ROW(vm_start)                                                                              \
	ROW(vm_list)                                                                               \
	ROW(vm_info)                                                                               \
	ROW(vm_stop)                                                                               \
	ROW(vm_kill)                                                                               \
	ROW(vm_reboot)                                                                             \
	ROW(vm_pause)                                                                              \
	ROW(vm_resume)                                                                             \
	ROW(vm_create)                                                                             \
	ROW(vm_boot)                                                                               \
	ROW(vm_shutdown)                                                                           \
	ROW(vm_delete)                                                                             \
	ROW(vm_shutdown_vmm)                                                                       \
	ROW(vm_snapshot)                                                                           \
	ROW(vm_restore)                                                                            \
	ROW(vm_power_button)                                                                       \
	ROW(vm_nmi)                                                                                \
	ROW(vm_add_vdpa)                                                                           \
	ROW(vm_add_disk)                                                                           \
	ROW(vm_remove_device)                                                                      \
	ROW(vm_console)                                                                            \
	ROW(vm_log)                                                                                \
	ROW(vm_wait)                                                                               \
	ROW(vm_ping)                                                                               \
	ROW(vm_counters)                                                                           \
	ROW(vm_rings)                                                                              \
	ROW(vm_top)                                                                                \
	ROW(apply)                                                                                 \
	ROW(save)                                                                                  \
	ROW(topology)                                                                              \
	ROW(monitor)                                                                               \
	ROW(completion)                                                                            \
	ROW(help)                                                                                  \
	ROW(version)                                                                               \
	ROW(history)                                                                               \
	ROW(exit)
#define DECLARE_ROW(id) extern const struct command command_##id;

EACH_COMMAND(DECLARE_ROW)
