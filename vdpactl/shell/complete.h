/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What may come next on a line: the one answer for readline and for the shells' shims. */
#pragma once

#include "session.h"

struct candidate {
	char *text; /* owned */
	char *help; /* owned, may be NULL */
};

struct completion {
	const char *partial; /* what has been typed of the word; borrowed */
	char *const *words;  /* the words before it, while completers run; borrowed */
	size_t n_words;
	struct candidate *items; /* owned */
	size_t n, size;
	bool files;     /* names of files complete it as well */
	bool failed;    /* memory ran out */
	bool no_space;  /* the word goes on after a candidate ("key=") */
	char hint[256]; /* what is expected, for people; may be empty */
};

#define _completion_ _cleanup_(completion_free)
void completion_free(struct completion *c);

/* Adds a candidate that begins with what has been typed; `help` may be NULL. */
void completion_add(struct completion *c, const char *text, const char *help);

/* Answers for the word after `words` of which `partial` has been typed. `c` starts zeroed. */
void complete_words(struct session *s, char *const *words, size_t n, const char *partial,
		    struct completion *c);

/* The same for words behind "vdpa-vmm". */
void complete_vmm_words(struct session *s, char *const *words, size_t n, const char *partial,
			struct completion *c);

/*
 * The hidden command behind the shims: `words` are those of the line, the last of them the one that
 * is being typed. Prints a line "CANDIDATE<TAB>HELP" each, then ":files" where files complete the
 * word and ":nospace" where it goes on.
 */
typedef void complete_line(struct session *s, char *const *words, size_t n, const char *partial,
			   struct completion *c);
enum exit_status complete_print(struct session *s, complete_line *complete, char *const *words,
				size_t n);

struct option;

/* Adds the values of a VM option; `before` is what the word has in front of the value. */
void complete_option_value(struct session *s, const struct option *row, const char *before,
			   struct completion *c);

/* Completers for the rows. */
completer complete_devices, complete_mgmtdevs, complete_users, complete_units;
completer complete_modules, complete_loaded_modules, complete_module_words;
completer complete_files, complete_command_words, complete_checks, complete_vms, complete_profiles;
completer complete_place, complete_set_place, complete_own_section, complete_new_section;
completer complete_vm_options, complete_vdpa_options, complete_disk_options, complete_vm_devices;
