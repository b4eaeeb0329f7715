/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel's error codes mean for each command of the family "vdpa". */
#include "vdpa/nl_errors.h"

#include <errno.h>
#include <string.h>

/* The first row that fits is used; cmd 0 fits every command. */
static const struct {
	enum vdpa_cmd cmd;
	int code;
	const char *words, *hint;
} diagnoses[] = {
	{
		.cmd = VDPA_CMD_DEV_NEW,
		.code = EEXIST,
		.words = "a device of that name exists",
		.hint = "see 'vdpactl dev show'",
	},
	{
		.cmd = VDPA_CMD_DEV_NEW,
		.code = ENOSPC,
		.words = "the management device can take no more devices",
		.hint = "delete a device of it first, see 'vdpactl dev show'",
	},
	{
		.cmd = VDPA_CMD_DEV_NEW,
		.code = EOPNOTSUPP,
		.words = "the management device does not take all of these parameters",
		.hint = "leave out what it does not know",
	},
	{
		.cmd = VDPA_CMD_DEV_NEW,
		.code = EINVAL,
		.words = "the management device refuses these parameters",
		.hint = "features must be a subset of what 'vdpactl mgmtdev show' lists and "
			"cover the given mac, mtu and max_vqp",
	},
	{
		.cmd = VDPA_CMD_DEV_NEW,
		.code = ENOMEM,
		.words = "the kernel has not enough memory for the device",
		.hint = "a simulated disk takes 128 MiB of kernel memory; the parameter "
			"shared_backend=1 of vdpa_sim_blk makes all of them share it",
	},
	{
		.cmd = VDPA_CMD_DEV_DEL,
		.code = EINVAL,
		.words = "only a device that was added can be deleted; its driver made this one",
	},
	{
		.cmd = VDPA_CMD_MGMTDEV_GET,
		.code = ENODEV,
		.words = "no such management device",
		.hint = "'vdpactl mgmtdev show' lists them; 'vdpactl module load' brings more",
	},
	{
		.cmd = VDPA_CMD_DEV_VSTATS_GET,
		.code = EAGAIN,
		.words = "no statistics before a driver has negotiated features",
		.hint = "start a VM that uses the device",
	},
	{
		.cmd = VDPA_CMD_DEV_VSTATS_GET,
		.code = EOPNOTSUPP,
		.words = "the device keeps no statistics",
	},
	{
		.cmd = VDPA_CMD_DEV_VSTATS_GET,
		.code = EINVAL,
		.words = "no such queue",
	},
	{
		.cmd = VDPA_CMD_DEV_VSTATS_GET,
		.code = ERANGE,
		.words = "no such queue",
	},
	{
		.cmd = VDPA_CMD_DEV_CONFIG_GET,
		.code = EOPNOTSUPP,
		.words = "the kernel shows no configuration for this class of device",
	},
	{
		.cmd = VDPA_CMD_DEV_ATTR_SET,
		.code = EOPNOTSUPP,
		.words = "the device or this kernel does not take that change",
	},
	{
		.code = ENODEV,
		.words = "no such vDPA device",
		.hint = "'vdpactl dev show' lists them",
	},
	{
		.code = EPERM,
		.words = "not permitted: this needs CAP_NET_ADMIN in the initial user namespace",
		.hint = "run it as root",
	},
};

int nl_error(struct err *e, int code, enum vdpa_cmd cmd, const char *what, const char *extack)
{
	const char *words = err_strerror(code);
	const char *hint = NULL;
	/* The kernel puts the family's name in front of some texts. */
	const char *said = strncmp(extack, "vdpa: ", 6) == 0 ? extack + 6 : extack;

	for (size_t i = 0; i < ARRAY_SIZE(diagnoses); i++) {
		if ((diagnoses[i].cmd && diagnoses[i].cmd != cmd) || diagnoses[i].code != -code)
			continue;
		words = diagnoses[i].words;
		hint = diagnoses[i].hint;
		break;
	}
	err_set(e, code, "%s%s%s%s%s%s", what ? what : "", what ? ": " : "", words,
		*said ? " (kernel: " : "", said, *said ? ")" : "");
	if (hint)
		err_hint(e, "%s", hint);
	return code;
}
