/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The main thread's loop: descriptors and work that other threads hand over. */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct event_base; /* libevent */
struct event_loop;
struct loop_source;

typedef void (*loop_fn)(void *data);

int event_loop_create(struct event_loop **out, struct err *e);
void event_loop_destroy(struct event_loop *loop);

/* libevent's own handle, for evhttp. */
struct event_base *event_loop_base(struct event_loop *loop);

/* Runs until event_loop_stop. */
int event_loop_run(struct event_loop *loop, struct err *e);

/* Any thread. */
void event_loop_stop(struct event_loop *loop);

/* Calls `fn` on the main thread whenever `fd` is readable; *out is the caller's to remove. */
int loop_add_reader(struct event_loop *loop, int fd, loop_fn fn, void *data,
		    struct loop_source **out, struct err *e);

/* As loop_add_reader for a writable `fd`; it starts disabled. */
int loop_add_writer(struct event_loop *loop, int fd, loop_fn fn, void *data,
		    struct loop_source **out, struct err *e);

/* Stops and restarts watching; main thread. */
void loop_set_enabled(struct loop_source *source, bool enabled);
void loop_remove(struct loop_source *source); /* NULL is fine */

/* Hands work to the main thread, from any thread; runs in order. */
int loop_defer(struct event_loop *loop, loop_fn fn, void *data);

/* Forgets handed-over work that was not done yet and carries `data`. Main thread. */
void loop_cancel(struct event_loop *loop, const void *data);
