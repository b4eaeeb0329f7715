/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows that the files of this folder offer to commands.c. */
#pragma once

#include "command/command.h"
#include "session.h"

extern const struct command command_module_show, command_module_load, command_module_unload;
extern const struct command command_mgmtdev_show;
extern const struct command command_dev_show, command_dev_add, command_dev_del, command_dev_set;
extern const struct command command_dev_config, command_dev_stats, command_dev_bind;
extern const struct command command_dev_inspect;
extern const struct command command_check;
extern const struct command command_limits_show;
extern const struct command command_hugepages_show, command_hugepages_reserve;
extern const struct command command_hugepages_release;
extern const struct command command_help, command_version, command_exit, command_history;
extern const struct command command_vm_start, command_vm_list, command_vm_info, command_vm_stop;
extern const struct command command_vm_kill, command_vm_reboot, command_vm_pause, command_vm_resume;
extern const struct command command_vm_create, command_vm_boot, command_vm_shutdown;
extern const struct command command_vm_delete, command_vm_shutdown_vmm;
extern const struct command command_vm_snapshot, command_vm_restore;
extern const struct command command_vm_console, command_vm_log, command_vm_wait;
extern const struct command command_vm_nmi, command_vm_power_button, command_vm_ping;
extern const struct command command_vm_counters, command_vm_rings, command_vm_top;
extern const struct command command_vm_add_vdpa, command_vm_add_disk, command_vm_remove_device;
extern const struct command command_profile_list;
extern const struct command command_profile_show;
extern const struct command command_profile_create;
extern const struct command command_profile_set;
extern const struct command command_profile_unset;
extern const struct command command_profile_add;
extern const struct command command_profile_remove;
extern const struct command command_profile_copy;
extern const struct command command_profile_rename;
extern const struct command command_profile_delete;
extern const struct command command_profile_edit;
extern const struct command command_profile_check;
extern const struct command command_profile_import;
extern const struct command command_profile_export;
extern const struct command command_topology, command_monitor, command_completion;
extern const struct command command_apply, command_save;
