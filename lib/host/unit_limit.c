/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The locked-memory limit that systemd gives a service. */
#include "host/memlock.h"

#include "base/file.h"
#include "base/parse.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

enum {
	UNIT_MAX = 1 << 20,
	DEFAULT_LIMIT = 8 << 20, /* of systemd */
	MAX_DROP_INS = 64,
};

/* Below the folder that /etc is in; an earlier one hides a file of the same name in a later one. */
static const char *const folders[] = { "etc", "run", "usr/local/lib", "usr/lib" };

struct scan {
	char top[PATH_MAX / 4]; /* "" on a host */
	const char *key;        /* "LimitMEMLOCK" */
	struct memlock_limit *limit;
	char names[MAX_DROP_INS][NAME_MAX + 1]; /* of drop-ins, sorted */
	size_t n;
};

int unit_name_complete(const char *unit, char *name, size_t size, struct err *e)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:_.@-";
	static const char suffix[] = ".service";

	if (!*unit || *unit == '.' || unit[strspn(unit, letters)] || strlen(unit) > 200)
		return err_set(e, -EINVAL, "'%.200s' is no name of a systemd service", unit);
	snprintf(name, size, "%s%s", unit, strchr(unit, '.') ? "" : suffix);
	if (strlen(name) < strlen(suffix) ||
	    strcmp(name + strlen(name) - strlen(suffix), suffix) != 0)
		return err_set(e, -EINVAL, "'%s' is no service", name);
	return 0;
}

static bool parse_limit(const char *word, uint64_t *bytes)
{
	*bytes = UINT64_MAX;
	return strcmp(word, "infinity") == 0 || parse_size(word, bytes, NULL) == 0;
}

/* VALUE, or SOFT:HARD. */
static void take_value(struct scan *s, char *value)
{
	char *colon = strchr(value, ':');
	uint64_t soft, hard;

	value[strcspn(value, " \t\r")] = '\0';
	if (colon)
		*colon = '\0';
	if (!parse_limit(value, &soft) || !parse_limit(colon ? colon + 1 : value, &hard))
		return;
	*s->limit = (struct memlock_limit){ .soft = soft, .hard = hard };
}

static bool scan_file(struct scan *s, const char *path)
{
	_free_ char *text = NULL;
	char *save = NULL;

	if (access(path, R_OK) < 0 || file_read(path, UNIT_MAX, &text, NULL, NULL))
		return false;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		size_t len = strlen(s->key);
		char *p = line + strspn(line, " \t");

		if (strncmp(p, s->key, len) != 0)
			continue;
		p += len + strspn(p + len, " \t");
		if (*p == '=')
			take_value(s, p + 1 + strspn(p + 1, " \t"));
	}
	return true;
}

/* The first of the folders that has the file counts. */
static bool scan_first(struct scan *s, const char *name)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		snprintf(path, sizeof(path), "%s/%s/systemd/%s", s->top, folders[i], name);
		if (scan_file(s, path))
			return true;
	}
	return false;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void add_name(struct scan *s, const char *name)
{
	size_t len = strlen(name);

	if (s->n == MAX_DROP_INS || len < 6 || strcmp(name + len - 5, ".conf") != 0)
		return;
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->names[i], name) == 0)
			return;
	snprintf(s->names[s->n++], sizeof(s->names[0]), "%s", name);
}

/* Drop-ins, by name over all folders. */
static void scan_drop_ins(struct scan *s, const char *folder)
{
	char path[PATH_MAX];

	s->n = 0;
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		const struct dirent *entry;
		DIR *d;

		snprintf(path, sizeof(path), "%s/%s/systemd/%s", s->top, folders[i], folder);
		d = opendir(path);
		while (d && (entry = readdir(d)))
			add_name(s, entry->d_name);
		if (d)
			closedir(d);
	}
	qsort(s->names, s->n, sizeof(s->names[0]), by_text);
	for (size_t i = 0; i < s->n; i++) {
		snprintf(path, sizeof(path), "%s/%.255s", folder, s->names[i]);
		(void)scan_first(s, path);
	}
}

int memlock_limit_of_unit(const struct host_roots *roots, const char *unit,
			  struct memlock_limit *out, struct err *e)
{
	const char *etc = host_roots_or_default(roots)->etc;
	struct scan s = { .key = "DefaultLimitMEMLOCK", .limit = out };
	char name[256], path[320], template[256] = "";
	bool there;
	int r = unit_name_complete(unit, name, sizeof(name), e);

	if (r)
		return r;
	snprintf(s.top, sizeof(s.top), "%.*s", (int)(strrchr(etc, '/') - etc), etc);
	*out = (struct memlock_limit){ .soft = DEFAULT_LIMIT, .hard = DEFAULT_LIMIT };
	(void)scan_first(&s, "system.conf");
	scan_drop_ins(&s, "system.conf.d");
	s.key = "LimitMEMLOCK";
	if (strchr(name, '@'))
		snprintf(template, sizeof(template), "%.*s@.service", (int)strcspn(name, "@"),
			 name);
	snprintf(path, sizeof(path), "system/%s", name);
	there = scan_first(&s, path);
	if (!there && *template) {
		snprintf(path, sizeof(path), "system/%s", template);
		there = scan_first(&s, path);
	}
	if (!there) {
		err_set(e, -ENOENT, "there is no systemd service '%s'", name);
		err_hint(e, "'systemctl list-unit-files' lists them");
		return -ENOENT;
	}
	if (*template) {
		snprintf(path, sizeof(path), "system/%s.d", template);
		scan_drop_ins(&s, path);
	}
	snprintf(path, sizeof(path), "system/%s.d", name);
	scan_drop_ins(&s, path);
	return 0;
}
