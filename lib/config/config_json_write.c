/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configurations to JSON. */
#include "config/config_json.h"

#include "base/parse.h"
#include "base/strbuf.h"
#include "config/vm_config_check.h"
#include "config/vm_options.h"

#include <ctype.h>
#include <json-c/json.h>
#include <string.h>

static struct json_object *list_value(const char *text)
{
	return json_tokener_parse(text);
}

/* "2:1:1:1" to the object that cloud-hypervisor has for it. */
static struct json_object *topology_value(const char *text)
{
	static const char *const parts[] = { "threads_per_core", "cores_per_die",
					     "dies_per_package", "packages" };
	struct json_object *object = json_object_new_object();

	for (size_t i = 0; object && i < ARRAY_SIZE(parts); i++) {
		size_t n = strcspn(text, ":");
		char word[8];
		uint64_t v = 0;

		snprintf(word, sizeof(word), "%.*s", (int)n, text);
		if (parse_uint(word, 0, UINT16_MAX, &v, NULL))
			break;
		json_object_object_add(object, parts[i], json_object_new_int((int)v));
		text += n + (text[n] == ':');
	}
	return object;
}

static struct json_object *number_value(const struct option *o, const char *text)
{
	uint64_t v = 0;

	if (o->zero && strcmp(text, o->zero) == 0)
		return json_object_new_int(0);
	if (parse_size(text, &v, NULL))
		return NULL;
	return json_object_new_uint64(v);
}

static struct json_object *choice_value(const char *text)
{
	_free_ char *word = strdup(text);

	if (!word)
		return NULL;
	word[0] = (char)toupper((unsigned char)word[0]);
	return json_object_new_string(word);
}

static struct json_object *value_of(const struct option *o, const char *text)
{
	switch (o->type) {
	case OPTION_TOGGLE:
		return json_object_new_boolean(strcmp(text, "on") == 0);
	case OPTION_UINT:
	case OPTION_INT:
	case OPTION_SIZE:
		return number_value(o, text);
	case OPTION_TOPOLOGY:
		return topology_value(text);
	case OPTION_LIST:
		return list_value(text);
	case OPTION_CHOICE:
		return choice_value(text);
	case OPTION_STRING:
	case OPTION_MAC:
	case OPTION_MODE_PATH:
	default:
		return json_object_new_string(text);
	}
}

/* Absent values are left out, and so are those whose absence says the same to every client: an
 * option that is quiet, a queue size left to the device, an identifier that nobody can give. */
static bool is_left_out(const struct option *o, const void *record, const char *text)
{
	if (!option_has_value(o) || o->flags & OPTION_PROFILE_ONLY || !*text)
		return true;
	if (strcmp(o->key, "id") == 0 && strncmp(text, "__", 2) == 0)
		return true;
	return option_is_default(o, record) &&
	       (o->flags & OPTION_QUIET || (o->zero && strcmp(text, o->zero) == 0));
}

static bool add_members(const struct option_section *section, const void *record,
			struct json_object *object)
{
	for (size_t i = 0; i < section->n_options; i++) {
		const struct option *o = &section->options[i];
		_strbuf_ struct strbuf text = { 0 };
		struct json_object *value;

		option_get(o, record, &text);
		if (text.failed)
			return false;
		if (is_left_out(o, record, strbuf_text(&text)))
			continue;
		value = value_of(o, strbuf_text(&text));
		if (!value || json_object_object_add(object, o->json ? o->json : o->key, value)) {
			json_object_put(value);
			return false;
		}
	}
	return true;
}

struct json_object *option_record_to_json(const struct option_section *section, const void *record)
{
	struct json_object *object = json_object_new_object();

	if (object && !add_members(section, record, object)) {
		json_object_put(object);
		return NULL;
	}
	return object;
}

static struct json_object *list_to_json(const struct vm_config *config,
					const struct option_section *section)
{
	struct json_object *array = json_object_new_array();
	size_t n = vm_config_count(config, section);

	for (size_t i = 0; array && i < n; i++) {
		struct json_object *record =
			option_record_to_json(section, vm_config_record(config, section, i));

		if (!record || json_object_array_add(array, record)) {
			json_object_put(record);
			json_object_put(array);
			return NULL;
		}
	}
	return array;
}

static bool add_section(const struct vm_config *config, const struct option_section *section,
			struct json_object *object)
{
	struct json_object *value;

	if (section == &vm_section_vm)
		return add_members(section, config, object);
	if ((section->list && !vm_config_count(config, section)) ||
	    (section == &vm_section_platform && !config->has_platform))
		return true;
	value = section->list
			? list_to_json(config, section)
			: option_record_to_json(section, vm_config_record(config, section, 0));
	if (!value || json_object_object_add(object, section->json, value)) {
		json_object_put(value);
		return false;
	}
	return true;
}

/* A shallow copy, as it was asked for: a segment that is there unasked comes again by itself. */
static struct vm_config as_asked(const struct vm_config *config)
{
	struct vm_config asked = *config;

	if (asked.platform.spare_segment) {
		asked.platform.num_pci_segments--;
		asked.platform.n_iommu_segments = 0;
	}
	return asked;
}

struct json_object *vm_config_to_json(const struct vm_config *config)
{
	const struct vm_config asked = as_asked(config);
	struct json_object *object = json_object_new_object();
	struct json_object *iommu = json_object_new_boolean(vm_config_has_iommu(&asked));
	bool ok = object && iommu && json_object_object_add(object, "iommu", iommu) == 0;

	if (!ok)
		json_object_put(iommu);
	for (const struct option_section *const *s = vm_sections; *s && ok; s++)
		ok = add_section(&asked, *s, object);
	if (ok)
		return object;
	json_object_put(object);
	return NULL;
}
