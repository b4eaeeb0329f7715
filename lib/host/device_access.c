/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Check: the user can open the vDPA nodes and /dev/kvm, and nobody else has the nodes open. */
#include "host/kvm_access.h"
#include "host/persist.h"
#include "host/try_open.h"
#include "host/vdpa_target.h"
#include "vdpa/holder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void report_busy(const struct vdpa_target *t, const struct check_options *o,
			struct report *r)
{
	_holder_list_ struct holder_list list = { 0 };
	struct finding *f;
	char who[256];

	holder_find(o->roots, t->dev.rdev, &list, NULL);
	holder_describe(&list, who, sizeof(who));
	f = report_add(r, check_access.id, o->config ? FINDING_FAIL : FINDING_OK, t->subject,
		       "%s is in use by %s", t->dev.node, who);
	if (!o->config)
		return;
	finding_remedy(f, "stop that process, or give the VM another device");
	if (list.n)
		finding_command(f, "kill %d", (int)list.items[0].pid);
}

static void report_refused(const struct vdpa_target *t, const struct try_user *u, int code,
			   struct report *r)
{
	struct finding *f =
		report_add(r, check_access.id, FINDING_FAIL, t->subject,
			   "user %s cannot open %s (owner %u:%u, mode %03o): %s", u->name,
			   t->dev.node, t->dev.uid, t->dev.gid, t->dev.mode, err_strerror(code));

	if (code != -EACCES && code != -EPERM)
		return;
	finding_remedy(f, "give the node to the user");
	finding_command(f, "vdpactl dev set name %s owner %s mode 660", t->dev.name, u->name);
	finding_fix(f, t->dev.name, 0660, -1);
}

static int look(const struct vdpa_target *t, const struct check_options *o, struct report *r,
		void *ctx _unused_)
{
	struct try_user u;
	int code;

	if (t->code || !t->dev.node_exists || try_user_find(o->user, &u, NULL))
		return 0;
	if (u.uid != geteuid() && geteuid() != 0) {
		report_add(r, check_access.id, FINDING_WARN, t->subject,
			   "only root can try %s as user %s", t->dev.node, u.name);
		return 0;
	}
	code = try_open_as(&u, t->dev.node, O_RDWR);
	if (code == 0)
		report_add(r, check_access.id, FINDING_OK, t->subject, "user %s can open %s",
			   u.name, t->dev.node);
	else if (code == -EBUSY)
		report_busy(t, o, r);
	else
		report_refused(t, &u, code, r);
	return 0;
}

static void look_at_kvm(const struct check_options *o, const struct try_user *u, struct report *r)
{
	struct kvm_remedy remedy;
	char path[PATH_MAX];
	struct finding *f;
	int code;

	/* The user who calls tries it with a real guest in another check. */
	if (u->uid == geteuid() || geteuid() != 0)
		return;
	snprintf(path, sizeof(path), "%s/kvm", host_roots_or_default(o->roots)->dev);
	code = try_open_as(u, path, O_RDWR);
	if (code == 0) {
		report_add(r, check_access.id, FINDING_OK, path, "user %s can open it", u->name);
		return;
	}
	if (code == -ENOENT)
		return;
	f = report_add(r, check_access.id, FINDING_FAIL, path, "user %s cannot open it: %s",
		       u->name, err_strerror(code));
	if (code != -EACCES && code != -EPERM)
		return;
	kvm_access_remedy(path, u->name, &remedy);
	finding_remedy(f, "%s", remedy.words);
	finding_command(f, "%s", remedy.command);
}

static int probe(const struct check_options *o, struct report *r, struct err *e)
{
	struct try_user u;
	int code = try_user_find(o->user, &u, e);

	if (code)
		return code;
	look_at_kvm(o, &u, r);
	return vdpa_target_each(o, r, look, NULL, e);
}

static int fix(const struct check_options *o, const struct finding *f, bool dry_run,
	       struct strbuf *log, struct err *e)
{
	struct vdpa_sysfs_dev dev;
	struct try_user u;
	int r = try_user_find(o->user, &u, e);

	if (!r)
		r = vdpa_sysfs_get(o->roots, f->target.object, &dev, e);
	if (r)
		return r;
	strbuf_printf(log, "give %s to %s, mode 660 (undo: chown %u:%u %s && chmod %03o %s)\n",
		      dev.node, u.name, dev.uid, dev.gid, dev.node, dev.mode, dev.node);
	if (!dry_run) {
		/* A symbolic link in its place would be somebody's trap. */
		_close_ int fd = open(dev.node, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		struct stat st;

		if (fd < 0 || fstat(fd, &st) < 0 || st.st_rdev != dev.rdev)
			return err_set(e, -ENODEV, "'%s' is not the node of %s", dev.node,
				       dev.name);
		if (fchownat(fd, "", u.uid, (gid_t)-1, AT_EMPTY_PATH) < 0 ||
		    chmod(dev.node, 0660) < 0)
			return err_errno(e, -errno, "cannot change '%s'", dev.node);
	}
	return persist_node_owner(o->roots, dev.name, u.name, dry_run, log, e);
}

const struct host_check check_access = {
	.id = "access",
	.summary = "the user can open the device nodes, and they are free",
	.probe = probe,
	.fix = fix,
};
