/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Users and groups, from /etc or by getent(1). */
#include "host/accounts.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/parse.h"
#include "base/roots.h"
#include "host/run.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <string.h>

enum {
	FILE_MAX = 4 << 20,
	ASK_TIMEOUT_MS = 10000,
	/* Fields of a line, of both files. */
	FIELD_ID = 2,
	FIELD_GID = 3,
	FIELD_MEMBERS = 3,
};

static const char *const databases[] = {
	[ACCOUNT_USER] = "passwd",
	[ACCOUNT_GROUP] = "group",
};

/* Field `n` of the line at `line`, up to its colon; *len is 0 where there is none. */
static const char *field(const char *line, unsigned int n, size_t *len)
{
	while (n-- > 0) {
		line += strcspn(line, ":\n");
		line += *line == ':';
	}
	*len = strcspn(line, ":\n");
	return line;
}

static bool field_is(const char *line, unsigned int n, const char *text)
{
	size_t len;
	const char *at = field(line, n, &len);

	return len == strlen(text) && memcmp(at, text, len) == 0;
}

static const char *next_line(const char *line)
{
	line += strcspn(line, "\n");
	return line + (*line == '\n');
}

/* The line of the account in `text`: a name counts before a number. */
static const char *line_of(const char *text, const char *who)
{
	for (unsigned int n = 0; n <= FIELD_ID; n += FIELD_ID)
		for (const char *line = text; *line; line = next_line(line))
			if (field_is(line, n, who))
				return line;
	return NULL;
}

static char *read_database(enum account_kind kind)
{
	char path[PATH_MAX], *text = NULL;

	snprintf(path, sizeof(path), "%s/%s", host_roots_or_default(NULL)->etc, databases[kind]);
	return file_read(path, FILE_MAX, &text, NULL, NULL) ? NULL : text;
}

/* What getent prints of `key`, or of all; NULL where it knows nothing. */
static char *ask(const char *database, const char *key)
{
	const char *const argv[] = { "getent", database, key, NULL };
	_strbuf_ struct strbuf sb = { 0 };

	return run_program(argv, ASK_TIMEOUT_MS, &sb, NULL) ? NULL : strbuf_steal(&sb);
}

/* getent would take others for options, and a line has no such names. */
static bool is_word(const char *who)
{
	return *who && who[0] != '-' && !strpbrk(who, ":\n");
}

/* Of /etc alone. The caller frees *text, in which the line is. */
static const char *find_local(enum account_kind kind, const char *who, char **text)
{
	if (!is_word(who))
		return NULL;
	*text = read_database(kind);
	return *text ? line_of(*text, who) : NULL;
}

static const char *find_line(enum account_kind kind, const char *who, char **text)
{
	const char *line = find_local(kind, who, text);

	if (line || !is_word(who))
		return line;
	free(*text);
	*text = ask(databases[kind], who);
	return *text ? line_of(*text, who) : NULL;
}

static int read_number(const char *line, unsigned int n, id_t *out)
{
	char word[24];
	uint64_t v;
	size_t len;
	const char *at = field(line, n, &len);

	snprintf(word, sizeof(word), "%.*s", (int)len, at);
	if (parse_uint(word, 0, UINT_MAX - 1, &v, NULL))
		return -ENOENT;
	*out = (id_t)v;
	return 0;
}

static int read_account(enum account_kind kind, const char *line, struct account *out)
{
	size_t len;

	if (!line || read_number(line, FIELD_ID, &out->id))
		return -ENOENT;
	field(line, 0, &len);
	snprintf(out->name, sizeof(out->name), "%.*s", (int)len, line);
	return kind == ACCOUNT_USER ? read_number(line, FIELD_GID, &out->gid) : 0;
}

/*
 * The last answer of each kind: who names a thousand devices' owners asks for few. It stays good
 * for a moment only, as accounts may change while a shell is open.
 */
enum {
	GOOD_FOR_MS = 1000,
};

struct answer {
	char who[sizeof(((struct account *)0)->name)];
	struct account found;
	int result;
	uint64_t since;
};

static struct answer answers[ARRAY_SIZE(databases)];

static int find(enum account_kind kind, const char *who, struct account *out)
{
	_free_ char *text = NULL;

	return read_account(kind, find_line(kind, who, &text), out);
}

/* `none_too`: that there is no such account is remembered as well. */
static int find_again(enum account_kind kind, const char *who, bool none_too, struct account *out)
{
	struct answer *last = &answers[kind];

	if (!*who || strlen(who) >= sizeof(last->who))
		return find(kind, who, out);
	if (strcmp(last->who, who) != 0 || clock_ms() - last->since >= GOOD_FOR_MS ||
	    (last->result && !none_too)) {
		memcpy(last->who, who, strlen(who) + 1);
		last->result = find(kind, who, &last->found);
		last->since = clock_ms();
	}
	if (!last->result)
		*out = last->found;
	return last->result;
}

int account_find(enum account_kind kind, const char *who, struct account *out)
{
	/* A name that nobody has may be given to someone at once. */
	return find_again(kind, who, false, out);
}

int account_find_local(enum account_kind kind, const char *who, struct account *out)
{
	_free_ char *text = NULL;

	return read_account(kind, find_local(kind, who, &text), out);
}

int account_find_id_local(enum account_kind kind, id_t id, struct account *out)
{
	char word[21];

	format_uint(id, word);
	return account_find_local(kind, word, out);
}

int account_find_id(enum account_kind kind, id_t id, struct account *out)
{
	char word[21];

	format_uint(id, word);
	return find_again(kind, word, true, out);
}

/* In a list with commas. */
static bool lists(const char *members, size_t len, const char *user)
{
	size_t n = strlen(user);

	for (const char *end = members + len; members < end;) {
		size_t word = strcspn(members, ",\n");

		if (word == n && memcmp(members, user, n) == 0)
			return true;
		members += word + 1;
	}
	return false;
}

static bool line_has(const char *line, const char *user)
{
	size_t len;
	const char *members = field(line, FIELD_MEMBERS, &len);

	return lists(members, len, user);
}

bool account_in_group(const char *user, gid_t gid, const char *group)
{
	_free_ char *text = NULL;
	const char *line = find_line(ACCOUNT_GROUP, group, &text);
	id_t id;

	if (!line)
		return false;
	return (!read_number(line, FIELD_ID, &id) && id == gid) || line_has(line, user);
}

static int add_group(gid_t **list, size_t *n, gid_t gid)
{
	gid_t *items = reallocarray(*list, *n + 1, sizeof(*items));

	if (!items)
		return -ENOMEM;
	*list = items;
	items[(*n)++] = gid;
	return 0;
}

/* "NAME  4 27 100" */
static int add_asked(gid_t **list, size_t *n, const char *answer)
{
	char word[24];
	uint64_t v;
	int r = 0;

	answer += strcspn(answer, " \n");
	while (!r && *(answer += strspn(answer, " \n"))) {
		size_t len = strcspn(answer, " \n");

		snprintf(word, sizeof(word), "%.*s", (int)len, answer);
		if (!parse_uint(word, 0, UINT_MAX - 1, &v, NULL))
			r = add_group(list, n, (gid_t)v);
		answer += len;
	}
	return r;
}

static int add_listed(gid_t **list, size_t *n, const char *user)
{
	_free_ char *text = read_database(ACCOUNT_GROUP);
	id_t id;
	int r = 0;

	for (const char *line = text; !r && line && *line; line = next_line(line))
		if (line_has(line, user) && !read_number(line, FIELD_ID, &id))
			r = add_group(list, n, id);
	return r;
}

int account_take_groups(const char *user, gid_t gid)
{
	_free_ char *answer = *user && user[0] != '-' ? ask("initgroups", user) : NULL;
	_free_ gid_t *list = NULL;
	size_t n = 0;
	int r = add_group(&list, &n, gid);

	if (!r)
		r = answer ? add_asked(&list, &n, answer) : add_listed(&list, &n, user);
	if (r)
		return r;
	return setgroups(n, list) < 0 ? -errno : 0;
}

void account_names(enum account_kind kind, void (*each)(void *ctx, const char *name), void *ctx)
{
	_free_ char *text = ask(databases[kind], NULL);
	char name[64];
	size_t len;

	if (!text)
		text = read_database(kind);
	for (const char *line = text; line && *line; line = next_line(line)) {
		field(line, 0, &len);
		if (len >= sizeof(name))
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)len, line);
		each(ctx, name);
	}
}
