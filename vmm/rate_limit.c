/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How often something may happen that a guest can cause as often as it likes. */
#include "rate_limit.h"

bool rate_limit_allow(struct rate_limit *limit, time_t now, uint64_t *dropped)
{
	uint64_t passed = now > limit->since ? (uint64_t)(now - limit->since) : 0;

	limit->used = passed < limit->used ? limit->used - (uint32_t)passed : 0;
	limit->since = now;
	if (limit->used >= limit->burst) {
		limit->dropped++;
		return false;
	}
	limit->used++;
	*dropped = limit->dropped;
	limit->dropped = 0;
	return true;
}
