/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The API without its transport. */
#include "api/requests.h"

#include "api/json_build.h"
#include "api/vm_info.h"
#include "base/strbuf.h"
#include "config/config_json.h"
#include "config/vm_options.h"
#include "config/vmm_options.h"
#include "vmm_api/routes.h"

#include <errno.h>
#include <json-c/json.h>
#include <string.h>

/* Fills answer->body where there is something to say; a failure is in *fault. */
typedef int (*request_fn)(struct vmm *vmm, struct json_object *body, struct api_answer *answer,
			  struct vmm_fault *fault);

void api_answer_clear(struct api_answer *answer)
{
	json_object_put(answer->body);
	*answer = (struct api_answer){ 0 };
}

static int invalid(struct vmm_fault *fault, const char *what)
{
	return vmm_refuse(fault, VMM_INVALID, what);
}

static int ping(struct vmm *vmm, struct json_object *body, struct api_answer *answer,
		struct vmm_fault *fault)
{
	struct json_object *o = json_object_new_object(), *features = json_object_new_array();

	(void)vmm, (void)body, (void)fault;
	for (size_t i = 0; vmm_features[i]; i++)
		json_build_append(features, json_object_new_string(vmm_features[i]));
	json_build_add(o, "build_version", json_object_new_string("v" VERSION));
	json_build_add(o, "version", json_object_new_string(VERSION));
	json_build_add(o, "pid", json_object_new_int64(getpid()));
	json_build_add(o, "features", features);
	answer->body = o;
	return 0;
}

static int shut_down(struct vmm *vmm, struct json_object *body, struct api_answer *answer,
		     struct vmm_fault *fault)
{
	(void)vmm, (void)body, (void)fault;
	answer->stop = true;
	return 0;
}

static int create(struct vmm *vmm, struct json_object *body, struct api_answer *answer,
		  struct vmm_fault *fault)
{
	_vm_config_ struct vm_config config = { 0 };
	int r = vm_config_from_json(body, &config, &fault->err);

	(void)answer;
	if (r < 0) {
		config = (struct vm_config){ 0 };
		return invalid(fault, "the VmConfig is not valid");
	}
	if (vmm_refuse_fds(&config, &fault->err) < 0)
		return invalid(fault, "the VmConfig is not valid");
	return vmm_create_vm(vmm, &config, fault);
}

/* The verbs that take nothing and give nothing. */
#define PLAIN(name, verb)                                                                          \
	static int name(struct vmm *vmm, struct json_object *body, struct api_answer *answer,      \
			struct vmm_fault *fault)                                                   \
	{                                                                                          \
		(void)body, (void)answer;                                                          \
		return verb(vmm, fault);                                                           \
	}
PLAIN(delete_vm, vmm_delete_vm)
PLAIN(boot, vmm_boot)
PLAIN(shutdown_vm, vmm_shutdown_vm)
PLAIN(reboot, vmm_reboot)
PLAIN(pause_vm, vmm_pause)
PLAIN(resume_vm, vmm_resume)
PLAIN(power_button, vmm_power_button)
PLAIN(nmi, vmm_nmi)

static int info(struct vmm *vmm, struct json_object *body, struct api_answer *answer,
		struct vmm_fault *fault)
{
	int r = vmm_need_vm(vmm, fault);

	(void)body;
	if (r == 0)
		answer->body = vm_info(vmm);
	return r;
}

static int counters(struct vmm *vmm, struct json_object *body, struct api_answer *answer,
		    struct vmm_fault *fault)
{
	int r = vmm_need_machine(vmm, fault);

	(void)body;
	if (r == 0)
		answer->body = vm_counters(vmm);
	return r;
}

static int rings(struct vmm *vmm, struct json_object *body, struct api_answer *answer,
		 struct vmm_fault *fault)
{
	int r = vmm_need_machine(vmm, fault);

	(void)body;
	if (r == 0)
		answer->body = vm_rings(vmm);
	return r;
}

static int add_device(struct vmm *vmm, const struct option_section *section,
		      struct json_object *body, struct api_answer *answer, struct vmm_fault *fault)
{
	_vm_config_ struct vm_config next = { 0 };
	struct machine_place place;
	bool placed = false;
	char bdf[16];
	size_t i;
	void *record;
	int r = vmm_need_vm(vmm, fault);

	if (r < 0)
		return r;
	if (vm_config_copy(&next, &vmm->config) < 0) {
		next = (struct vm_config){ 0 };
		err_nomem(&fault->err);
		return vmm_refuse(fault, VMM_FAILED, "could not add the device");
	}
	origins_clear(&next.origins);
	next.origins.form = ORIGIN_JSON;
	record = vm_config_open(&next, section, &i, &fault->err);
	if (!record || option_record_from_json(section, body, record, &fault->err) < 0)
		return invalid(fault, "the device's configuration is not valid");
	if (section == &vm_section_vdpa && next.vdpas[i].fd >= 0) {
		next.vdpas[i].fd = -1; /* not ours */
		err_set(&fault->err, -EINVAL, "fd is taken on the command line only");
		return invalid(fault, "the device's configuration is not valid");
	}
	r = vmm_add_device(vmm, section, &next, &placed, &place, fault);
	if (r < 0 || !placed)
		return r;
	api_place_name(&place, bdf, sizeof(bdf));
	answer->body = json_object_new_object();
	json_build_add(answer->body, "id",
		       json_object_new_string(section == &vm_section_disk
						      ? vmm->config.disks[i].pci.id
						      : vmm->config.vdpas[i].pci.id));
	json_build_add(answer->body, "bdf", json_object_new_string(bdf));
	return 0;
}

static int add_vdpa(struct vmm *vmm, struct json_object *body, struct api_answer *answer,
		    struct vmm_fault *fault)
{
	return add_device(vmm, &vm_section_vdpa, body, answer, fault);
}

static int add_disk(struct vmm *vmm, struct json_object *body, struct api_answer *answer,
		    struct vmm_fault *fault)
{
	return add_device(vmm, &vm_section_disk, body, answer, fault);
}

/* The text of a key that the body must have; NULL with the fault filled. */
static const char *needed_text(struct json_object *body, const char *key, struct vmm_fault *fault)
{
	struct json_object *text = NULL;

	if (json_object_is_type(body, json_type_object) &&
	    json_object_object_get_ex(body, key, &text) &&
	    json_object_is_type(text, json_type_string))
		return json_object_get_string(text);
	err_set(&fault->err, -EINVAL, "a body {\"%s\": \"...\"} is needed", key);
	return NULL;
}

static int remove_device(struct vmm *vmm, struct json_object *body, struct api_answer *answer,
			 struct vmm_fault *fault)
{
	const char *id = needed_text(body, "id", fault);

	(void)answer;
	return id ? vmm_remove_device(vmm, id, fault)
		  : invalid(fault, "could not remove the device");
}

static int snapshot(struct vmm *vmm, struct json_object *body, struct api_answer *answer,
		    struct vmm_fault *fault)
{
	const char *url = needed_text(body, "destination_url", fault);

	(void)answer;
	return url ? vmm_snapshot(vmm, url, fault) : invalid(fault, "could not snapshot the VM");
}

static int restore(struct vmm *vmm, struct json_object *body, struct api_answer *answer,
		   struct vmm_fault *fault)
{
	struct vmm_restore record;
	int r = option_record_init(&vmm_section_restore, &record);

	(void)answer;
	if (r < 0) {
		err_nomem(&fault->err);
		return vmm_refuse(fault, VMM_FAILED, "could not restore the VM");
	}
	if (!needed_text(body, "source_url", fault) ||
	    option_record_from_json(&vmm_section_restore, body, &record, &fault->err) < 0)
		r = invalid(fault, "could not restore the VM");
	else
		r = vmm_restore_vm(vmm, &record, NULL, fault);
	option_record_clear(&vmm_section_restore, &record);
	return r;
}

static const request_fn handlers[VMM_REQUESTS] = {
	[VMM_PING] = ping,
	[VMM_SHUTDOWN] = shut_down,
	[VM_CREATE] = create,
	[VM_DELETE] = delete_vm,
	[VM_BOOT] = boot,
	[VM_INFO] = info,
	[VM_COUNTERS] = counters,
	[VM_RINGS] = rings,
	[VM_PAUSE] = pause_vm,
	[VM_RESUME] = resume_vm,
	[VM_SHUTDOWN] = shutdown_vm,
	[VM_REBOOT] = reboot,
	[VM_POWER_BUTTON] = power_button,
	[VM_NMI] = nmi,
	[VM_ADD_VDPA] = add_vdpa,
	[VM_ADD_DISK] = add_disk,
	[VM_REMOVE_DEVICE] = remove_device,
	[VM_SNAPSHOT] = snapshot,
	[VM_RESTORE] = restore,
};

static void refuse(const struct vmm_fault *fault, struct api_answer *answer)
{
	static const int statuses[] = {
		[VMM_FAILED] = 500,   [VMM_INVALID] = 400,     [VMM_NOT_FOUND] = 404,
		[VMM_CONFLICT] = 409, [VMM_UNSUPPORTED] = 501,
	};
	const struct err *e = &fault->err;
	_strbuf_ struct strbuf text = { 0 };

	json_object_put(answer->body);
	answer->status = statuses[fault->kind];
	answer->body = json_object_new_array();
	json_build_append(answer->body, json_object_new_string(fault->what));
	strbuf_printf(&text, "%s%s%s%s", e->text, *e->hint ? " (" : "", e->hint,
		      *e->hint ? ")" : "");
	if (text.len)
		json_build_append(answer->body, json_object_new_string(strbuf_text(&text)));
}

/* Reads the body where the request wants one, then does what it asks. */
static int perform(struct vmm *vmm, enum vmm_request request, const char *text, size_t len,
		   struct api_answer *answer, struct vmm_fault *fault)
{
	const struct vmm_route *route = &vmm_routes[request];
	struct json_object *body = NULL;
	int r;

	if (route->unsupported || !handlers[request]) {
		err_set(&fault->err, -EOPNOTSUPP, "%s is not supported by this VMM", route->name);
		return vmm_refuse(fault, VMM_UNSUPPORTED, "request not supported");
	}
	if (route->body != (len != 0)) {
		err_set(&fault->err, -EINVAL, "%s takes %s body", route->name,
			route->body ? "a JSON" : "no");
		return invalid(fault, "malformed request");
	}
	if (len && config_json_parse(text, len, &body, &fault->err) < 0)
		return invalid(fault, "the body is not valid JSON");
	r = handlers[request](vmm, body, answer, fault);
	json_object_put(body);
	return r;
}

void api_request(struct vmm *vmm, const char *method, const char *path, const char *body,
		 size_t len, struct api_answer *answer)
{
	enum vmm_request request = vmm_route_find(path);
	struct vmm_fault fault = { 0 };
	int r;

	if (request == VMM_REQUESTS) {
		err_set(&fault.err, -ENOENT, "there is no '%.200s'", path);
		r = vmm_refuse(&fault, VMM_NOT_FOUND, "unknown path");
	} else if (strcmp(method, vmm_routes[request].method) != 0) {
		err_set(&fault.err, -EINVAL, "%s takes %s, not %s", vmm_routes[request].name,
			vmm_routes[request].method, method);
		r = invalid(&fault, "wrong method");
	} else {
		r = perform(vmm, request, body, len, answer, &fault);
	}
	if (r < 0)
		refuse(&fault, answer);
	else
		answer->status = answer->body ? 200 : 204;
}
