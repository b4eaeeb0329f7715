/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Option strings of every section: no crash, and what was taken prints back to itself. */
#include "config/option_string.h"
#include "config/vm_config.h"
#include "config/vm_options.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_section(const struct option_section *section, const char *text)
{
	_vm_config_ struct vm_config first, second;
	_strbuf_ struct strbuf printed = { 0 }, again = { 0 };
	void *record;

	if (vm_config_init(&first) || vm_config_init(&second))
		abort();
	record = vm_config_open(&first, section, NULL, NULL);
	if (!record || option_string_parse(section, record, text, NULL))
		return;
	option_string_print(section, record, &printed);
	record = vm_config_open(&second, section, NULL, NULL);
	/* A console in its default mode prints as nothing, which is no mode. */
	if (!printed.len)
		return;
	if (!record || option_string_parse(section, record, strbuf_text(&printed), NULL))
		abort();
	option_string_print(section, record, &again);
	if (strcmp(strbuf_text(&printed), strbuf_text(&again)) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_free_ char *text = strndup((const char *)data, size);

	for (const struct option_section *const *s = vm_sections; text && *s; s++)
		if (!(*s)->flat)
			try_section(*s, text);
	return 0;
}
