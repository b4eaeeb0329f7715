/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a command takes a VM's configuration from: a profile, or options of vdpa-vmm. */
#include "vm/vm_config_source.h"

#include "config/from_cli.h"
#include "config/vm_config_check.h"
#include "profiles.h"

#include <errno.h>

void vm_source_clear(struct vm_source *source)
{
	vm_config_clear(&source->config);
	vmm_options_clear(&source->options);
}

static int from_words(const struct arg_words *words, bool partial, struct vm_source *source,
		      struct err *e)
{
	static char program[] = "vdpa-vmm";
	_free_ char **argv = calloc(words->n + 2, sizeof(*argv));

	if (!argv)
		return err_nomem(e);
	argv[0] = program;
	for (size_t i = 0; i < words->n; i++)
		/* The parser takes what main() gets and writes to none of it. */
		argv[i + 1] = (char *)(uintptr_t)words->list[i];
	return (partial ? vm_cli_parse_partial : vm_cli_parse)(
		(int)words->n + 1, argv, &source->config, &source->options, e);
}

static int check(struct vm_config *config, bool partial, struct err *e)
{
	uint32_t max = config->cpus.max;
	int r = partial ? vm_config_check_partial(config, e) : vm_config_check(config, e);

	config->cpus.max = max;
	return r;
}

int vm_source_check(struct vm_config *config, struct err *e)
{
	return check(config, false, e);
}

static int settle(struct vm_source *source, bool partial, struct err *e)
{
	if (!source->options.restore.source_url)
		return check(&source->config, partial, e);
	err_misuse(e, "--restore: a snapshot brings its configuration along");
	return err_hint(e, "'vdpactl vm restore' starts a VM from one");
}

int vm_source_settle(struct vm_source *source, struct err *e)
{
	return settle(source, false, e);
}

/* A wrong value on this program's command line is misuse, though not on that of vdpa-vmm. */
static int words_failed(int code, struct err *e)
{
	if (e && code != -ENOMEM)
		e->misuse = true;
	return code;
}

static int get(const char *profile, const struct arg_words *words, bool partial,
	       struct vm_source *source, struct err *e)
{
	int r;

	*source = (struct vm_source){ .given = profile || words->n };
	if (profile && words->n)
		return err_misuse(e, "profile '%s' and option '%s' cannot go together", profile,
				  words->list[0]);
	if (!source->given) {
		r = vm_config_init(&source->config);
		if (!r)
			r = vmm_options_init(&source->options);
		return r ? err_nomem(e) : 0;
	}
	if (profile) {
		if (vmm_options_init(&source->options))
			return err_nomem(e);
		r = profiles_load(profile, &source->config, e);
		if (r)
			vmm_options_clear(&source->options);
	} else {
		r = from_words(words, partial, source, e);
	}
	if (r)
		return words->n ? words_failed(r, e) : r;
	if (source->options.api_socket.path || source->options.api_socket.fd >= 0)
		r = err_misuse(e, "--api-socket: the VM's folder has its API socket");
	if (!r)
		r = settle(source, partial, e);
	if (!r)
		return 0;
	vm_source_clear(source);
	return words->n ? words_failed(r, e) : r;
}

int vm_source_get(const char *profile, const struct arg_words *words, struct vm_source *source,
		  struct err *e)
{
	return get(profile, words, false, source, e);
}

int vm_source_get_partial(const char *profile, const struct arg_words *words,
			  struct vm_source *source, struct err *e)
{
	return get(profile, words, true, source, e);
}
