/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What checks of this host found: a list of findings, each with its remedy. */
#include "host/report.h"

#include <string.h>

static void finding_clear(struct finding *f)
{
	free(f->subject);
	free(f->text);
	free(f->remedy);
	free(f->command);
	free(f->target.object);
}

void report_clear(struct report *r)
{
	for (size_t i = 0; i < r->n; i++)
		finding_clear(&r->items[i]);
	free(r->items);
	*r = (struct report){ 0 };
}

/* A text that could not be made is left out and only noted. */
_printf_(2, 0) static void print_text(char **to, const char *fmt, va_list ap)
{
	free(*to);
	if (vasprintf(to, fmt, ap) < 0)
		*to = NULL;
}

struct finding *report_add(struct report *r, const char *id, enum finding_status status,
			   const char *subject, const char *fmt, ...)
{
	struct finding *items = reallocarray(r->items, r->n + 1, sizeof(*items));
	struct finding *f;
	va_list ap;

	if (!items) {
		r->failed_alloc = true;
		return NULL;
	}
	r->items = items;
	f = &items[r->n++];
	*f = (struct finding){ .id = id, .status = status, .target.node = -1 };
	f->subject = strdup(subject);
	va_start(ap, fmt);
	print_text(&f->text, fmt, ap);
	va_end(ap);
	if (!f->subject || !f->text)
		r->failed_alloc = true;
	return f;
}

void finding_remedy(struct finding *f, const char *fmt, ...)
{
	va_list ap;

	if (!f)
		return;
	va_start(ap, fmt);
	print_text(&f->remedy, fmt, ap);
	va_end(ap);
}

void finding_command(struct finding *f, const char *fmt, ...)
{
	va_list ap;

	if (!f)
		return;
	va_start(ap, fmt);
	print_text(&f->command, fmt, ap);
	va_end(ap);
}

void finding_fix(struct finding *f, const char *object, uint64_t amount, int64_t node)
{
	if (!f)
		return;
	free(f->target.object);
	f->target = (struct fix_target){
		.object = object ? strdup(object) : NULL,
		.amount = amount,
		.node = node,
	};
	/* Without its object a fix would not know what to do. */
	f->fixable = !object || f->target.object;
}

enum finding_status report_worst(const struct report *r)
{
	enum finding_status worst = FINDING_OK;

	for (size_t i = 0; i < r->n; i++)
		if (r->items[i].status > worst)
			worst = r->items[i].status;
	return worst;
}

const char *finding_status_name(enum finding_status status)
{
	static const char *const names[] = {
		[FINDING_OK] = "ok",
		[FINDING_WARN] = "warn",
		[FINDING_FAIL] = "fail",
	};

	return names[status];
}
