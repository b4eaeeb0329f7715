/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Failures at every site in turn, preloaded; see sweep.c. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

enum fault_kind {
	FAULT_ALLOC,
	FAULT_SYSTEM,
};

enum {
	FAULT_FRAMES = 16,
};

/* Shared by all processes of one run. */
struct fault_state {
	enum fault_kind kind;
	bool armed;
	bool cut;         /* the process ends there */
	pid_t sweeper;    /* none of its calls fails */
	long at;          /* which call fails */
	long count;       /* calls so far */
	const char *call; /* the one that failed, NULL: none */
	int error;        /* what it said */
	void *frames[FAULT_FRAMES];
	int n_frames;
};

/* NULL until the sweep begins. */
extern struct fault_state *fault_state;

/* Whether this call is the one that fails, and with which error. */
bool fault_now(enum fault_kind kind, const char *call, int error, void *caller);

/* Sends the requests of the file one after another and ends the server; whether the last was
 * answered. */
bool fault_client(const char *socket, const char *requests, pid_t server);
