/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vDPA devices that a profile has created at start and removed at stop. */
#include "vm/vm_devices.h"

#include "base/file.h"
#include "base/parse.h"
#include "held_signals.h"
#include "owner.h"
#include "vdpa/dev.h"
#include "wait_for.h"

#include <errno.h>
#include <string.h>

enum {
	MAX_NOTES = 1 << 16 /* bytes */
};

static int create_one(struct vdpa_nl *nl, const struct vdpa_config *v, struct err *e)
{
	struct vdpa_dev_params p = { .name = v->device, .mgmtdev = v->mgmtdev };
	int r;

	if (v->mac) {
		r = parse_mac(v->mac, p.mac, e);
		if (r)
			return r;
		vdpa_dev_param_set(&p, VDPA_ATTR_NET_MACADDR);
	}
	if (v->mtu) {
		p.mtu = v->mtu;
		vdpa_dev_param_set(&p, VDPA_ATTR_NET_MTU);
	}
	if (v->max_vqp) {
		p.max_vqp = v->max_vqp;
		vdpa_dev_param_set(&p, VDPA_ATTR_NET_MAX_VQP);
	}
	return vdpa_dev_add(nl, NULL, &p, e);
}

static int note(const struct vm_folder *f, const struct strbuf *names, struct err *e)
{
	char path[VM_PATH_MAX + 32];

	vm_folder_file(f, "devices", path);
	return file_replace(path, strbuf_text(names), names->len, 0600, e);
}

/* Noted first, so that a death in between leaves no device that nobody knows of. */
static int create_noted(struct vdpa_nl *nl, const struct vm_folder *f, const struct vdpa_config *v,
			struct strbuf *names, struct err *e)
{
	size_t before = names->len;
	int r;

	strbuf_printf(names, "%s\n", v->device);
	r = names->failed ? err_nomem(e) : note(f, names, e);
	if (r)
		return r;
	r = create_one(nl, v, e);
	/* Another has made it meanwhile, or one in its place: not ours to remove. After any other
	 * failure it is not there, or it is ours and only the kernel's answer was lost. */
	if (r == -EEXIST || r == -EBUSY) {
		names->len = before;
		(void)note(f, names, NULL);
	}
	return r;
}

static int give_node(const char *name, const struct try_user *user, struct err *e)
{
	const struct ownership theirs = { .uid = user->uid, .gid = user->gid, .mode = 0600 };

	return ownership_apply(&theirs, name, e);
}

int vm_devices_create(struct session *s, const struct vm_launch *l, struct err *e)
{
	const struct vm_folder *f = &l->folder;
	const struct vm_config *config = l->config;
	_strbuf_ struct strbuf names = { 0 };
	struct vdpa_nl *nl;
	int r = 0;

	for (size_t i = 0; !r && i < config->n_vdpas; i++) {
		const struct vdpa_config *v = &config->vdpas[i];
		_vdpa_dev_ struct vdpa_dev there = { 0 };
		struct err why = { 0 };

		if (!v->create || !v->device)
			continue;
		r = signals_check(e);
		if (!r)
			r = session_nl(s, &nl, e);
		if (r)
			continue;
		r = vdpa_dev_get(nl, v->device, &there, &why);
		/* A device that is there already stays when the VM goes. */
		if (!r)
			continue;
		if (r == -ENODEV)
			r = create_noted(nl, f, v, &names, &why);
		if (r == -EEXIST)
			r = 0;
		if (r)
			r = err_pass(e, &why);
		if (!r)
			r = wait_for_node(v->device, e);
		if (!r && l->user)
			r = give_node(v->device, l->user, e);
	}
	if (r)
		(void)vm_devices_remove(s, f, NULL);
	return r;
}

int vm_devices_remove(struct session *s, const struct vm_folder *f, struct err *e)
{
	char path[VM_PATH_MAX + 32];
	_free_ char *text = NULL;
	struct vdpa_nl *nl;
	struct err why = { 0 };
	int worst = vm_folder_read(f, "devices", MAX_NOTES, &text, &why);

	/* Most VMs have none. */
	if (worst == -ENOENT)
		return 0;
	if (worst)
		return err_pass(e, &why);
	for (char *name = text, *end; *name; name = end + 1) {
		int r;

		end = strchr(name, '\n');
		if (!end)
			break;
		*end = '\0';
		r = session_nl(s, &nl, worst ? NULL : e);
		if (!r)
			r = vdpa_dev_del(nl, NULL, name, VDPA_DEL_TIMEOUT_MS, worst ? NULL : e);
		if (r && r != -ENODEV && !worst)
			worst = r;
	}
	vm_folder_file(f, "devices", path);
	if (!worst)
		(void)unlink(path);
	return worst;
}
