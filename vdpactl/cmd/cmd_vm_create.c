/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vm create: a VmConfig for a VMM that waits for one. */
#include "cmd/cmds.h"

#include "base/file.h"
#include "shell/complete.h"
#include "vm/vm_request.h"

#include <errno.h>
#include <string.h>

struct create_args {
	const char *name, *file;
};

static const struct arg rows[] = {
	ARG_WORD_ROW(create_args, name, "VM", "API socket of a VMM that has no VM",
		     .required = true, .complete = complete_vms),
	ARG_WORD_ROW(create_args, file, "FILE",
		     "configuration in JSON; - is standard input, as is no FILE",
		     .complete = complete_files),
};

static int run(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct create_args *a = args;
	bool input = !a->file || !strcmp(a->file, "-");
	_vmm_reply_ struct vmm_reply reply = { 0 };
	_free_ char *text = NULL;
	size_t len;
	int r = file_read(input ? "/dev/stdin" : a->file, VMM_API_MAX_BODY, &text, &len, e);

	(void)n;
	if (r)
		return r;
	r = vm_request(a->name, VM_CREATE, text, VM_WORK_MS, &reply, e);
	if (r)
		return r == -EINVAL ? err_prefix(e, "%s", input ? "standard input" : a->file) : r;
	out_begin(&s->out, "vm", OUT_TABLE, OUT_MAP, "VM");
	out_item(&s->out, a->name);
	out_bool(&s->out, "changed", NULL, true);
	out_str(&s->out, NULL, "STATE", "created");
	out_end(&s->out);
	return 0;
}

const struct command command_vm_create = {
	.path = "vm create",
	.summary = "Give a VMM the configuration of a VM, which 'vm boot' starts",
	.help = "The configuration is a VmConfig of the API, as 'vdpactl profile export --format "
		"json' writes one.\nRelative paths in it count from the VMM's folder.",
	.example = "vdpactl vm create ./api.sock vm.json",
	COMMAND_ARGS(rows, create_args),
	.run = run,
};
