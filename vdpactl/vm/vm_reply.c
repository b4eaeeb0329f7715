/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a VMM answers, as JSON, and what vm.info tells of a VM. */
#include "vm/vm_reply.h"

#include <errno.h>
#include <string.h>

int vm_ask(const char *name, enum vmm_request request, unsigned timeout_ms,
	   struct json_object **answer, struct err *e)
{
	_vmm_reply_ struct vmm_reply reply = { 0 };
	int r = vm_request(name, request, NULL, timeout_ms, &reply, e);

	if (r)
		return r;
	*answer = reply.body ? json_tokener_parse(reply.body) : NULL;
	if (json_object_is_type(*answer, json_type_object))
		return 0;
	json_object_put(*answer);
	return err_set(e, -EPROTO, "%s: the VMM's answer is no JSON object", name);
}

const char *vm_text_of(struct json_object *o, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(o, key, &value) ? json_object_get_string(value) : NULL;
}

bool vm_info_device(struct json_object *info, size_t i, const char **id, const char **on_host)
{
	static const char *const lists[] = { "disks", "vdpa" };
	struct json_object *config, *list;

	if (!json_object_object_get_ex(info, "config", &config))
		return false;
	for (size_t k = 0; k < ARRAY_SIZE(lists); k++) {
		struct json_object *device;
		size_t n;

		if (!json_object_object_get_ex(config, lists[k], &list) ||
		    !json_object_is_type(list, json_type_array))
			continue;
		n = json_object_array_length(list);
		if (i >= n) {
			i -= n;
			continue;
		}
		device = json_object_array_get_idx(list, i);
		*id = vm_text_of(device, "id");
		*on_host = vm_text_of(device, "device");
		if (!*on_host)
			*on_host = vm_text_of(device, "path");
		return true;
	}
	return false;
}

const char *vm_info_on_host(struct json_object *info, const char *id)
{
	const char *its, *on_host;

	for (size_t i = 0; vm_info_device(info, i, &its, &on_host); i++)
		if (its && !strcmp(its, id))
			return on_host;
	return NULL;
}
