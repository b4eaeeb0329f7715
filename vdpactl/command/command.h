/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The row that a command is: everything that can be said, parsed, helped or completed of it. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct session;
struct completion;

/* How an argument is written. */
enum arg_style {
	ARG_KEYWORD,    /* name VALUE, in any order, as iproute2 has it; ARG_FLAG: name alone */
	ARG_POSITIONAL, /* VALUE in its place */
	ARG_OPTION,     /* --name VALUE or --name=VALUE; --name alone for ARG_FLAG */
};

/* What it holds, and with that the type of its field. */
enum arg_type {
	ARG_FLAG,   /* bool */
	ARG_WORD,   /* const char *; with `choices` one of them */
	ARG_WORDS,  /* struct arg_words: may be given again and again */
	ARG_NUMBER, /* struct arg_number, min..max, decimal or 0x... */
	ARG_SIZE,   /* struct arg_number, bytes with K, M or G */
	ARG_MAC,    /* struct arg_mac */
	/* struct arg_words: options of vdpa-vmm. The first option that is none of the command's own
	 * begins them, and all that follows, except the command's own options, belongs to them. */
	ARG_VM_OPTIONS,
};

struct arg_words {
	const char **list; /* owned by the parsed arguments; the words are borrowed */
	size_t n;
};

struct arg_number {
	uint64_t value;
	bool given;
};

struct arg_mac {
	uint8_t addr[6];
	bool given;
};

/* Adds candidates for a value that is being typed (complete.h). Must not block or fail loudly. */
typedef void completer(struct session *s, struct completion *c);

struct arg {
	const char *name; /* of a positional: its placeholder, for example "NAME" */
	enum arg_style style;
	enum arg_type type;
	const char *value; /* placeholder of the value; NULL for flags and positionals */
	const char *help;
	const char *const *choices; /* NULL-ended, or NULL */
	uint64_t min, max;
	bool required;
	/* Given again, this keyword begins another object; what stands before its first use applies
	 * to all of them. */
	bool leader;
	completer *complete;
	size_t offset; /* of the field in the command's argument struct: ARG_FIELD */
};

/* The offset of `field` in `struct type`; fails to compile where the field is no `ctype`. */
#define ARG_FIELD(type, field, ctype)                                                              \
	.offset = offsetof(struct type, field) +                                                   \
		  0 * sizeof(char[_Generic(&((struct type *)0)->field, ctype * : 1)])

#define ARG_FLAG_ROW(type_, field, name_, help_)                                                   \
	{                                                                                          \
		.name = name_, .style = ARG_OPTION, .type = ARG_FLAG, .help = help_,               \
		ARG_FIELD(type_, field, bool),                                                     \
	}

/* The same as a bare word, which may have dashes too. */
#define ARG_WORD_FLAG_ROW(type_, field, name_, help_)                                              \
	{                                                                                          \
		.name = name_, .style = ARG_KEYWORD, .type = ARG_FLAG, .help = help_,              \
		ARG_FIELD(type_, field, bool),                                                     \
	}

/* A positional word; behind its help stand those fields that not every row has, as
 * .required = true. */
#define ARG_WORD_ROW(type_, field, name_, help_, ...)                                              \
	{                                                                                          \
		.name = name_, .style = ARG_POSITIONAL, .type = ARG_WORD, .help = help_,           \
		ARG_FIELD(type_, field, const char *), __VA_ARGS__                                 \
	}

/* The same, which may be given again and again. */
#define ARG_WORDS_ROW(type_, field, name_, help_, ...)                                             \
	{                                                                                          \
		.name = name_, .style = ARG_POSITIONAL, .type = ARG_WORDS, .help = help_,          \
		ARG_FIELD(type_, field, struct arg_words), __VA_ARGS__                             \
	}

/*
 * `args` is an array of `n` of the command's argument structs: one, or one for each use of the
 * leading keyword. Output goes to the session's `out`, failures to `e`. Returns 0, negative errno
 * or EXIT_WANTING.
 */
typedef int command_run(struct session *s, const void *args, size_t n, struct err *e);

struct command {
	const char *path;  /* "dev add" */
	const char *alias; /* a second path, for example iproute2's, or NULL */
	const char *summary;
	const char *help; /* more than the summary, or NULL */
	const char *example;
	const struct arg *args;
	size_t n_args;
	size_t args_size;
	bool in_shell; /* changes the shell itself, so it runs in its process */
	command_run *run;
};

/* The arguments of a command: its rows, and the struct that they fill. */
#define COMMAND_ARGS(rows, type)                                                                   \
	.args = rows, .n_args = ARRAY_SIZE(rows), .args_size = sizeof(struct type)

/* Commands whose paths share the first word. */
struct command_group {
	const char *name, *summary;
	const struct command *alone; /* what its name means where no other word follows */
};
