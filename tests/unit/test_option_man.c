/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The man pages of options against the tables, in both directions. */
#include "unit.h"

#include "base/file.h"
#include "config/cli_options.h"
#include "config/vm_options.h"

#include <stdio.h>

enum {
	MAX_TERMS = 256
};

/* The terms that a page explains (what stands behind .TP), each with the option above it. */
struct page {
	struct {
		char option[32], key[32];
	} terms[MAX_TERMS];
	size_t n;
};

/* "PCI" is the subsection with what all PCI devices take. */
static const char pci[] = "PCI";

static void add_term(struct page *page, char *option, const char *line)
{
	const char *word = line + strcspn(line, " ");
	size_t len;

	word += strspn(word, " ");
	len = strcspn(word, "= ");
	assert_true(page->n < MAX_TERMS && len < sizeof(page->terms[0].key));
	if (*word == '-')
		snprintf(option, sizeof(page->terms[0].option), "%.*s", (int)len, word);
	memcpy(page->terms[page->n].option, option, sizeof(page->terms[0].option));
	snprintf(page->terms[page->n++].key, sizeof(page->terms[0].key), "%.*s",
		 *word == '-' ? 0 : (int)len, word);
}

static void read_page(const char *path, struct page *page)
{
	_free_ char *text = NULL;
	char option[32] = "", *rest, *line;
	struct err e = { 0 };
	bool term = false;

	if (file_read(path, 1 << 20, &text, NULL, &e))
		fail_msg("%s", e.text);
	page->n = 0;
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		if (strncmp(line, ".SH", 3) == 0)
			option[0] = '\0';
		if (strncmp(line, ".SS", 3) == 0)
			snprintf(option, sizeof(option), "%s", strstr(line, pci) ? pci : line + 4);
		if (strcmp(line, ".SH EXIT STATUS") == 0)
			return;
		if (term)
			add_term(page, option, line);
		term = strcmp(line, ".TP") == 0;
	}
}

static bool explains(const struct page *page, const char *option, const char *key)
{
	for (size_t i = 0; i < page->n; i++)
		if (strcmp(page->terms[i].option, option) == 0 &&
		    strcmp(page->terms[i].key, key) == 0)
			return true;
	return false;
}

static bool is_on_the_command_line(const struct option *o)
{
	return option_has_value(o) && !(o->flags & OPTION_PROFILE_ONLY);
}

static void check_section(const struct page *page, const char *option,
			  const struct option_section *section)
{
	for (size_t i = 0; i < section->n_options; i++) {
		const struct option *o = &section->options[i];

		if (!is_on_the_command_line(o))
			continue;
		for (size_t n = 0; o->flags & OPTION_BARE && o->choices[n]; n++)
			if (!explains(page, option, o->choices[n]))
				fail_msg("no '%s' under %s", o->choices[n], option);
		if (!(o->flags & OPTION_BARE) && !explains(page, option, o->key) &&
		    !explains(page, pci, o->key))
			fail_msg("no '%s' under %s", o->key, option);
	}
}

static void option_name(const struct cli_option *o, char *buf, size_t size)
{
	snprintf(buf, size, o->kind == CLI_VERBOSE ? "-%s" : "--%s", o->name);
}

static void every_option_is_explained(void **state)
{
	struct page page;
	char name[32];

	(void)state;
	read_page("man/vdpa-vmm.1", &page);
	for (const struct cli_option *o = cli_options; o->name; o++) {
		option_name(o, name, sizeof(name));
		if (explains(&page, name, "") == (o->kind == CLI_UNSUPPORTED))
			fail_msg("man/vdpa-vmm.1: %s", name);
		if (o->kind == CLI_RECORD || o->kind == CLI_RECORDS || o->kind == CLI_ENDPOINT)
			check_section(&page, name, o->section);
	}
}

static bool section_has(const struct option_section *section, const char *key)
{
	for (size_t i = 0; i < section->n_options; i++) {
		const struct option *o = &section->options[i];

		if (strcmp(o->key, key) == 0)
			return is_on_the_command_line(o);
		for (size_t n = 0; o->flags & OPTION_BARE && o->choices[n]; n++)
			if (strcmp(o->choices[n], key) == 0)
				return true;
	}
	return false;
}

static bool is_real(const char *option, const char *key)
{
	char name[32];

	if (strcmp(option, pci) == 0)
		return section_has(&vm_section_rng, key);
	for (const struct cli_option *o = cli_options; o->name; o++) {
		option_name(o, name, sizeof(name));
		if (strcmp(name, option) == 0)
			return !*key || section_has(o->section, key);
	}
	return false;
}

static void nothing_else_is_explained(void **state)
{
	struct page page;

	(void)state;
	read_page("man/vdpa-vmm.1", &page);
	assert_true(page.n > 60);
	for (size_t i = 0; i < page.n; i++)
		if (!is_real(page.terms[i].option, page.terms[i].key))
			fail_msg("man/vdpa-vmm.1 has '%s' under '%s'", page.terms[i].key,
				 page.terms[i].option);
}

/* What a profile has beside the command line: keys of its own, and sections that are flat there. */
static void profile_keys_are_explained(void **state)
{
	struct page page;
	size_t n = 0;

	(void)state;
	read_page("man/vdpactl-profile.5", &page);
	for (const struct option_section *const *s = vm_sections; *s; s++) {
		for (size_t i = 0; i < (*s)->n_options; i++) {
			const struct option *o = &(*s)->options[i];
			bool found = false;

			if (!option_has_value(o) ||
			    !((*s)->flat || o->flags & (OPTION_PROFILE_ONLY | OPTION_BARE)))
				continue;
			for (size_t t = 0; t < page.n && !found; t++)
				found = strcmp(page.terms[t].key, o->key) == 0 &&
					strstr(page.terms[t].option, (*s)->name);
			if (!found)
				fail_msg("man/vdpactl-profile.5: no '%s' in [%s]", o->key,
					 (*s)->name);
			n++;
		}
	}
	assert_int_equal(n, page.n + 1); /* mode is there once for console and serial */
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_option_is_explained),
		cmocka_unit_test(nothing_else_is_explained),
		cmocka_unit_test(profile_keys_are_explained),
	};

	return cmocka_run_group_tests_name("option_man", tests, NULL, NULL);
}
