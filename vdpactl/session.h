/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run of the program, one-shot, batch or interactive: what its commands share. */
#pragma once

#include "command/command.h"
#include "output/output.h"
#include "vdpa/netlink.h"

enum exit_status {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_MISUSE = 2,
	EXIT_WANTING = 3, /* a check found something wanting */
};

struct session {
	struct output out;
	bool json, pretty;   /* for every command of the session */
	bool terminal;       /* standard output is one */
	bool colour;         /* and takes colours */
	bool prefixes;       /* unambiguous beginnings of words will do */
	bool keep_going;     /* batch: go on after a failed command */
	bool quit;           /* the shell's `exit` */
	bool json_now;       /* --json of the command that runs */
	const char *program; /* argv[0]: the companion programs are looked for beside it */
	const char *source;  /* batch file, or NULL */
	unsigned line;       /* in it */
	const struct command *command; /* that runs */
	struct vdpa_nl *nl;            /* opened by the first command that needs it */
};

void session_start(struct session *s, const char *program);
void session_end(struct session *s);

/* -EBUSY while a deletion that did not end in time waits in the kernel: whoever opens a netlink
 * session, as the checks of this host do, would wait there too. */
int session_may_open_nl(struct session *s, struct err *e);

/* The netlink session, opened when it is first asked for; borrowed. */
int session_nl(struct session *s, struct vdpa_nl **nl, struct err *e);

/* In a process that was forked: leaves that session to the parent. One socket has one reader, or it
 * reads the answer to another's request. */
void session_leave_nl(struct session *s);

/* Runs one command line that is words already; prints what it has to say. */
enum exit_status session_run(struct session *s, char *const *words, size_t n);

/* Options that every command takes, wherever they stand. */
struct common_options {
	bool json, pretty, help;
};

/* Moves the common options out of `words` into `o`; the rest, borrowed, becomes `kept`, which has
 * room for all. Returns how many those are. */
size_t common_options_take(char *const *words, size_t n, char **kept, struct common_options *o);

/* Splits and runs a line. */
enum exit_status session_run_line(struct session *s, const char *line);

/* Writes a text of the running command to standard error at once, in the form of its errors. */
void session_tell(const struct session *s, const struct err *e);

/* Reports a failure outside any command in the session's form; returns its exit status. */
enum exit_status session_fail(struct session *s, const struct err *e);

/* Writes out at once what the running command has gathered, for commands that last. */
int session_flush(struct session *s, struct err *e);

/* Runs the commands of a file ("-": standard input). */
enum exit_status batch_run(struct session *s, const char *path);

/* Reads a command, with the lines behind it where one ends with a backslash: 1, or 0 at the end;
 * -EINVAL where the last of these lines holds a NUL byte. The command is the caller's to free. */
int command_read(FILE *f, char **command, unsigned *lines, struct err *e);

/* The prompt, until end of file or `exit`. */
enum exit_status shell_run(struct session *s);
