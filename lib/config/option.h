/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One row for each key of a VM's configuration, and the engine that reads, prints, defaults and
 * copies values by these rows, whichever form (command line, profile, JSON) they come in.
 */
#pragma once

#include "base/err.h"
#include "base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_type {
	OPTION_TOGGLE,    /* bool */
	OPTION_UINT,      /* unsigned integer of `width` bytes; 0 is "absent" without a default */
	OPTION_INT,       /* int16_t or int; -1 where absent */
	OPTION_SIZE,      /* uint64_t, bytes; 0 is "absent" without a default */
	OPTION_STRING,    /* char *, owned; NULL where absent */
	OPTION_MAC,       /* as OPTION_STRING, in the form of a MAC address */
	OPTION_CHOICE,    /* an enum that numbers `choices` */
	OPTION_MODE_PATH, /* char * that selects choice `mode` of the row before it (file=PATH) */
	OPTION_TOPOLOGY,  /* uint16_t[4] as a:b:c:d; all 0 where absent */
	OPTION_LIST,      /* uint16_t *, owned, its length at `companion` */
};

enum option_flag {
	OPTION_PROFILE_ONLY = 1 << 0, /* not on the VMM's command line and not in JSON */
	OPTION_BARE = 1 << 1,         /* in an option string its choices stand without a key */
	OPTION_UNSUPPORTED = 1 << 2,  /* cloud-hypervisor has it; only its default is taken */
	OPTION_SHARED = 1 << 3,       /* another row owns the memory of the field */
	OPTION_QUIET = 1 << 4,        /* not in JSON where it has its default */
	OPTION_ONE_OF = 1 << 5,       /* excludes the others of its section that say so */
};

struct option {
	const char *key;
	const char *json;           /* name in JSON; NULL: as key */
	const char *help;           /* one phrase, lower case */
	const char *unit;           /* what stands for the value in help: "path" */
	const char *fallback;       /* the default in its printed form; NULL: absent */
	const char *zero;           /* the word for 0 ("auto"), or NULL */
	const char *const *choices; /* NULL-terminated */
	uint64_t min, max;          /* of integers; max 0: what the field holds */
	enum option_type type;
	unsigned int flags;
	unsigned int mode;
	uint16_t offset, companion;
	uint8_t width;
};

/* The destination of a row; a field of another type does not compile. */
#define OPTION_DEST(T, field, w) .offset = offsetof(T, field), .width = (w)
#define OPTION_TO_TOGGLE(T, f)                                                                     \
	.type = OPTION_TOGGLE, OPTION_DEST(T, f, _Generic(((T *)0)->f, bool : 1))
#define OPTION_TO_UINT(T, f)                                                                       \
	.type = OPTION_UINT,                                                                       \
	OPTION_DEST(T, f,                                                                          \
		    _Generic(((T *)0)->f, uint8_t : 1, uint16_t : 2, uint32_t : 4, uint64_t : 8))
#define OPTION_TO_INT(T, f)                                                                        \
	.type = OPTION_INT, OPTION_DEST(T, f, _Generic(((T *)0)->f, int16_t : 2, int : 4))
#define OPTION_TO_SIZE(T, f)                                                                       \
	.type = OPTION_SIZE, OPTION_DEST(T, f, _Generic(((T *)0)->f, uint64_t : 8))
#define OPTION_TO_TEXT(T, f, t)                                                                    \
	.type = (t), OPTION_DEST(T, f, _Generic(((T *)0)->f, char * : sizeof(char *)))
#define OPTION_TO_STRING(T, f) OPTION_TO_TEXT(T, f, OPTION_STRING)
#define OPTION_TO_MAC(T, f)    OPTION_TO_TEXT(T, f, OPTION_MAC)
#define OPTION_TO_MODE_PATH(T, f, m, value)                                                        \
	OPTION_TO_TEXT(T, f, OPTION_MODE_PATH), .companion = offsetof(T, m), .mode = (value)
#define OPTION_TO_CHOICE(T, f, E)                                                                  \
	.type = OPTION_CHOICE, OPTION_DEST(T, f, _Generic(((T *)0)->f, E : sizeof(E)))
#define OPTION_TO_TOPOLOGY(T, f)                                                                   \
	.type = OPTION_TOPOLOGY, OPTION_DEST(T, f,                                                 \
					     _Generic(&((T *)0)->f, uint16_t(*)[4]                 \
						      : sizeof(uint16_t[4])))
#define OPTION_TO_LIST(T, f, n)                                                                    \
	.type = OPTION_LIST,                                                                       \
	OPTION_DEST(T, f,                                                                          \
		    _Generic(((T *)0)->f, uint16_t *                                               \
			     : sizeof(void *))),                                                   \
	.companion = offsetof(T, n) + 0 * _Generic(((T *)0)->n, size_t : 1)

struct option_section {
	const char *name;  /* --NAME on the command line, [NAME] in a profile */
	const char *json;  /* member of the VmConfig object; "": the object itself */
	const char *help;  /* one phrase, lower case */
	const char *label; /* the key that [NAME "label"] of a profile sets, or NULL */
	const struct option *options;
	size_t n_options;
	uint16_t size;   /* of one record */
	uint16_t offset; /* in the struct that holds it: the record, or the pointer to a list */
	uint16_t count_offset; /* of a list: its length, a size_t */
	bool list;
	bool flat; /* on the command line each key is an option of its own: --KEY VALUE */
};

/* NULL when there is no such key. */
const struct option *option_find(const struct option_section *section, const char *key);

/* The key nearest to a mistyped one, or NULL. */
const char *option_suggest(const struct option_section *section, const char *key);

/* -EINVAL "unknown option: KEY", with the nearest key as the hint. */
int option_unknown(const struct option_section *section, const char *key, struct err *e);

/*
 * Sets an option from text; "" means its default. On failure the record is as before and the text
 * of `e` begins with the key. A key out of scope is -EOPNOTSUPP unless the text is its default.
 */
int option_set(const struct option *o, void *record, const char *text, struct err *e);

/* The same, the text of `e` without the key. */
int option_set_value(const struct option *o, void *record, const char *text, struct err *e);

/* Appends the value as option_set takes it; nothing where absent. */
void option_get(const struct option *o, const void *record, struct strbuf *out);

/* Has it the value that an absent option has? */
bool option_is_default(const struct option *o, const void *record);

/* The same for whoever prints to `out`, which has failed when memory ran out here. */
bool option_is_default_or_fail(const struct option *o, const void *record, struct strbuf *out);

/* "on|off", "<path>", "auto|<number>": what help and usage show for the value. */
void option_value_help(const struct option *o, struct strbuf *out);

/* The words a value is chosen from (completion): the `i`th, NULL past the last. */
const char *option_value_word(const struct option *o, size_t i);

/* Does the option hold a value (as opposed to one that is only recognised)? */
bool option_has_value(const struct option *o);

/* Fills a record with its defaults; what was in it is not looked at. */
int option_record_init(const struct option_section *section, void *record);

/* Releases what the record owns. */
void option_record_clear(const struct option_section *section, void *record);

/* A deep copy into an uninitialised record. 0 or -ENOMEM. */
int option_record_copy(const struct option_section *section, void *to, const void *from);
