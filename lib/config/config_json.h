/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configurations as JSON, with cloud-hypervisor's field names, both ways. */
#pragma once

#include "config/option.h"
#include "config/vm_config.h"

struct json_object;

enum {
	CONFIG_JSON_MAX = 4 << 20
}; /* bytes of a text */

/*
 * Parses one JSON value, at most 32 levels deep, in strict JSON and valid UTF-8, with nothing
 * behind it. *out is the caller's to put (json_object_put).
 */
int json_parse(const char *text, size_t len, struct json_object **out, struct err *e);

/* The same of a text of at most CONFIG_JSON_MAX bytes. */
int config_json_parse(const char *text, size_t len, struct json_object **out, struct err *e);

/*
 * A VmConfig object into an uninitialised configuration; on failure it holds nothing to release.
 * What is out of scope is refused by name (-EOPNOTSUPP) unless it is null, empty or at its default.
 */
int vm_config_from_json(struct json_object *object, struct vm_config *config, struct err *e);

/* One record (a VdpaConfig, a DiskConfig) into an initialised one. */
int option_record_from_json(const struct option_section *section, struct json_object *object,
			    void *record, struct err *e);

/* The VmConfig object; NULL when memory ran out. Absent options, `iommu: false` of a device and a
 * spare segment are left out. */
struct json_object *vm_config_to_json(const struct vm_config *config);

/*
 * The text of a value, NULL when memory ran out: json-c itself leaves out what it finds no room
 * for. Borrowed from the value; `flags` are json-c's.
 */
const char *config_json_text(struct json_object *value, int flags);

/* The object of one record, the same way. */
struct json_object *option_record_to_json(const struct option_section *section, const void *record);
