/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must hold between the options of a disk, a vDPA device, a console. */
#include "base/checked.h"
#include "config/check_place.h"

#include <errno.h>
#include <string.h>

enum {
	MAX_SERIAL = 20, /* bytes of a virtio-blk id */
	MIN_DISK_QUEUE = 3,
};

static int queue_size_wrong(uint16_t size, struct err *e)
{
	return err_set(e, -EINVAL, "queue size must be a power of 2 no greater than %d: %u",
		       VM_MAX_QUEUE_SIZE, size);
}

static int check_disk(const struct vm_config *config, const struct disk_config *d, const char **key,
		      struct err *e)
{
	size_t serial = d->serial ? strlen(d->serial) : 0;

	*key = "path";
	if (!d->path)
		return err_set(e, -EINVAL, "path missing");
	*key = "queue_size";
	if (!is_power_of_2(d->queue_size) || d->queue_size > VM_MAX_QUEUE_SIZE)
		return queue_size_wrong(d->queue_size, e);
	if (d->queue_size < MIN_DISK_QUEUE)
		return err_set(e, -EINVAL, "block queue size must be greater than 2: %u",
			       d->queue_size);
	*key = "num_queues";
	if (d->num_queues > config->cpus.boot)
		return err_set(e, -EINVAL, "queue count (%u) must not exceed boot vCPUs (%u)",
			       d->num_queues, config->cpus.boot);
	*key = "serial";
	if (serial > MAX_SERIAL)
		return err_set(e, -EINVAL,
			       "block device serial length (%zu) exceeds maximum allowed length "
			       "(%d)",
			       serial, MAX_SERIAL);
	return 0;
}

/* What only makes sense for a device that vdpactl creates. */
static int check_creation(const struct vdpa_config *v, const char **key, struct err *e)
{
	*key = "create";
	if (v->create && !v->device)
		return err_set(e, -EINVAL, "create needs device, the name of the new device");
	if (v->create && !v->mgmtdev)
		return err_set(e, -EINVAL, "create needs mgmtdev");
	if (v->create)
		return 0;
	*key = v->mgmtdev ? "mgmtdev" : v->mac ? "mac" : v->mtu ? "mtu" : "max_vqp";
	if (v->mgmtdev || v->mac || v->mtu || v->max_vqp)
		return err_set(e, -EINVAL, "%s is only for a device with create = on", *key);
	return 0;
}

static int check_vdpa(const struct vdpa_config *v, const char **key, struct err *e)
{
	int given = (v->path != NULL) + (v->device != NULL) + (v->fd >= 0);

	*key = v->path ? "path" : v->device ? "device" : "fd";
	if (given == 0) {
		*key = NULL;
		err_set(e, -EINVAL, "path missing");
		return err_hint(e, "give path=/dev/vhost-vdpa-N, device=NAME or fd=N");
	}
	if (given > 1)
		return err_set(e, -EINVAL, "only one of path, device and fd can be given");
	*key = "queue_size";
	if (v->queue_size && (!is_power_of_2(v->queue_size) || v->queue_size > VM_MAX_QUEUE_SIZE))
		return queue_size_wrong(v->queue_size, e);
	return check_creation(v, key, e);
}

static bool equal(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

/* A character device has one opener: the same one twice can only fail. */
static int check_vdpa_twice(const struct vm_config *config, size_t i, const char **key,
			    struct err *e)
{
	const struct vdpa_config *v = &config->vdpas[i];

	for (size_t n = 0; n < i; n++) {
		const struct vdpa_config *other = &config->vdpas[n];

		*key = v->path ? "path" : v->device ? "device" : "fd";
		if (equal(v->path, other->path) || equal(v->device, other->device))
			return err_set(e, -EEXIST, "duplicated device path: %s",
				       v->path ? v->path : v->device);
		if (v->fd >= 0 && v->fd == other->fd)
			return err_set(e, -EEXIST, "duplicated device descriptor: %d", v->fd);
	}
	return 0;
}

static int check_console(const struct vm_config *config, const struct option_section *section,
			 const struct console_config *c, struct err *e)
{
	const char *mode = c->mode == CONSOLE_FILE ? "file" : "socket";

	if ((c->mode != CONSOLE_FILE && c->mode != CONSOLE_SOCKET) || c->path)
		return 0;
	err_set(e, -EINVAL, "path missing when using %s console mode", mode);
	return check_refuse(config, section, 0, "mode", e);
}

int check_device_options(struct vm_config *config, struct err *e)
{
	const char *key;
	int r;

	for (size_t i = 0; i < config->n_disks; i++)
		if (check_disk(config, &config->disks[i], &key, e))
			return check_refuse(config, &vm_section_disk, i, key, e);
	for (size_t i = 0; i < config->n_vdpas; i++)
		if (check_vdpa(&config->vdpas[i], &key, e) || check_vdpa_twice(config, i, &key, e))
			return check_refuse(config, &vm_section_vdpa, i, key, e);
	r = check_console(config, &vm_section_console, &config->console, e);
	return r ? r : check_console(config, &vm_section_serial, &config->serial, e);
}
