/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The locked-memory limit that pam_limits gives a user at login. */
#include "host/memlock.h"

#include "base/checked.h"
#include "base/file.h"
#include "base/parse.h"
#include "host/accounts.h"
#include "host/try_open.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

enum {
	LIMITS_MAX = 1 << 20,
	FIELDS = 4,
	DEFAULT_LIMIT = 8 << 20, /* of the kernel since 5.16 */
};

/* How narrowly a line names the user: a narrower one wins over a wider, a later over an earlier. */
enum match {
	MATCH_NONE,
	MATCH_ALL,
	MATCH_GROUP,
	MATCH_USER,
};

struct scan {
	const struct try_user *user;
	struct memlock_limit *limit;
	enum match soft, hard;
};

static enum match match_domain(const struct try_user *u, const char *domain)
{
	if (strcmp(domain, u->name) == 0)
		return MATCH_USER;
	if (domain[0] == '@' && account_in_group(u->name, u->gid, domain + 1))
		return MATCH_GROUP;
	/* pam_limits does not apply wildcards to root. */
	return strcmp(domain, "*") == 0 && u->uid != 0 ? MATCH_ALL : MATCH_NONE;
}

static bool parse_value(const char *word, uint64_t *bytes)
{
	uint64_t kib;

	if (strcmp(word, "unlimited") == 0 || strcmp(word, "infinity") == 0 ||
	    strcmp(word, "-1") == 0) {
		*bytes = UINT64_MAX;
		return true;
	}
	return parse_uint(word, 0, UINT64_MAX, &kib, NULL) == 0 && !mul_wraps(kib, 1024, bytes);
}

/* DOMAIN TYPE ITEM VALUE */
static void take_line(struct scan *s, char *field[FIELDS])
{
	enum match m;
	uint64_t v;

	if (strcmp(field[2], "memlock") != 0 || !parse_value(field[3], &v))
		return;
	m = match_domain(s->user, field[0]);
	if (m == MATCH_NONE)
		return;
	if (strcmp(field[1], "hard") != 0 && m >= s->soft) {
		s->limit->soft = v;
		s->soft = m;
	}
	if (strcmp(field[1], "soft") != 0 && m >= s->hard) {
		s->limit->hard = v;
		s->hard = m;
	}
}

/* Cuts the first four words out of a line; false when there are fewer. */
static bool split(char *line, char *field[FIELDS])
{
	for (size_t n = 0; n < FIELDS; n++) {
		size_t len;

		line += strspn(line, " \t");
		len = strcspn(line, " \t");
		if (!len)
			return false;
		field[n] = line;
		line += len;
		if (*line)
			*line++ = '\0';
	}
	return true;
}

static void scan_file(struct scan *s, const char *path)
{
	_free_ char *text = NULL;
	char *line, *next;

	if (file_read(path, LIMITS_MAX, &text, NULL, NULL))
		return;
	for (line = text; line; line = next) {
		char *field[FIELDS];

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		line[strcspn(line, "#")] = '\0';
		if (split(line, field))
			take_line(s, field);
	}
}

static int is_conf(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 5 && strcmp(entry->d_name + len - 5, ".conf") == 0;
}

uint64_t memlock_round_up(uint64_t bytes)
{
	return bytes > UINT64_MAX - 1023 ? UINT64_MAX : round_up(bytes, 1024);
}

int memlock_limit_of_user(const struct host_roots *roots, const char *user,
			  struct memlock_limit *out, bool *found, struct err *e)
{
	const char *etc = host_roots_or_default(roots)->etc;
	struct try_user u;
	struct scan s = { .user = &u, .limit = out };
	struct dirent **names = NULL;
	char path[PATH_MAX];
	int n, r = try_user_find(user, &u, e);

	if (r)
		return r;
	*out = (struct memlock_limit){ .soft = DEFAULT_LIMIT, .hard = DEFAULT_LIMIT };
	snprintf(path, sizeof(path), "%s/security/limits.conf", etc);
	scan_file(&s, path);
	snprintf(path, sizeof(path), "%s/security/limits.d", etc);
	n = scandir(path, &names, is_conf, alphasort);
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/security/limits.d/%s", etc, names[i]->d_name);
		scan_file(&s, path);
		free(names[i]);
	}
	free(names);
	*found = s.soft || s.hard;
	if (out->soft > out->hard)
		out->soft = out->hard;
	return 0;
}
