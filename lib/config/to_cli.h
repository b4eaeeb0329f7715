/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A configuration as a `vdpa-vmm` command line, and words quoted for a shell. */
#pragma once

#include "base/strbuf.h"
#include "config/vm_config.h"
#include "config/vmm_options.h"

/* A NULL-terminated list of owned words, as execv takes it. */
struct cli_words {
	char **words;
	size_t n;
};

/* 0 or -ENOMEM; copies the word. */
int cli_words_add(struct cli_words *words, const char *word);
void cli_words_free(struct cli_words *words);

#define _cli_words_ _cleanup_(cli_words_free)

/* Appends the options that differ from their defaults; parsing them gives the same configuration
 * but for what only profiles have. 0 or -ENOMEM. */
int vm_config_to_cli(const struct vm_config *config, struct cli_words *out, struct err *e);

/* Appends the options of the VMM itself that differ from their defaults, but for the API socket. 0
 * or -ENOMEM. */
int vmm_options_to_cli(const struct vmm_options *options, struct cli_words *out, struct err *e);

/* The words on one line, each quoted where a POSIX shell would change it. */
void cli_words_quote(const struct cli_words *words, struct strbuf *out);
