/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vm snapshot, vm restore: a VM into a folder, and a VM out of one. */
#include "cmd/cmds.h"

#include "base/file.h"
#include "config/config_json.h"
#include "preflight.h"
#include "shell/complete.h"
#include "vm/vm_config_source.h"
#include "vm/vm_launch.h"
#include "vm/vm_request.h"

#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <string.h>

struct snapshot_args {
	const char *name, *folder;
	bool paused;
};

#define WORD_ROW(field, name_, help_, complete_)                                                   \
	ARG_WORD_ROW(snapshot_args, field, name_, help_, .required = true, .complete = complete_)

static const struct arg snapshot_rows[] = {
	WORD_ROW(name, "VM", "paused VM", complete_vms),
	WORD_ROW(folder, "FOLDER", "folder that is there and holds no snapshot", complete_files),
};

static const struct arg restore_rows[] = {
	WORD_ROW(name, "VM", "name for the VM, or the API socket of a VMM that has none",
		 complete_vms),
	WORD_ROW(folder, "FOLDER", "folder of a snapshot", complete_files),
	ARG_FLAG_ROW(snapshot_args, paused, "paused",
		     "leave the VM paused; 'vdpactl vm resume' lets it go on"),
};

/* The whole path: the VMM may be in another folder than this process. */
static int find_folder(const char *folder, char whole[PATH_MAX], struct err *e)
{
	if (realpath(folder, whole))
		return 0;
	err_errno(e, -errno, "folder '%s'", folder);
	return -ENOENT;
}

static int put_done(struct session *s, const char *name, const char *folder, const char *state)
{
	out_begin(&s->out, "vm", OUT_TABLE, OUT_MAP, "VM");
	out_item(&s->out, name);
	out_str(&s->out, "folder", "FOLDER", folder);
	out_str(&s->out, "state", "STATE", state);
	out_end(&s->out);
	return 0;
}

/* Asks for something with the URL of a folder in it. */
static int request(const char *name, enum vmm_request what, const char *key, const char *folder,
		   bool resume, struct err *e)
{
	_vmm_reply_ struct vmm_reply reply = { 0 };
	struct json_object *body = json_object_new_object();
	char url[PATH_MAX + 16];
	const char *text;
	int r = 0;

	snprintf(url, sizeof(url), "file://%s", folder);
	if (!body || json_object_object_add(body, key, json_object_new_string(url)) ||
	    (resume && json_object_object_add(body, "resume", json_object_new_boolean(true))))
		r = err_nomem(e);
	text = r ? NULL : config_json_text(body, JSON_C_TO_STRING_PLAIN);
	if (!r)
		r = text ? vm_request(name, what, text, VM_WORK_MS, &reply, e) : err_nomem(e);
	json_object_put(body);
	return r;
}

static int run_snapshot(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct snapshot_args *a = args;
	char folder[PATH_MAX];
	int r = find_folder(a->folder, folder, e);

	(void)n;
	if (!r)
		r = request(a->name, VM_SNAPSHOT, "destination_url", folder, false, e);
	return r ? r : put_done(s, a->name, folder, "paused, written");
}

/* What the snapshot is of: this host is checked for it, and its memory may be locked. */
static int read_config(const char *folder, struct vm_config *config, struct err *e)
{
	struct json_object *object = NULL;
	char path[PATH_MAX + 16];
	_free_ char *text = NULL;
	size_t len;
	int r;

	snprintf(path, sizeof(path), "%s/config.json", folder);
	r = file_read(path, CONFIG_JSON_MAX, &text, &len, e);
	if (r) {
		err_hint(e, "'vdpactl vm snapshot' writes one");
		return r;
	}
	r = config_json_parse(text, len, &object, e);
	if (!r)
		r = vm_config_from_json(object, config, e);
	json_object_put(object);
	if (r)
		return err_prefix(e, "'%s'", path);
	r = vm_source_check(config, e);
	if (r) {
		vm_config_clear(config);
		err_prefix(e, "'%s'", path);
	}
	return r;
}

static int launch(struct session *s, const struct snapshot_args *a, const char *folder,
		  struct vm_config *config, struct err *e)
{
	struct vm_launch l = { .config = config, .detached = true };
	struct vmm_options options;
	char url[PATH_MAX + 16];
	int r = vm_folder_of(a->name, &l.folder, e);

	if (!r)
		r = vm_launch_check_name(&l.folder, e);
	if (!r)
		r = preflight(s, config, NULL, NULL, e);
	if (r)
		return r;
	if (vmm_options_init(&options))
		return err_nomem(e);
	snprintf(url, sizeof(url), "file://%s", folder);
	options.restore.source_url = strdup(url);
	options.restore.resume = !a->paused;
	l.options = &options;
	r = options.restore.source_url ? vm_launch_run(s, &l, e) : err_nomem(e);
	vmm_options_clear(&options);
	return r;
}

static int run_restore(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct snapshot_args *a = args;
	struct vm_config config;
	char folder[PATH_MAX];
	int r = find_folder(a->folder, folder, e);

	(void)n;
	if (!r && strchr(a->name, '/')) {
		r = request(a->name, VM_RESTORE, "source_url", folder, !a->paused, e);
	} else if (!r) {
		r = read_config(folder, &config, e);
		if (r)
			return r;
		r = launch(s, a, folder, &config, e);
		vm_config_clear(&config);
	}
	return r ? r : put_done(s, a->name, folder, a->paused ? "paused" : "running");
}

const struct command command_vm_snapshot = {
	.path = "vm snapshot",
	.summary = "Write a paused VM into a folder",
	.help = "What is written: config.json, state.json and the guest's memory. Disks and vDPA "
		"devices keep\ntheir data where it is. The VM stays paused.",
	.example = "vdpactl vm snapshot blk-demo /var/tmp/blk-demo",
	COMMAND_ARGS(snapshot_rows, snapshot_args),
	.run = run_snapshot,
};

const struct command command_vm_restore = {
	.path = "vm restore",
	.summary = "Let a guest go on from the snapshot in a folder",
	.help = "The VM is started as by 'vm start --detach', on a host with the same kind of "
		"processor, the same\ndisks and the same vDPA devices. The snapshot stays as it is.",
	.example = "vdpactl vm restore blk-demo /var/tmp/blk-demo",
	COMMAND_ARGS(restore_rows, snapshot_args),
	.run = run_restore,
};
