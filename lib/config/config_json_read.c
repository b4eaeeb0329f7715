/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON to configurations: each value becomes the text that its option row takes. */
#include "config/config_json.h"

#include "base/strbuf.h"
#include "config/vm_options.h"

#include <ctype.h>
#include <errno.h>
#include <json-c/json.h>
#include <string.h>

static const char *const topology_parts[] = {
	"threads_per_core",
	"cores_per_die",
	"dies_per_package",
	"packages",
};

/* Members of cloud-hypervisor's VmConfig that this VMM has nothing for. */
static const char *const unsupported_members[] = {
	"balloon",       "debug_console",
	"devices",       "fs",
	"gdb",           "generic_vhost_user",
	"ivshmem",       "net",
	"numa",          "pmem",
	"pvmemcontrol",  "pvpanic",
	"rtc",           "rate_limit_groups",
	"tpm",           "user_devices",
	"vsock",         "watchdog",
	"preserved_fds", "sgx_epc",
};

static bool is_empty(struct json_object *value);

/* A device whose mode is Off. */
static bool is_off(struct json_object *value)
{
	struct json_object *mode;

	return json_object_object_get_ex(value, "mode", &mode) &&
	       json_object_is_type(mode, json_type_string) &&
	       strcmp(json_object_get_string(mode), "Off") == 0;
}

/* An object of empty members. */
static bool is_empty_object(struct json_object *value)
{
	json_object_object_foreach (value, key, member) {
		(void)key;
		if (!is_empty(member))
			return false;
	}
	return true;
}

/* Does the value say nothing? The depth of the text bounds the recursion. */
static bool is_empty(struct json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_null:
		return true;
	case json_type_boolean:
		return !json_object_get_boolean(value);
	case json_type_int:
		return json_object_get_int64(value) == 0;
	case json_type_string:
		return json_object_get_string_len(value) == 0;
	case json_type_array:
		return json_object_array_length(value) == 0;
	case json_type_object:
		return is_empty_object(value);
	case json_type_double:
	default:
		return false;
	}
}

static int expected(const char *what, struct json_object *value, struct err *e)
{
	return err_set(e, -EINVAL, "a value of type %s is expected, not %s", what,
		       json_type_to_name(json_object_get_type(value)));
}

/* PascalCase, as enums have it in JSON, to the words of the command line: VirtioMem, virtio-mem. */
static void enum_text(const char *word, struct strbuf *out)
{
	for (const char *p = word; *p; p++) {
		if (p > word && isupper((unsigned char)*p))
			strbuf_putc(out, '-');
		strbuf_putc(out, (char)tolower((unsigned char)*p));
	}
}

static int string_text(const struct option *o, struct json_object *value, struct strbuf *out,
		       struct err *e)
{
	const char *text = json_object_get_string(value);

	if (!json_object_is_type(value, json_type_string))
		return expected("string", value, e);
	if (strlen(text) != (size_t)json_object_get_string_len(value))
		return err_set(e, -EINVAL, "a NUL in the string");
	if (o->type == OPTION_CHOICE || !option_has_value(o))
		enum_text(text, out);
	else
		strbuf_puts(out, text);
	return 0;
}

static void number(struct json_object *value, struct strbuf *out)
{
	const char *text = json_object_to_json_string(value);

	if (text && *text)
		strbuf_puts(out, text);
	else
		out->failed = true;
}

static int number_text(const struct option *o, struct json_object *value, struct strbuf *out,
		       struct err *e)
{
	if (o->zero && json_object_is_type(value, json_type_string) &&
	    strcmp(json_object_get_string(value), o->zero) == 0) {
		strbuf_puts(out, o->zero);
		return 0;
	}
	if (!json_object_is_type(value, json_type_int))
		return expected("integer", value, e);
	if (o->zero && json_object_get_int64(value) == 0)
		strbuf_puts(out, o->zero);
	else
		number(value, out);
	return 0;
}

static int list_text(struct json_object *value, struct strbuf *out, struct err *e)
{
	size_t n;

	if (!json_object_is_type(value, json_type_array))
		return expected("array", value, e);
	n = json_object_array_length(value);
	strbuf_putc(out, '[');
	for (size_t i = 0; i < n; i++) {
		struct json_object *element = json_object_array_get_idx(value, i);

		if (!json_object_is_type(element, json_type_int))
			return expected("integer", element, e);
		strbuf_puts(out, i ? "," : "");
		number(element, out);
	}
	strbuf_putc(out, ']');
	return 0;
}

static int topology_text(struct json_object *value, struct strbuf *out, struct err *e)
{
	if (!json_object_is_type(value, json_type_object))
		return expected("object", value, e);
	for (size_t i = 0; i < ARRAY_SIZE(topology_parts); i++) {
		struct json_object *part;

		if (!json_object_object_get_ex(value, topology_parts[i], &part))
			return err_set(e, -EINVAL, "%s missing", topology_parts[i]);
		if (!json_object_is_type(part, json_type_int))
			return expected("integer", part, e);
		strbuf_puts(out, i ? ":" : "");
		number(part, out);
	}
	return 0;
}

/* The text that the row takes for a JSON value. */
static int value_text(const struct option *o, struct json_object *value, struct strbuf *out,
		      struct err *e)
{
	switch (o->type) {
	case OPTION_TOGGLE:
		if (!json_object_is_type(value, json_type_boolean))
			return expected("boolean", value, e);
		strbuf_puts(out, json_object_get_boolean(value) ? "on" : "off");
		return 0;
	case OPTION_UINT:
	case OPTION_INT:
	case OPTION_SIZE:
		return number_text(o, value, out, e);
	case OPTION_TOPOLOGY:
		return topology_text(value, out, e);
	case OPTION_LIST:
		return list_text(value, out, e);
	case OPTION_STRING:
	case OPTION_MAC:
	case OPTION_CHOICE:
	case OPTION_MODE_PATH:
	default:
		return string_text(o, value, out, e);
	}
}

static const char *json_name(const struct option *o)
{
	return o->json ? o->json : o->key;
}

static int set_unsupported(const struct option *o, struct json_object *value, void *record,
			   struct err *e)
{
	_strbuf_ struct strbuf text = { 0 };

	if (o->type != OPTION_TOGGLE && is_empty(value))
		return 0;
	if (!value_text(o, value, &text, NULL) && !text.failed &&
	    !option_set(o, record, strbuf_text(&text), NULL))
		return 0;
	return err_set(e, -EOPNOTSUPP, "%s is not supported by this VMM", json_name(o));
}

/* `"mode": "Tty", "file": "/x"` is a terminal: the path is of another mode. */
static bool is_of_other_mode(const struct option_section *section, const struct option *o,
			     struct json_object *object, const void *record)
{
	_strbuf_ struct strbuf mode = { 0 };
	struct json_object *given;

	if (o->type != OPTION_MODE_PATH || !json_object_object_get_ex(object, "mode", &given))
		return false;
	option_get(option_find(section, "mode"), record, &mode);
	return strcmp(strbuf_text(&mode), o->key) != 0;
}

static int set_member(const struct option *o, struct json_object *value, void *record,
		      struct err *e)
{
	_strbuf_ struct strbuf text = { 0 };
	int r;

	if (!option_has_value(o))
		return set_unsupported(o, value, record, e);
	if (o->flags & OPTION_PROFILE_ONLY)
		return is_empty(value)
			       ? 0
			       : err_set(e, -EINVAL, "%s is for profiles only", json_name(o));
	r = value_text(o, value, &text, e);
	if (!r && text.failed)
		r = err_nomem(e);
	if (!r)
		r = option_set_value(o, record, strbuf_text(&text), e);
	if (r)
		err_prefix(e, "%s", json_name(o));
	return r;
}

static int check_members(const struct option_section *section, struct json_object *object,
			 struct err *e)
{
	json_object_object_foreach (object, name, value) {
		bool known = is_empty(value);

		for (size_t i = 0; i < section->n_options && !known; i++)
			known = strcmp(json_name(&section->options[i]), name) == 0;
		if (!known)
			return option_unknown(section, name, e);
	}
	return 0;
}

static int set_members(const struct option_section *section, struct json_object *object,
		       void *record, struct err *e)
{
	for (size_t i = 0; i < section->n_options; i++) {
		const struct option *o = &section->options[i];
		struct json_object *value;
		int r;

		if (!json_object_object_get_ex(object, json_name(o), &value) || !value ||
		    is_of_other_mode(section, o, object, record))
			continue;
		r = set_member(o, value, record, e);
		if (r)
			return r;
	}
	return 0;
}

int option_record_from_json(const struct option_section *section, struct json_object *object,
			    void *record, struct err *e)
{
	int r;

	if (!json_object_is_type(object, json_type_object))
		return expected("object", object, e);
	r = set_members(section, object, record, e);
	return r ? r : check_members(section, object, e);
}

static int read_record(const struct option_section *section, struct json_object *object,
		       struct vm_config *config, struct err *e)
{
	size_t index;
	void *record = vm_config_open(config, section, &index, e);
	int r;

	if (!record)
		return -ENOMEM;
	r = option_record_from_json(section, object, record, e);
	if (r)
		origins_prefix(&config->origins, section, index, NULL, e);
	return r;
}

static int read_section(const struct option_section *section, struct json_object *value,
			struct vm_config *config, struct err *e)
{
	size_t n;
	int r = 0;

	if (!value)
		return 0;
	if (!section->list)
		return read_record(section, value, config, e);
	if (!json_object_is_type(value, json_type_array)) {
		expected("array", value, e);
		return err_prefix(e, "%s", section->json);
	}
	n = json_object_array_length(value);
	for (size_t i = 0; i < n && !r; i++)
		r = read_record(section, json_object_array_get_idx(value, i), config, e);
	return r;
}

static const struct option_section *section_of(const char *member)
{
	for (const struct option_section *const *s = vm_sections; *s; s++)
		if (*(*s)->json && strcmp((*s)->json, member) == 0)
			return *s;
	return NULL;
}

/* A member that is no section: of the machine as a whole, derived, or not ours. */
static int check_member(const char *name, struct json_object *value, struct err *e)
{
	/* Follows from the devices and segments behind it. */
	if (strcmp(name, "iommu") == 0)
		return 0;
	/* A device that is given is one, however little is said of it. */
	if (json_object_is_type(value, json_type_object) ? is_off(value) : is_empty(value))
		return 0;
	for (size_t i = 0; i < vm_section_vm.n_options; i++)
		if (strcmp(json_name(&vm_section_vm.options[i]), name) == 0)
			return 0;
	for (size_t i = 0; i < ARRAY_SIZE(unsupported_members); i++)
		if (strcmp(unsupported_members[i], name) == 0)
			return err_set(e, -EOPNOTSUPP, "%s is not supported by this VMM", name);
	return err_set(e, -EINVAL, "unknown member: %s", name);
}

static int read_config(struct json_object *object, struct vm_config *config, struct err *e)
{
	int r;

	if (!json_object_is_type(object, json_type_object))
		return expected("object", object, e);
	r = set_members(&vm_section_vm, object, config, e);
	json_object_object_foreach (object, name, value) {
		const struct option_section *section = section_of(name);

		if (!r)
			r = section ? read_section(section, value, config, e)
				    : check_member(name, value, e);
	}
	return r;
}

int vm_config_from_json(struct json_object *object, struct vm_config *config, struct err *e)
{
	struct err own = { 0 };
	int r;

	if (vm_config_init(config))
		return err_nomem(e);
	config->origins.form = ORIGIN_JSON;
	r = read_config(object, config, e ? e : &own);
	if (r)
		vm_config_clear(config);
	return r;
}
