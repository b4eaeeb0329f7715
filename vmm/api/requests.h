/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The API without its transport: one request in, one answer out. */
#pragma once

#include "vmm.h"

#include <stddef.h>

struct json_object;

/* Starts as all zero. */
struct api_answer {
	int status;               /* HTTP */
	struct json_object *body; /* owned; NULL: none */
	bool stop;                /* the process is to end once this answer is out */
};

void api_answer_clear(struct api_answer *answer);
#define _api_answer_ _cleanup_(api_answer_clear)

/*
 * Does what `method` of `path` asks with a body of `len` bytes, and always fills the answer: a
 * refusal is a JSON array of causes, outermost first. Main thread; all that the body can say was
 * checked before anything is done.
 */
void api_request(struct vmm *vmm, const char *method, const char *path, const char *body,
		 size_t len, struct api_answer *answer);
