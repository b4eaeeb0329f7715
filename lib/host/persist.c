/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Settings that last over a reboot: udev rules, limits.d, units, modules-load.d, sysctl.d,
 * tmpfiles.d. */
#include "host/persist.h"

#include "base/file.h"
#include "host/host_lock.h"
#include "host/memlock.h"
#include "vdpa/dev.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

enum {
	SETTINGS_MAX = 1 << 20,
};

static const char head[] = "# Written by vdpactl; remove a line, or the file, to undo it.\n";

/* One line of one file: what starts with `key` is replaced by `line`, all else stays. */
struct setting {
	const char *file; /* below /etc */
	const char *key, *line;
	const char *intro; /* what a new file begins with, or NULL */
	bool whole;        /* the key is the line */
};

static bool is_old(const struct setting *s, const char *line, size_t len)
{
	return strncmp(line, s->key, strlen(s->key)) == 0 && (!s->whole || len == strlen(s->key));
}

static void merge(const struct setting *s, const char *old, struct strbuf *out)
{
	if (!*old) {
		strbuf_puts(out, head);
		strbuf_puts(out, s->intro ? s->intro : "");
	}
	while (*old) {
		size_t len = strcspn(old, "\n");

		if (!is_old(s, old, len)) {
			strbuf_append(out, old, len);
			strbuf_putc(out, '\n');
		}
		old += len + (old[len] == '\n');
	}
	strbuf_puts(out, s->line);
	strbuf_putc(out, '\n');
}

/* The line that is replaced, which undoing would put back; its length, 0 where there is none. */
static size_t find_old_line(const struct setting *s, const char *old, const char **line)
{
	for (*line = old; **line; *line += (*line)[0] == '\n') {
		size_t len = strcspn(*line, "\n");

		if (is_old(s, *line, len))
			return len;
		*line += len;
	}
	return 0;
}

static int apply(const struct host_roots *roots, const struct setting *s, bool dry_run,
		 struct strbuf *log, struct err *e)
{
	_strbuf_ struct strbuf text = { 0 };
	_free_ char *old = NULL;
	_close_ int lock = -1;
	char path[PATH_MAX], folder[PATH_MAX];
	const char *was = NULL;
	size_t len;
	int r = dry_run ? 0 : host_lock(roots, &lock, e);

	if (r)
		return r;
	snprintf(path, sizeof(path), "%s/%s", host_roots_or_default(roots)->etc, s->file);
	if (access(path, F_OK) == 0)
		r = file_read(path, SETTINGS_MAX, &old, NULL, e);
	if (r)
		return r;
	len = find_old_line(s, old ? old : "", &was);
	if (len && strncmp(was, s->line, len) == 0 && !s->line[len])
		return 0;
	strbuf_printf(log, "write to %s: %s (undo: %s%.*s)\n", path, s->line,
		      len ? "put back: " : "remove that line", (int)len, was);
	if (dry_run)
		return 0;
	snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(path, '/') - path), path);
	r = file_mkdirs(folder, 0755, e);
	if (r)
		return r;
	merge(s, old ? old : "", &text);
	if (text.failed)
		return err_nomem(e);
	return file_replace(path, text.text, text.len, 0644, e);
}

static int check_user(const char *user, struct err *e)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";

	if (*user && *user != '-' && user[strspn(user, letters)] == '\0')
		return 0;
	return err_set(e, -EINVAL, "user name '%s' cannot stand in a configuration file", user);
}

int persist_node_owner(const struct host_roots *roots, const char *name, const char *user,
		       bool dry_run, struct strbuf *log, struct err *e)
{
	_free_ char *key = NULL;
	_free_ char *line = NULL;
	struct setting s = { .file = "udev/rules.d/80-vdpactl.rules" };
	int r = vdpa_dev_check_name(name, e);

	/* Both words end up in a rule and in a shell. */
	if (!r)
		r = check_user(user, e);
	if (r)
		return r;
	if (asprintf(&key, "SUBSYSTEM==\"vdpa\", ACTION==\"bind\", KERNEL==\"%s\",", name) < 0 ||
	    asprintf(&line,
		     "%s DRIVER==\"vhost_vdpa\", RUN+=\"/bin/sh -c 'for n in /sys%%p/vhost-vdpa-*; "
		     "do chown %s /dev/$${n##*/} && chmod 660 /dev/$${n##*/}; done'\"",
		     key, user) < 0)
		return err_nomem(e);
	s.key = key;
	s.line = line;
	return apply(roots, &s, dry_run, log, e);
}

/* A limit in units of 2^shift bytes, or the file's word for none. */
static void print_limit(uint64_t bytes, unsigned int shift, const char *none, char buf[24])
{
	if (bytes == UINT64_MAX)
		snprintf(buf, 24, "%s", none);
	else
		snprintf(buf, 24, "%llu", (unsigned long long)(bytes >> shift));
}

int persist_memlock(const struct host_roots *roots, const char *user, uint64_t bytes, bool dry_run,
		    struct strbuf *log, struct err *e)
{
	_free_ char *key = NULL;
	_free_ char *line = NULL;
	struct setting s = { .file = "security/limits.d/90-vdpactl.conf" };
	char limit[24];
	int r = check_user(user, e);

	if (r)
		return r;
	print_limit(memlock_round_up(bytes), 10, "unlimited", limit);
	/* "-" sets soft and hard limit. */
	if (asprintf(&key, "%s - memlock ", user) < 0 || asprintf(&line, "%s%s", key, limit) < 0)
		return err_nomem(e);
	s.key = key;
	s.line = line;
	return apply(roots, &s, dry_run, log, e);
}

int persist_unit_memlock(const struct host_roots *roots, const char *unit, uint64_t bytes,
			 bool dry_run, struct strbuf *log, struct err *e)
{
	char name[256], file[320], line[64], limit[24];
	struct setting s = { .key = "LimitMEMLOCK=", .intro = "[Service]\n" };
	int r = unit_name_complete(unit, name, sizeof(name), e);

	if (r)
		return r;
	snprintf(file, sizeof(file), "systemd/system/%s.d/50-vdpactl.conf", name);
	print_limit(bytes, 0, "infinity", limit);
	snprintf(line, sizeof(line), "LimitMEMLOCK=%s", limit);
	s.file = file;
	s.line = line;
	return apply(roots, &s, dry_run, log, e);
}

int persist_module(const struct host_roots *roots, const char *module, bool dry_run,
		   struct strbuf *log, struct err *e)
{
	struct setting s = {
		.file = "modules-load.d/vdpactl.conf", .key = module, .line = module, .whole = true
	};

	return apply(roots, &s, dry_run, log, e);
}

int persist_hugepages(const struct host_roots *roots, uint64_t page_size, int node, uint64_t pages,
		      bool dry_run, struct strbuf *log, struct err *e)
{
	_free_ char *key = NULL;
	_free_ char *line = NULL;
	struct setting s = { .file = page_size ? "tmpfiles.d/vdpactl.conf"
					       : "sysctl.d/60-vdpactl.conf" };
	char folder[80];
	int n;

	if (node < 0)
		snprintf(folder, sizeof(folder), "/sys/kernel/mm/hugepages");
	else
		snprintf(folder, sizeof(folder), "/sys/devices/system/node/node%d/hugepages", node);
	if (!page_size)
		n = asprintf(&key, "vm.nr_hugepages = ");
	else
		n = asprintf(&key, "w %s/hugepages-%llukB/nr_hugepages - - - - ", folder,
			     (unsigned long long)(page_size >> 10));
	if (n < 0 || asprintf(&line, "%s%llu", key, (unsigned long long)pages) < 0)
		return err_nomem(e);
	s.key = key;
	s.line = line;
	return apply(roots, &s, dry_run, log, e);
}
