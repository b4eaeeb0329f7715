/* SPDX-License-Identifier: GPL-3.0-or-later */
/* apply, save: the state of this host as a file, both ways. */
#include "cmd/cmds.h"

#include "apply/host_apply.h"
#include "apply/host_save.h"
#include "base/file.h"
#include "config/ini_syntax.h"
#include "shell/complete.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

struct apply_args {
	const char *file;
	bool dry_run, prune;
};

static const struct arg apply_rows[] = {
	ARG_WORD_ROW(apply_args, file, "FILE", "host file (-: standard input)", .required = true,
		     .complete = complete_files),
	ARG_FLAG_ROW(apply_args, dry_run, "dry-run", "only say what would be changed"),
	ARG_FLAG_ROW(apply_args, prune, "prune", "delete devices that the file does not name"),
};

static const struct arg save_rows[] = {
	ARG_WORD_ROW(apply_args, file, "FILE", "file to write; standard output where none is given",
		     .complete = complete_files),
};

/* Everything once, in the order of kinds: devices come when what they need is there, and where
 * others have made room. */
static int pass(struct host_apply *a, const struct host_file *f, bool prune, struct err *e)
{
	int r = 0;

	for (unsigned kind = 0; kind < HOST_KINDS; kind++) {
		if (!r && prune && kind == HOST_DEVICE)
			r = host_apply_prune(a, f, e);
		for (size_t i = 0; !r && i < f->n; i++) {
			if (f->items[i].kind != (enum host_kind)kind)
				continue;
			r = host_apply_item(a, &f->items[i], e);
			if (r)
				err_prefix(e, "%s:%u", f->path, f->items[i].line);
		}
	}
	return r;
}

static int run_apply(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct apply_args *a = args;
	struct host_apply apply = { .session = s, .dry = true, .quiet = !a->dry_run };
	_host_file_ struct host_file f = { 0 };
	int r = host_file_read(a->file, &f, e);

	(void)n;
	if (r)
		return r;
	out_begin(&s->out, "changes", OUT_TABLE, OUT_LIST, NULL);
	/* What can be seen to fail does so before anything is changed. */
	r = pass(&apply, &f, a->prune, e);
	if (!r && !a->dry_run) {
		apply = (struct host_apply){ .session = s };
		r = pass(&apply, &f, a->prune, e);
	}
	out_end(&s->out);
	if (!r && !apply.changes) {
		out_unsay_none(&s->out);
		out_line(&s->out, "nothing to change");
	}
	return r;
}

/* A kernel without the family tells of no devices: a file that may name some is not replaced. */
static int check_family(struct session *s, const char *file, struct err *e)
{
	struct err why = { 0 };
	struct vdpa_nl *nl;
	struct stat st;

	if (session_nl(s, &nl, &why) != -ENOENT || stat(file, &st) < 0 || !st.st_size)
		return 0;
	err_set(e, -ENOENT, "'%s' is left as it is: %s", file, why.text);
	return err_hint(e, "load the module with 'vdpactl module load vdpa', or remove the file, "
			   "where there shall be no devices");
}

/* What the file was before, with words that only a person can have written, stays beside it. */
static int keep_old(const char *file, const struct strbuf *text, char *old, size_t size,
		    struct err *e)
{
	_free_ char *was = NULL;
	struct stat st;
	size_t len;
	int r;

	*old = '\0';
	if (stat(file, &st) < 0 || !S_ISREG(st.st_mode) || !st.st_size)
		return 0;
	r = file_read(file, INI_MAX_FILE, &was, &len, e);
	if (r || (len == text->len && !memcmp(was, strbuf_text(text), len)))
		return r;
	if ((size_t)snprintf(old, size, "%s.old", file) >= size)
		return err_set(e, -ENAMETOOLONG, "'%.200s...' is too long a path", file);
	return file_replace(old, was, len, 0644, e);
}

static int save_to(struct session *s, const char *file, const struct strbuf *text, struct err *e)
{
	char old[PATH_MAX];
	int r = keep_old(file, text, old, sizeof(old), e);

	if (!r)
		r = file_replace(file, strbuf_text(text), text->len, 0644, e);
	if (r)
		return r;
	out_str(&s->out, "path", NULL, file);
	if (*old)
		out_str(&s->out, "old", NULL, old);
	out_line(&s->out, *old ? "%s (what it was: %s)" : "%s", file, old);
	return 0;
}

static int run_save(struct session *s, const void *args, size_t n, struct err *e)
{
	const struct apply_args *a = args;
	_strbuf_ struct strbuf text = { 0 };
	bool to_file = a->file && strcmp(a->file, "-") != 0;
	int r = to_file ? check_family(s, a->file, e) : 0;

	(void)n;
	if (!r)
		r = host_save(s, &text, e);
	if (r)
		return r;
	if (to_file)
		return save_to(s, a->file, &text, e);
	out_str(&s->out, "text", NULL, strbuf_text(&text));
	if (text.len) {
		text.text[text.len - 1] = '\0';
		out_line(&s->out, "%s", strbuf_text(&text));
	}
	return 0;
}

const struct command command_apply = {
	.path = "apply",
	.summary = "Bring this host to the state that a file describes",
	.help = "What is so already is left alone; only what changed is printed.",
	.example = "vdpactl apply /etc/vdpactl/host.ini --dry-run",
	COMMAND_ARGS(apply_rows, apply_args),
	.run = run_apply,
};

const struct command command_save = {
	.path = "save",
	.summary = "Write the state of this host as a file for 'apply'",
	.example = "vdpactl save /etc/vdpactl/host.ini",
	COMMAND_ARGS(save_rows, apply_args),
	.run = run_save,
};
