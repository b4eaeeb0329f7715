/* SPDX-License-Identifier: GPL-3.0-or-later */
/* VmConfig JSON: no crash, and what was read prints back to itself. */
#include "config/config_json.h"
#include "config/vm_config_check.h"

#include <json-c/json.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct json_object *read_and_print(struct json_object *in)
{
	_vm_config_ struct vm_config config = { 0 };
	struct json_object *out;

	if (vm_config_from_json(in, &config, NULL))
		return NULL;
	out = vm_config_to_json(&config);
	vm_config_check_partial(&config, NULL);
	return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_object *in, *printed, *again;

	if (config_json_parse((const char *)data, size, &in, NULL))
		return 0;
	printed = read_and_print(in);
	json_object_put(in);
	if (!printed)
		return 0;
	again = read_and_print(printed);
	if (!again ||
	    strcmp(json_object_to_json_string(printed), json_object_to_json_string(again)) != 0)
		abort();
	json_object_put(printed);
	json_object_put(again);
	return 0;
}
