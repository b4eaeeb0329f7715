/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configurations to INI profiles. */
#include "config/to_ini.h"

#include "config/ini_syntax.h"
#include "config/vm_options.h"

#include <string.h>

static bool is_written(const struct option_section *section, const struct option *o,
		       const void *record, struct strbuf *out)
{
	_strbuf_ struct strbuf value = { 0 };

	if (!option_has_value(o) || option_is_default_or_fail(o, record, out))
		return false;
	/* `file = PATH` says the mode too. */
	option_get(o, record, &value);
	return !(o->flags & OPTION_BARE && option_find(section, strbuf_text(&value)));
}

static void print_keys(const struct option_section *section, const void *record, bool labelled,
		       struct strbuf *out)
{
	for (size_t i = 0; i < section->n_options; i++) {
		const struct option *o = &section->options[i];
		_strbuf_ struct strbuf value = { 0 };

		if (!is_written(section, o, record, out) ||
		    (labelled && strcmp(o->key, section->label) == 0))
			continue;
		option_get(o, record, &value);
		strbuf_printf(out, "%s = ", o->key);
		ini_value_print(strbuf_text(&value), out);
		strbuf_putc(out, '\n');
		out->failed |= value.failed;
	}
}

static bool is_all_default(const struct option_section *section, const void *record,
			   struct strbuf *out)
{
	for (size_t i = 0; i < section->n_options; i++)
		if (!option_is_default_or_fail(&section->options[i], record, out))
			return false;
	return true;
}

/* Has an earlier section of this kind the same label? A head may name it only once. */
static bool is_label_taken(const struct vm_config *config, const struct option_section *section,
			   size_t before, const char *label)
{
	for (size_t i = 0; i < before; i++) {
		_strbuf_ struct strbuf other = { 0 };

		option_get(option_find(section, section->label),
			   vm_config_record(config, section, i), &other);
		if (strcmp(strbuf_text(&other), label) == 0)
			return true;
	}
	return false;
}

static void print_record(const struct vm_config *config, const struct option_section *section,
			 size_t index, struct strbuf *out)
{
	const void *record = vm_config_record(config, section, index);
	_strbuf_ struct strbuf label = { 0 };
	bool labelled = false;

	if (section->label) {
		option_get(option_find(section, section->label), record, &label);
		labelled = ini_label_fits(section->name, strbuf_text(&label)) &&
			   !is_label_taken(config, section, index, strbuf_text(&label));
	}
	if (out->len)
		strbuf_putc(out, '\n');
	ini_head_print(section->name, labelled ? strbuf_text(&label) : NULL, out);
	print_keys(section, record, labelled, out);
	out->failed |= label.failed;
}

void vm_config_to_ini(const struct vm_config *config, struct strbuf *out)
{
	for (const struct option_section *const *s = vm_sections; *s; s++) {
		bool always = (*s)->list || (*s == &vm_section_platform && config->has_platform);

		for (size_t i = 0; i < vm_config_count(config, *s); i++) {
			const void *record = vm_config_record(config, *s, i);

			if (always || !is_all_default(*s, record, out))
				print_record(config, *s, i, out);
		}
	}
}
