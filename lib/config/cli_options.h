/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of the `vdpa-vmm` command line: ours and those of cloud-hypervisor that are not. */
#pragma once

#include "base/strbuf.h"
#include "config/option.h"

enum cli_kind {
	CLI_RECORD,   /* an option string for the one record of a section */
	CLI_RECORDS,  /* option strings, each a record of a list; several may follow */
	CLI_ENDPOINT, /* as CLI_RECORD, or a bare path */
	CLI_KEY,      /* the value of one key */
	CLI_FLAG,     /* turns one key on */
	CLI_VERBOSE,  /* -v, counted */
	CLI_HELP,
	CLI_VERSION,
	CLI_UNSUPPORTED, /* known, refused by name */
};

struct cli_option {
	const char *name; /* without the dashes */
	char letter;      /* 0: none */
	bool takes_empty; /* of CLI_KEY: "" is a value, not one that was forgotten */
	enum cli_kind kind;
	const struct option_section *section;
	const char *key;  /* of CLI_KEY and CLI_FLAG */
	const char *help; /* of options that have no section or key to take it from */
};

/* Alphabetical; a row without a name ends it. */
extern const struct cli_option cli_options[];

/* By name without dashes, NULL when there is none. */
const struct cli_option *cli_option_find(const char *name);

/* The row of the key of a CLI_KEY or CLI_FLAG option. */
const struct option *cli_option_key(const struct cli_option *o);

/* The text of `vdpa-vmm --help`. */
void cli_help(struct strbuf *out);
