/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Live names that complete values: devices, management devices, modules, users. */
#include "shell/complete.h"

#include "host/accounts.h"
#include "host/checks.h"
#include "host/modules.h"
#include "vdpa/dev.h"
#include "vdpa/mgmtdev.h"
#include "vm/vm_folder.h"
#include "vm/vm_reply.h"

#include <dirent.h>
#include <string.h>

void complete_devices(struct session *s, struct completion *c)
{
	_vdpa_dev_list_ struct vdpa_dev_list list = { 0 };
	struct vdpa_nl *nl;

	if (session_nl(s, &nl, NULL) || vdpa_dev_list(nl, &list, NULL))
		return;
	for (size_t i = 0; i < list.n; i++)
		completion_add(c, list.items[i].name, list.items[i].mgmtdev);
}

void complete_mgmtdevs(struct session *s, struct completion *c)
{
	_vdpa_mgmtdev_list_ struct vdpa_mgmtdev_list list = { 0 };
	struct vdpa_nl *nl;

	if (session_nl(s, &nl, NULL) || vdpa_mgmtdev_list(nl, &list, NULL))
		return;
	for (size_t i = 0; i < list.n; i++)
		completion_add(c, list.items[i].handle, NULL);
}

void complete_modules(struct session *s, struct completion *c)
{
	(void)s;
	for (size_t i = 0; i < module_rows_n; i++)
		completion_add(c, module_rows[i].name, module_rows[i].summary);
}

void complete_loaded_modules(struct session *s, struct completion *c)
{
	(void)s;
	for (size_t i = 0; i < module_rows_n; i++) {
		_module_info_ struct module_info info = { 0 };

		if (!module_info_get(NULL, module_rows[i].name, &info, NULL) &&
		    info.state == MODULE_LOADED)
			completion_add(c, module_rows[i].name, module_rows[i].summary);
	}
}

/* Modules, and the parameters of the one before. */
void complete_module_words(struct session *s, struct completion *c)
{
	_strbuf_ struct strbuf sb = { 0 };
	const char *module = NULL;
	char *save = NULL;

	/* "module", "load" */
	for (size_t i = c->n_words; i > 2 && !module; i--)
		if (!strchr(c->words[i - 1], '=') && c->words[i - 1][0] != '-')
			module = c->words[i - 1];
	if (module)
		module_modinfo(module, "parm", &sb);
	for (char *line = sb.text ? strtok_r(sb.text, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		char *colon = strchr(line, ':');
		char param[64];

		if (!colon)
			continue;
		snprintf(param, sizeof(param), "%.*s=", (int)(colon - line), line);
		/* Only then does the word go on. */
		if (c->partial[0] && !strncmp(param, c->partial, strlen(c->partial)))
			c->no_space = true;
		completion_add(c, param, colon + 1 + strspn(colon + 1, " "));
	}
	complete_modules(s, c);
}

static void add_name(void *c, const char *name)
{
	completion_add(c, name, NULL);
}

void complete_users(struct session *s, struct completion *c)
{
	(void)s;
	account_names(ACCOUNT_USER, add_name, c);
}

/* Services of the administrator and of packages. */
void complete_units(struct session *s, struct completion *c)
{
	static const char *const folders[] = { "/etc/systemd/system", "/usr/lib/systemd/system" };

	(void)s;
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		DIR *d = opendir(folders[i]);
		const struct dirent *entry;

		while (d && (entry = readdir(d))) {
			const char *end = strrchr(entry->d_name, '.');

			if (end && !strcmp(end, ".service"))
				completion_add(c, entry->d_name, NULL);
		}
		if (d)
			closedir(d);
	}
}

void complete_files(struct session *s, struct completion *c)
{
	(void)s;
	c->files = true;
}

void complete_checks(struct session *s, struct completion *c)
{
	(void)s;
	for (size_t i = 0; i < host_checks_n; i++)
		completion_add(c, host_checks[i]->id, host_checks[i]->summary);
}

void complete_vms(struct session *s, struct completion *c)
{
	_words_ struct words names = { 0 };

	(void)s;
	if (vm_folder_list(&names, NULL))
		return;
	for (size_t i = 0; i < names.n; i++)
		completion_add(c, names.list[i], NULL);
}

/* Those that a guest can give back, of the VM before. */
void complete_vm_devices(struct session *s, struct completion *c)
{
	struct json_object *info;
	const char *id, *on_host;

	(void)s;
	/* "vm", "remove-device" and the VM */
	if (c->n_words < 3 || vm_ask(c->words[2], VM_INFO, VM_COMPLETE_MS, &info, NULL))
		return;
	for (size_t i = 0; vm_info_device(info, i, &id, &on_host); i++)
		if (id)
			completion_add(c, id, on_host);
	json_object_put(info);
}
