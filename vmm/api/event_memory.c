/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory of the HTTP server's library. */
#include "api/event_memory.h"

#include <event2/event.h>
#include <stdbool.h>
#include <stdlib.h>

enum {
	RESERVE_BYTES = 256 << 10, /* some requests with their replies */
};

/* libevent's hooks carry no context. Of the main thread alone, as is all use of libevent. */
static void *reserve;

/* Gives the reserve back; false when it is gone already. */
static bool give_reserve(void)
{
	if (!reserve)
		return false;
	free(reserve);
	reserve = NULL;
	return true;
}

static void *take(size_t size)
{
	void *p = malloc(size);

	if (!p && give_reserve())
		p = malloc(size);
	else if (p && !reserve)
		reserve = malloc(RESERVE_BYTES);
	return p;
}

static void *resize(void *old, size_t size)
{
	void *p = realloc(old, size);

	return p || !size || !give_reserve() ? p : realloc(old, size);
}

void event_memory_init(void)
{
	if (!reserve)
		reserve = malloc(RESERVE_BYTES);
	event_set_mem_functions(take, resize, free);
}
