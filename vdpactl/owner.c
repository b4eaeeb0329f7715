/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owner and mode of files, as operators write them. */
#include "owner.h"

#include "base/parse.h"
#include "host/accounts.h"
#include "vdpa/sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum {
	OWNER_TRIES = 10,
};

static int parse_account(enum account_kind kind, const char *word, id_t *id, struct err *e)
{
	struct account found;
	uint64_t v;

	if (!account_find(kind, word, &found))
		*id = found.id;
	else if (parse_uint(word, 0, UINT32_MAX - 1, &v, NULL))
		return err_set(e, -ENOENT, "there is no %s '%s'",
			       kind == ACCOUNT_USER ? "user" : "group", word);
	else
		*id = (id_t)v;
	return 0;
}

int owner_parse(const char *word, uid_t *uid, gid_t *gid, struct err *e)
{
	const char *colon = strchr(word, ':');
	_free_ char *user = strndup(word, colon ? (size_t)(colon - word) : strlen(word));
	int r;

	*uid = (uid_t)-1;
	*gid = (gid_t)-1;
	if (!user)
		return err_nomem(e);
	if ((!*user && !colon) || (colon && !colon[1]))
		return err_misuse(e, "'%s' is no owner: USER, USER:GROUP or :GROUP", word);
	r = *user ? parse_account(ACCOUNT_USER, user, uid, e) : 0;
	return r || !colon ? r : parse_account(ACCOUNT_GROUP, colon + 1, gid, e);
}

/* The name, or the number where there is none. */
static void name_of(enum account_kind kind, id_t id, char name[64])
{
	struct account found;

	if (account_find_id(kind, id, &found))
		snprintf(name, 64, "%u", id);
	else
		memcpy(name, found.name, 64);
}

void owner_format(uid_t uid, gid_t gid, char *buf, size_t size)
{
	char user[64], group[64];

	name_of(ACCOUNT_USER, uid, user);
	name_of(ACCOUNT_GROUP, gid, group);
	snprintf(buf, size, "%s:%s", user, group);
}

int mode_parse(const char *word, mode_t *mode, struct err *e)
{
	size_t n = strlen(word);
	mode_t v = 0;

	if (n < 3 || n > 4 || strspn(word, "01234567") != n)
		return err_misuse(e, "'%s' is no mode: three octal digits, for example 660", word);
	for (size_t i = 0; i < n; i++)
		v = v << 3 | (mode_t)(word[i] - '0');
	if (v & 07111)
		return err_misuse(e,
				  "mode '%s' has bits that a device node has no use for "
				  "(read and write only)",
				  word);
	*mode = v;
	return 0;
}

int ownership_parse(const char *owner, const char *mode, struct ownership *out, struct err *e)
{
	int r = 0;

	*out = (struct ownership){ (uid_t)-1, (gid_t)-1, (mode_t)-1 };
	if (owner)
		r = owner_parse(owner, &out->uid, &out->gid, e);
	if (!r && mode)
		r = mode_parse(mode, &out->mode, e);
	return r;
}

bool ownership_given(const struct ownership *o)
{
	return o->uid != (uid_t)-1 || o->gid != (gid_t)-1 || o->mode != (mode_t)-1;
}

static bool as_wanted(const struct ownership *o, const struct stat *st)
{
	return (o->uid == (uid_t)-1 || o->uid == st->st_uid) &&
	       (o->gid == (gid_t)-1 || o->gid == st->st_gid) &&
	       (o->mode == (mode_t)-1 || o->mode == (st->st_mode & 07777));
}

static int change(const struct ownership *o, const char *node, int fd, struct stat *st,
		  struct err *e)
{
	char proc[64];

	if ((o->uid != (uid_t)-1 || o->gid != (gid_t)-1) &&
	    fchownat(fd, "", o->uid, o->gid, AT_EMPTY_PATH) < 0)
		return err_errno(e, -errno, "cannot change the owner of '%s'", node);
	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	if (o->mode != (mode_t)-1 && chmod(proc, o->mode) < 0)
		return err_errno(e, -errno, "cannot change the mode of '%s'", node);
	return fstat(fd, st) < 0 ? err_errno(e, -errno, "cannot look at '%s'", node) : 0;
}

int ownership_apply(const struct ownership *o, const char *name, struct err *e)
{
	_free_ struct vdpa_sysfs_dev *dev = malloc(sizeof(*dev));
	_close_ int fd = -1;
	struct stat st;
	int r;

	if (!dev)
		return err_nomem(e);
	r = vdpa_sysfs_get(NULL, name, dev, e);
	if (!r && !dev->node_exists)
		r = vdpa_sysfs_node(NULL, name, dev->node, e);
	if (r)
		return r;
	/* O_PATH does not open the device, which would reset it; and what is changed is what was
	 * looked at, whatever the name means by then. */
	fd = open(dev->node, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(e, -errno, "cannot look at '%s'", dev->node);
	if (!S_ISCHR(st.st_mode) || st.st_rdev != dev->rdev)
		return err_set(e, -ENODEV, "'%s' is not the node of device '%s'", dev->node, name);
	/* Owner and mode are two changes: of two commands at once, the last has both. */
	for (unsigned i = 0; i < OWNER_TRIES; i++) {
		r = change(o, dev->node, fd, &st, e);
		if (r || as_wanted(o, &st))
			return r;
	}
	return err_set(e, -EBUSY, "'%s' is changed by another process at the same time", dev->node);
}
