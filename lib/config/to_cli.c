/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A configuration as a `vdpa-vmm` command line, and words quoted for a shell. */
#include "config/to_cli.h"

#include "config/cli_options.h"
#include "config/option_string.h"
#include "config/vm_options.h"

#include <errno.h>
#include <string.h>

int cli_words_add(struct cli_words *words, const char *word)
{
	char *copy = strdup(word);
	char **grown = realloc(words->words, (words->n + 2) * sizeof(*grown));

	if (grown)
		words->words = grown;
	if (!copy || !grown) {
		free(copy);
		return -ENOMEM;
	}
	words->words[words->n++] = copy;
	words->words[words->n] = NULL;
	return 0;
}

void cli_words_free(struct cli_words *words)
{
	for (size_t i = 0; i < words->n; i++)
		free(words->words[i]);
	free(words->words);
	*words = (struct cli_words){ 0 };
}

/* A value that begins with a dash must not stand as a word of its own. */
static int add_option(struct cli_words *out, const char *name, const char *value)
{
	_strbuf_ struct strbuf word = { 0 };

	strbuf_printf(&word, "--%s", name);
	if (value && value[0] == '-')
		strbuf_printf(&word, "=%s", value);
	if (word.failed || cli_words_add(out, strbuf_text(&word)))
		return -ENOMEM;
	return value && value[0] != '-' ? cli_words_add(out, value) : 0;
}

static int add_keys(const struct option_section *section, const void *record, struct cli_words *out)
{
	int r = 0;

	for (size_t i = 0; i < section->n_options && !r; i++) {
		const struct option *o = &section->options[i];
		_strbuf_ struct strbuf value = { 0 };

		if (option_is_default(o, record) || o->flags & OPTION_PROFILE_ONLY)
			continue;
		option_get(o, record, &value);
		r = value.failed
			    ? -ENOMEM
			    : add_option(out, o->key,
					 o->type == OPTION_TOGGLE ? NULL : strbuf_text(&value));
	}
	return r;
}

static int add_record(const struct option_section *section, const void *record, bool always,
		      struct cli_words *out)
{
	_strbuf_ struct strbuf text = { 0 };

	option_string_print(section, record, &text);
	if (text.failed)
		return -ENOMEM;
	return always || text.len ? add_option(out, section->name, strbuf_text(&text)) : 0;
}

int vm_config_to_cli(const struct vm_config *config, struct cli_words *out, struct err *e)
{
	int r = 0;

	for (const struct option_section *const *s = vm_sections; *s && !r; s++) {
		bool always = (*s)->list || (*s == &vm_section_platform && config->has_platform);

		for (size_t i = 0; i < vm_config_count(config, *s) && !r; i++) {
			const void *record = vm_config_record(config, *s, i);

			r = (*s)->flat ? add_keys(*s, record, out)
				       : add_record(*s, record, always, out);
		}
	}
	return r ? err_nomem(e) : 0;
}

/* One option of the VMM's own, where it differs from its default. */
static int add_own(const struct cli_option *o, const struct vmm_options *options,
		   struct cli_words *out)
{
	const void *record = (const char *)options + o->section->offset;
	_strbuf_ struct strbuf value = { 0 };

	if (o->kind == CLI_RECORD)
		return add_record(o->section, record, false, out);
	if ((o->kind != CLI_KEY && o->kind != CLI_FLAG) ||
	    option_is_default(cli_option_key(o), record))
		return 0;
	if (o->kind == CLI_FLAG)
		return add_option(out, o->name, NULL);
	option_get(cli_option_key(o), record, &value);
	return value.failed ? -ENOMEM : add_option(out, o->name, strbuf_text(&value));
}

int vmm_options_to_cli(const struct vmm_options *options, struct cli_words *out, struct err *e)
{
	int r = 0;

	for (const struct cli_option *o = cli_options; !r && o->name; o++)
		if (o->section == &vmm_section_vmm || o->section == &vmm_section_event_monitor ||
		    o->section == &vmm_section_restore)
			r = add_own(o, options, out);
	for (unsigned int i = 0; !r && i < options->verbosity; i++)
		r = cli_words_add(out, "-v");
	return r ? err_nomem(e) : 0;
}

static void quote(const char *word, struct strbuf *out)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-+=.,:/@%";

	if (*word && strspn(word, plain) == strlen(word)) {
		strbuf_puts(out, word);
		return;
	}
	strbuf_putc(out, '\'');
	for (; *word; word++) {
		if (*word == '\'')
			strbuf_puts(out, "'\\''");
		else
			strbuf_putc(out, *word);
	}
	strbuf_putc(out, '\'');
}

void cli_words_quote(const struct cli_words *words, struct strbuf *out)
{
	for (size_t i = 0; i < words->n; i++) {
		if (i)
			strbuf_putc(out, ' ');
		quote(words->words[i], out);
	}
}
