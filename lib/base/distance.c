/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far a mistyped word is from a known one. */
#include "base/distance.h"

#include <limits.h>
#include <stddef.h>
#include <string.h>

enum {
	MAX_WORD = 31
};

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

unsigned int word_distance(const char *a, const char *b)
{
	/* The last two rows and the one in the making of the table of prefix distances. */
	unsigned int rows[3][MAX_WORD + 1];
	size_t la = strlen(a), lb = strlen(b);

	if (la > MAX_WORD || lb > MAX_WORD)
		return UINT_MAX;
	for (unsigned int j = 0; j <= lb; j++)
		rows[0][j] = j;
	for (unsigned int i = 1; i <= la; i++) {
		unsigned int *row = rows[i % 3];
		const unsigned int *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			row[j] = least(least(above[j], row[j - 1]) + 1,
				       above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
	}
	return rows[la % 3][lb];
}

_Bool word_is_near(const char *word, const char *known)
{
	size_t len = strlen(known);

	return word_distance(word, known) <= (len < 4 ? 1u : 2u);
}
