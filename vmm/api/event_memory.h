/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory of the HTTP server's library. */
#pragma once

/*
 * libevent's HTTP server goes on with a null pointer where an allocation fails as a connection
 * comes in. A reserve is set aside, which is given back when memory runs out, so that what has
 * begun comes to its end. To be called before all other use of libevent.
 */
void event_memory_init(void);
