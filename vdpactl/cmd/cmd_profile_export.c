/* SPDX-License-Identifier: GPL-3.0-or-later */
/* profile export: a profile as other programs want it. */
#include "cmd/cmds.h"

#include "config/config_json.h"
#include "config/to_cli.h"
#include "profiles.h"
#include "qemu_words.h"
#include "shell/complete.h"
#include "vdpa/dev.h"
#include "vdpa/sysfs.h"
#include "vm/vm_config_source.h"

#include <json-c/json.h>
#include <string.h>

struct export_args {
	const char *name, *format;
};

static const char *const formats[] = { "vdpa-vmm", "cloud-hypervisor", "qemu", "json", NULL };

static const struct arg rows[] = {
	ARG_WORD_ROW(export_args, name, "PROFILE", "profile, by name or as a path with a slash",
		     .required = true, .complete = complete_profiles),
	{
		.name = "format",
		.style = ARG_OPTION,
		.type = ARG_WORD,
		.value = "FORMAT",
		.help = "for whom (vdpa-vmm)",
		.choices = formats,
		ARG_FIELD(export_args, format, const char *),
	},
};

/* cloud-hypervisor knows neither device= nor auto: what they mean on this host is put in. */
static int resolve(struct session *s, struct vm_config *config, struct err *e)
{
	int r = 0;

	for (size_t i = 0; !r && i < config->n_vdpas; i++) {
		struct vdpa_config *v = &config->vdpas[i];
		_vdpa_dev_ struct vdpa_dev d = { 0 };
		char node[VDPA_NODE_MAX];
		struct vdpa_nl *nl;

		if (!v->device)
			continue;
		r = vdpa_sysfs_node(NULL, v->device, node, e);
		if (!r && !v->num_queues)
			r = session_nl(s, &nl, e);
		if (!r && !v->num_queues)
			r = vdpa_dev_get(nl, v->device, &d, e);
		if (r)
			break;
		if (!v->num_queues)
			v->num_queues = (uint16_t)d.max_vqs;
		free(steal_ptr(&v->device));
		v->path = strdup(node);
		if (!v->path)
			r = err_nomem(e);
	}
	return r;
}

static int put_json(struct session *s, const struct vm_config *config, struct err *e)
{
	struct json_object *json = vm_config_to_json(config);
	const char *text;

	if (!json)
		return err_nomem(e);
	text = config_json_text(json,
				s->out.json ? JSON_C_TO_STRING_PLAIN : JSON_C_TO_STRING_PRETTY);
	if (text) {
		out_raw(&s->out, "config", text);
		out_line(&s->out, "%s", text);
	}
	json_object_put(json);
	return text ? 0 : err_nomem(e);
}

static int run(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct export_args *a = args;
	const char *format = a->format ? a->format : formats[0];
	_vm_config_ struct vm_config config = { 0 };
	_cli_words_ struct cli_words words = { 0 };
	_strbuf_ struct strbuf line = { 0 };
	int r = profiles_load(a->name, &config, e);

	(void)n;
	if (!r)
		r = vm_source_check(&config, e);
	if (r)
		return r;
	if (!strcmp(format, "json"))
		return put_json(s, &config, e);
	if (!strcmp(format, "qemu")) {
		r = qemu_words(&config, &words, e);
	} else {
		r = strcmp(format, "cloud-hypervisor") != 0 ? 0 : resolve(s, &config, e);
		if (!r && cli_words_add(&words, format))
			r = err_nomem(e);
		if (!r)
			r = vm_config_to_cli(&config, &words, e);
	}
	if (r)
		return r;
	cli_words_quote(&words, &line);
	out_list(&s->out, "command", NULL, (const char *const *)words.words, words.n);
	out_line(&s->out, "%s", strbuf_text(&line));
	return line.failed ? err_nomem(e) : 0;
}

const struct command command_profile_export = {
	.path = "profile export",
	.summary = "Print a profile as a command line of vdpa-vmm, cloud-hypervisor or QEMU, or as "
		   "JSON",
	.example = "vdpactl profile export blk-demo --format qemu",
	COMMAND_ARGS(rows, export_args),
	.run = run,
};
