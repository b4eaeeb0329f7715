/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One command's words against its rows: the scan that parsing and completion share. */
#pragma once

#include "command/command.h"

/* Where in the argument grammar the words so far have led. */
struct arg_scan {
	const struct command *command; /* borrowed */
	bool prefixes;                 /* accept unambiguous beginnings of keywords */
	const struct arg *pending;     /* row that waits for its value in the next word */
	bool in_vm_options, only_positionals;
	uint64_t given; /* rows seen, one bit each; keywords since the leader's last use */
	uint64_t before_leader;
	bool led;
};

/* What one word was. */
struct arg_event {
	const struct arg *row; /* NULL while only a name was read and its value is awaited */
	const char *value;     /* NULL for flags */
	bool next_object;      /* the leading keyword came again */
};

void arg_scan_start(struct arg_scan *scan, const struct command *command, bool prefixes);
int arg_scan_word(struct arg_scan *scan, const char *word, struct arg_event *event, struct err *e);

/* May the row still be given? */
bool arg_scan_allows(const struct arg_scan *scan, const struct arg *row);

/* Must the row be given still? */
bool arg_scan_needs(const struct arg_scan *scan, const struct arg *row);

/* The row that a plain value would go to now, or NULL. */
const struct arg *arg_scan_positional(const struct arg_scan *scan);

struct parsed_args {
	const struct command *command; /* borrowed */
	char *structs;                 /* owned: `n` argument structs */
	size_t n;
};

#define _args_ _cleanup_(args_free)

/* Parses `words` (borrowed; they must outlive `args`). */
int args_parse(const struct command *command, char *const *words, size_t n, bool prefixes,
	       struct parsed_args *args, struct err *e);
void args_free(struct parsed_args *args);
