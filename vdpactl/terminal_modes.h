/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The modes of the terminal on standard input, and that they are put back. */
#pragma once

#include <stdbool.h>
#include <termios.h>

struct terminal_modes {
	bool is_terminal;
	struct termios before;
};

/* Notes the modes. */
void terminal_modes_save(struct terminal_modes *t);

/* Puts them back; nothing where the terminal is none, or another job's by now. */
void terminal_modes_restore(const struct terminal_modes *t);

/* Both note the modes first. A signal that ends this process puts them back; one terminal at a
 * time. */

/* Raw: every key comes as it is, Ctrl-C too. */
void terminal_modes_raw(struct terminal_modes *t);

/* Keys come one by one and unseen; Ctrl-C and output are as before. */
void terminal_modes_keys(struct terminal_modes *t);
