/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The line editor of the shell: readline with our completion and history. */
#pragma once

#include "command/command.h"
#include "session.h"

/* Takes the terminal over. `done` gets the finished line (owned by the callee), NULL at the end of
 * input. */
void shell_line_start(struct session *s, const char *prompt, void (*done)(char *line));
/* There is input to read. */
void shell_line_input(void);
/* Ctrl-C: forgets the line; shell_line_stop has to follow. */
void shell_line_cancel(void);
void shell_line_resized(void);
/* Ctrl-Z: the terminal as it was found, and back to the same line. */
void shell_line_leave(void);
void shell_line_return(void);
/* Gives the terminal back, for a command to run and at the end. */
void shell_line_stop(void);

/* Asks for one line, without the shell's history; Tab completes it by `complete` (NULL: nothing).
 * The answer, owned, or NULL at the end of input. Ctrl-C ends the process. */
char *shell_line_ask(struct session *s, const char *prompt, completer *complete);

/* Reads and appends to the history file; a file that cannot be used is no failure. */
void shell_history_load(void);
void shell_history_add(const char *line);
