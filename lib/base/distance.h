/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far a mistyped word is from a known one. */
#pragma once

/* Letters to insert, delete, replace or swap with their neighbour; words longer than 31 letters are
 * far from everything. */
unsigned int word_distance(const char *a, const char *b);

/* Is `known` near enough to `word` to be offered as what was meant? */
_Bool word_is_near(const char *word, const char *known);
