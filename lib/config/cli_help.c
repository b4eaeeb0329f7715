/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `vdpa-vmm --help`, from the rows. */
#include "config/cli_options.h"
#include "config/option_string.h"

#include <string.h>

enum {
	INDENT = 10,
	COLUMNS = 100,
};

/* A long usage is broken after its commas. */
static void wrapped(const char *text, struct strbuf *out)
{
	size_t column = INDENT;

	strbuf_printf(out, "%*s", INDENT, "");
	while (*text) {
		size_t n = strcspn(text, ",");

		n += text[n] == ',';
		if (column + n > COLUMNS && column > INDENT) {
			strbuf_printf(out, "\n%*s", INDENT, "");
			column = INDENT;
		}
		strbuf_append(out, text, n);
		column += n;
		text += n;
	}
	strbuf_putc(out, '\n');
}

static void head(const struct cli_option *o, struct strbuf *out)
{
	if (o->kind == CLI_VERBOSE)
		strbuf_puts(out, "  -v...");
	else if (o->letter)
		strbuf_printf(out, "  -%c, --%s", o->letter, o->name);
	else
		strbuf_printf(out, "      --%s", o->name);
}

static void key_lines(const struct cli_option *o, struct strbuf *out)
{
	const struct option *key = cli_option_key(o);

	if (o->kind == CLI_KEY) {
		strbuf_putc(out, ' ');
		if (key->choices)
			strbuf_putc(out, '<');
		option_value_help(key, out);
		if (key->choices)
			strbuf_putc(out, '>');
	}
	strbuf_printf(out, "\n%*s%s", INDENT, "", key->help);
	if (o->kind == CLI_KEY && key->fallback)
		strbuf_printf(out, " [default: %s]", key->fallback);
	strbuf_putc(out, '\n');
}

static void record_lines(const struct cli_option *o, struct strbuf *out)
{
	_strbuf_ struct strbuf usage = { 0 }, defaults = { 0 };

	strbuf_printf(out, " <%s>%s\n%*s%s\n", o->name, o->kind == CLI_RECORDS ? "..." : "", INDENT,
		      "", o->section->help);
	if (o->kind == CLI_ENDPOINT)
		strbuf_puts(&usage, "<path>|");
	option_string_usage(o->section, &usage);
	wrapped(strbuf_text(&usage), out);
	option_string_defaults(o->section, &defaults);
	if (defaults.len)
		strbuf_printf(out, "%*s[default: %s]\n", INDENT, "", strbuf_text(&defaults));
	out->failed |= usage.failed || defaults.failed;
}

static void option_lines(const struct cli_option *o, struct strbuf *out)
{
	head(o, out);
	switch (o->kind) {
	case CLI_RECORD:
	case CLI_RECORDS:
	case CLI_ENDPOINT:
		record_lines(o, out);
		return;
	case CLI_KEY:
	case CLI_FLAG:
		key_lines(o, out);
		return;
	case CLI_VERBOSE:
	case CLI_HELP:
	case CLI_VERSION:
	case CLI_UNSUPPORTED:
	default:
		strbuf_printf(out, "\n%*s%s\n", INDENT, "", o->help);
		return;
	}
}

void cli_help(struct strbuf *out)
{
	strbuf_puts(out, "vdpa-vmm boots a Linux guest under KVM with vDPA devices.\n\n"
			 "Usage: vdpa-vmm [OPTIONS]\n\nOptions:\n");
	for (const struct cli_option *o = cli_options; o->name; o++)
		if (o->kind != CLI_UNSUPPORTED)
			option_lines(o, out);
}
