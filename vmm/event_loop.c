/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The main thread's loop: descriptors and work that other threads hand over. */
#include "event_loop.h"

#include "api/event_memory.h"
#include "base/cleanup.h"
#include "log.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>

struct loop_source {
	struct event *event;
	loop_fn fn;
	void *data;
};

struct work {
	struct work *next;
	loop_fn fn;
	void *data;
};

enum {
	SPARE_WORKS = 16,
};

struct event_loop {
	struct event_base *base;
	int wake_fd; /* written by loop_defer */
	struct loop_source *wake;
	bool stop;            /* main thread only */
	pthread_mutex_t lock; /* the list below */
	struct work *first, **last;
	/* Where memory is short: a signal to end, or the guest's reset, is not to be lost. */
	struct work spare[SPARE_WORKS];
	bool spare_used[SPARE_WORKS];
};

struct event_base *event_loop_base(struct event_loop *loop)
{
	return loop->base;
}

static void on_event(evutil_socket_t fd _unused_, short what _unused_, void *arg)
{
	struct loop_source *source = arg;

	source->fn(source->data);
}

static int add_source(struct event_loop *loop, int fd, short what, struct loop_source source,
		      struct loop_source **out, struct err *e)
{
	_free_ struct loop_source *s = malloc(sizeof(*s));

	if (!s)
		return err_nomem(e);
	*s = source;
	s->event = event_new(loop->base, fd, what, on_event, s);
	if (!s->event)
		return err_nomem(e);
	if ((what & EV_READ) && event_add(s->event, NULL) < 0) {
		int code = -errno;

		event_free(s->event);
		return err_errno(e, code, "cannot watch descriptor %d", fd);
	}
	*out = steal_ptr(&s);
	return 0;
}

int loop_add_reader(struct event_loop *loop, int fd, loop_fn fn, void *data,
		    struct loop_source **out, struct err *e)
{
	return add_source(loop, fd, EV_READ | EV_PERSIST,
			  (struct loop_source){ .fn = fn, .data = data }, out, e);
}

int loop_add_writer(struct event_loop *loop, int fd, loop_fn fn, void *data,
		    struct loop_source **out, struct err *e)
{
	return add_source(loop, fd, EV_WRITE | EV_PERSIST,
			  (struct loop_source){ .fn = fn, .data = data }, out, e);
}

void loop_set_enabled(struct loop_source *source, bool enabled)
{
	if (enabled)
		event_add(source->event, NULL);
	else
		event_del(source->event);
}

void loop_remove(struct loop_source *source)
{
	if (!source)
		return;
	event_free(source->event);
	free(source);
}

static struct work *take_work(struct event_loop *loop)
{
	pthread_mutex_lock(&loop->lock);
	struct work *work = loop->first;

	if (work) {
		loop->first = work->next;
		if (!loop->first)
			loop->last = &loop->first;
	}
	pthread_mutex_unlock(&loop->lock);
	return work;
}

static struct work *take_spare(struct event_loop *loop)
{
	struct work *found = NULL;

	pthread_mutex_lock(&loop->lock);
	for (unsigned int i = 0; !found && i < SPARE_WORKS; i++) {
		if (loop->spare_used[i])
			continue;
		loop->spare_used[i] = true;
		found = &loop->spare[i];
	}
	pthread_mutex_unlock(&loop->lock);
	return found;
}

/* With the lock held. */
static void free_work(struct event_loop *loop, struct work *work)
{
	if (work >= loop->spare && work < loop->spare + SPARE_WORKS)
		loop->spare_used[work - loop->spare] = false;
	else
		free(work);
}

static void run_deferred(void *data)
{
	struct event_loop *loop = data;
	struct work *work;
	uint64_t count;
	/* Clears the descriptor before the work is taken, so that none is missed. */
	ssize_t got _unused_ = read(loop->wake_fd, &count, sizeof(count));

	while ((work = take_work(loop)) != NULL) {
		work->fn(work->data);
		pthread_mutex_lock(&loop->lock);
		free_work(loop, work);
		pthread_mutex_unlock(&loop->lock);
	}
}

int loop_defer(struct event_loop *loop, loop_fn fn, void *data)
{
	struct work *work = malloc(sizeof(*work));

	if (!work)
		work = take_spare(loop);
	if (!work)
		return -ENOMEM;
	*work = (struct work){ .fn = fn, .data = data };
	pthread_mutex_lock(&loop->lock);
	*loop->last = work;
	loop->last = &work->next;
	pthread_mutex_unlock(&loop->lock);
	/* Fails only where it is written to without end and never read. */
	(void)eventfd_write(loop->wake_fd, 1);
	return 0;
}

void loop_cancel(struct event_loop *loop, const void *data)
{
	pthread_mutex_lock(&loop->lock);
	for (struct work **at = &loop->first; *at;) {
		struct work *work = *at;

		if (work->data != data) {
			at = &work->next;
			continue;
		}
		*at = work->next;
		free_work(loop, work);
	}
	loop->last = &loop->first;
	while (*loop->last)
		loop->last = &(*loop->last)->next;
	pthread_mutex_unlock(&loop->lock);
}

static void stop_now(void *data)
{
	struct event_loop *loop = data;

	loop->stop = true;
	event_base_loopbreak(loop->base);
}

void event_loop_stop(struct event_loop *loop)
{
	loop_defer(loop, stop_now, loop);
}

int event_loop_run(struct event_loop *loop, struct err *e)
{
	loop->stop = false;
	while (!loop->stop)
		if (event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY) < 0)
			return err_set(e, -EIO, "the event loop failed");
	return 0;
}

/* libevent would write to standard error by itself. */
static void on_libevent_message(int severity _unused_, const char *text)
{
	log_debug("event loop: %s", text);
}

static struct event_base *create_base(void)
{
	struct event_config *config;

	event_memory_init();
	config = event_config_new();

	if (!config)
		return NULL;
	event_set_log_callback(on_libevent_message);
	/* One thread uses the base; others come in through loop_defer. */
	event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_IGNORE_ENV);
	struct event_base *base = event_base_new_with_config(config);

	event_config_free(config);
	return base;
}

DEFINE_CLEANUP(struct event_loop, loop, event_loop_destroy)

int event_loop_create(struct event_loop **out, struct err *e)
{
	_cleanup_(cleanup_loop) struct event_loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		return err_nomem(e);
	pthread_mutex_init(&loop->lock, NULL);
	loop->last = &loop->first;
	loop->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (loop->wake_fd < 0)
		return err_errno(e, -errno, "eventfd");
	loop->base = create_base();
	if (!loop->base)
		return err_set(e, -ENOMEM, "cannot create the event loop");
	int ret = loop_add_reader(loop, loop->wake_fd, run_deferred, loop, &loop->wake, e);

	if (ret < 0)
		return ret;
	*out = steal_ptr(&loop);
	return 0;
}

void event_loop_destroy(struct event_loop *loop)
{
	struct work *work;

	if (!loop)
		return;
	loop_remove(loop->wake);
	if (loop->base)
		event_base_free(loop->base);
	if (loop->wake_fd >= 0)
		close(loop->wake_fd);
	while ((work = take_work(loop)) != NULL)
		free_work(loop, work);
	pthread_mutex_destroy(&loop->lock);
	free(loop);
}
