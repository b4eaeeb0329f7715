/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vm add-vdpa, add-disk, remove-device: devices of a running VM. */
#include "cmd/cmds.h"

#include "config/config_json.h"
#include "config/option_string.h"
#include "config/vm_options.h"
#include "places.h"
#include "shell/complete.h"
#include "vm/vm_request.h"

#include <errno.h>
#include <json-c/json.h>
#include <string.h>

struct hotplug_args {
	const char *name, *what;
};

#define VM_ROW                                                                                     \
	ARG_WORD_ROW(hotplug_args, name, "VM", "running VM", .required = true,                     \
		     .complete = complete_vms)

#define WHAT_ROW(name_, help_, complete_)                                                          \
	ARG_WORD_ROW(hotplug_args, what, name_, help_, .required = true, .complete = complete_)

static const struct arg vdpa_rows[] = {
	VM_ROW,
	WHAT_ROW("OPTIONS", "as behind --vdpa of vdpa-vmm, for example device=vdpa-blk1,iommu=on",
		 complete_vdpa_options),
};

static const struct arg disk_rows[] = {
	VM_ROW,
	WHAT_ROW("OPTIONS", "as behind --disk of vdpa-vmm, for example path=disk.img,readonly=on",
		 complete_disk_options),
};

static const struct arg remove_rows[] = {
	VM_ROW,
	WHAT_ROW("ID", "identifier of the device, as 'vdpactl vm info' shows it",
		 complete_vm_devices),
};

static int add(struct session *s, const struct hotplug_args *a,
	       const struct option_section *section, enum vmm_request request, void *record,
	       char **path, struct err *e)
{
	_vmm_reply_ struct vmm_reply reply = { 0 };
	struct json_object *body, *answer, *value;
	const char *text;
	int r = option_string_parse(section, record, a->what, e);

	if (!r)
		/* The VMM may be in another folder. */
		r = place_absolute(path, e);
	if (r)
		return err_prefix(e, "'%s'", a->what);
	body = option_record_to_json(section, record);
	if (!body)
		return err_nomem(e);
	text = config_json_text(body, JSON_C_TO_STRING_PLAIN);
	r = text ? vm_request(a->name, request, text, VM_WORK_MS, &reply, e) : err_nomem(e);
	json_object_put(body);
	if (r)
		return r;
	/* A VM that is created and not booted has no place for it yet, and answers nothing. */
	answer = reply.body ? json_tokener_parse(reply.body) : NULL;
	out_begin(&s->out, "device", OUT_TABLE, OUT_LIST, NULL);
	out_item(&s->out, NULL);
	out_str(&s->out, "vm", "VM", a->name);
	if (json_object_object_get_ex(answer, "id", &value))
		out_str(&s->out, "id", "DEVICE", json_object_get_string(value));
	if (json_object_object_get_ex(answer, "bdf", &value))
		out_str(&s->out, "bdf", "PCI", json_object_get_string(value));
	out_str(&s->out, "state", "STATE", answer ? "added" : "configured");
	out_end(&s->out);
	json_object_put(answer);
	return 0;
}

static int run_add_vdpa(struct session *s, const void *args, size_t n, struct err *e)
{
	struct vdpa_config vdpa;
	int r;

	(void)n;
	if (option_record_init(&vm_section_vdpa, &vdpa))
		return err_nomem(e);
	r = add(s, args, &vm_section_vdpa, VM_ADD_VDPA, &vdpa, &vdpa.path, e);
	option_record_clear(&vm_section_vdpa, &vdpa);
	return r;
}

static int run_add_disk(struct session *s, const void *args, size_t n, struct err *e)
{
	struct disk_config disk;
	int r;

	(void)n;
	if (option_record_init(&vm_section_disk, &disk))
		return err_nomem(e);
	r = add(s, args, &vm_section_disk, VM_ADD_DISK, &disk, &disk.path, e);
	option_record_clear(&vm_section_disk, &disk);
	return r;
}

static int run_remove(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct hotplug_args *a = args;
	_vmm_reply_ struct vmm_reply reply = { 0 };
	struct json_object *body = json_object_new_object();
	const char *text;
	int r;

	(void)n;
	if (!body || json_object_object_add(body, "id", json_object_new_string(a->what))) {
		json_object_put(body);
		return err_nomem(e);
	}
	text = config_json_text(body, JSON_C_TO_STRING_PLAIN);
	r = text ? vm_request(a->name, VM_REMOVE_DEVICE, text, VM_WORK_MS, &reply, e)
		 : err_nomem(e);
	json_object_put(body);
	if (r == -ENOENT)
		err_hint(e, "'vdpactl vm info %s' shows devices with their identifiers", a->name);
	if (r)
		return r;
	out_begin(&s->out, "device", OUT_TABLE, OUT_LIST, NULL);
	out_item(&s->out, NULL);
	out_str(&s->out, "vm", "VM", a->name);
	out_str(&s->out, "id", "DEVICE", a->what);
	out_str(&s->out, "state", "STATE", "removal asked for");
	out_end(&s->out);
	return 0;
}

#define HOTPLUG_COMMAND(symbol, path_, summary_, help_, example_, rows_, run_)                     \
	const struct command symbol = {                                                            \
		.path = path_,                                                                     \
		.summary = summary_,                                                               \
		.help = help_,                                                                     \
		.example = "vdpactl " path_ " blk-demo " example_,                                 \
		COMMAND_ARGS(rows_, hotplug_args),                                                 \
		.run = run_,                                                                       \
	}

HOTPLUG_COMMAND(command_vm_add_vdpa, "vm add-vdpa", "Give a running VM a vDPA device", NULL,
		"device=vdpa-blk2,id=data", vdpa_rows, run_add_vdpa);
HOTPLUG_COMMAND(command_vm_add_disk, "vm add-disk", "Give a running VM a disk", NULL,
		"path=data.img,id=data", disk_rows, run_add_disk);
HOTPLUG_COMMAND(command_vm_remove_device, "vm remove-device",
		"Ask a guest to give back a vDPA device or a disk",
		"The device is gone when the guest has let go of it: 'vdpactl vm counters' no "
		"longer has it then.",
		"data", remove_rows, run_remove);
