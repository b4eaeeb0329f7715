/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All commands and their groups. */
#include "command/commands.h"

#include "cmd/cmds.h"

const struct command_group command_groups[] = {
	{ .name = "module", .summary = "Kernel modules", .alone = &command_module_show },
	{ .name = "mgmtdev", .summary = "Management devices", .alone = &command_mgmtdev_show },
	{ .name = "dev", .summary = "vDPA devices", .alone = &command_dev_show },
	{ .name = "limits", .summary = "Memory-lock limits", .alone = &command_limits_show },
	{ .name = "hugepages", .summary = "Hugepage pools", .alone = &command_hugepages_show },
	{ .name = "profile",
	  .summary = "Profiles of virtual machines",
	  .alone = &command_profile_list },
	{ .name = "vm", .summary = "Virtual machines", .alone = &command_vm_list },
};
const size_t command_groups_n = ARRAY_SIZE(command_groups);

#define ROW_OF(id) &command_##id,

const struct command *const commands[] = { EACH_COMMAND(ROW_OF) };
const size_t commands_n = ARRAY_SIZE(commands);
