/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Profiles: no crash, what was read prints back to itself, and edits of it read back. */
#include "config/from_ini.h"
#include "config/ini_edit.h"
#include "config/to_ini.h"
#include "config/vm_config_check.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void print_back(const struct vm_config *config)
{
	_strbuf_ struct strbuf printed = { 0 }, again = { 0 };
	_vm_config_ struct vm_config back = { 0 };

	vm_config_to_ini(config, &printed);
	if (vm_config_from_ini(strbuf_text(&printed), printed.len, "p.ini", &back, NULL))
		abort();
	vm_config_to_ini(&back, &again);
	if (strcmp(strbuf_text(&printed), strbuf_text(&again)) != 0)
		abort();
}

/* Reading agrees with editing on where sections and keys are. */
static void edit(const char *text)
{
	static const struct ini_place place = { .section = "cpus", .key = "max_phys_bits" };
	_vm_config_ struct vm_config config = { 0 };
	_free_ char *out = NULL;

	if (ini_edit_set(text, &place, "40", &out, NULL))
		abort();
	if (vm_config_from_ini(out, strlen(out), "p.ini", &config, NULL))
		return; /* the file has become too long */
	if (config.cpus.max_phys_bits != 40)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_free_ char *text = strndup((const char *)data, size);
	_vm_config_ struct vm_config config = { 0 };

	if (!text || vm_config_from_ini((const char *)data, size, "p.ini", &config, NULL))
		return 0;
	print_back(&config);
	edit(text);
	vm_config_check_partial(&config, NULL);
	vm_config_assign_ids(&config, NULL);
	return 0;
}
