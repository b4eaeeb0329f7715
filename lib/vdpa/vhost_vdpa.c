/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vhost-vdpa character device: every request of it, typed. */
#include "vdpa/vhost_vdpa.h"

#include "vdpa/sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	/* Codes that reach user space although no libc names them. */
	KERNEL_ENOIOCTLCMD = 515,
	KERNEL_ENOTSUPP = 524,
	MAX_PROBED_QUEUES = 65536,
};

/* All requests pass here: kernels and devices that lack one say so in four ways. */
static int request(const struct vhost_vdpa *v, unsigned long number, void *arg, const char *what,
		   struct err *e)
{
	int code;

	if (ioctl(v->fd, number, arg) >= 0)
		return 0;
	code = errno;
	if (code == ENOTTY || code == KERNEL_ENOIOCTLCMD || code == KERNEL_ENOTSUPP)
		code = EOPNOTSUPP;
	return err_errno(e, -code, "vDPA device: cannot %s", what);
}

static int queue_failed(uint32_t index, int code, struct err *e)
{
	/* The kernel's word for an index beyond the last queue. */
	if (code == -ENOBUFS)
		return err_set(e, code, "the vDPA device has no queue %u", index);
	err_prefix(e, "queue %u", index);
	return code;
}

static int vring_request(const struct vhost_vdpa *v, unsigned long number, uint32_t index,
			 uint32_t *num, const char *what, struct err *e)
{
	struct vhost_vring_state s = { .index = index, .num = *num };
	int r = request(v, number, &s, what, e);

	if (r)
		return queue_failed(index, r, e);
	*num = s.num;
	return 0;
}

static int eventfd_request(const struct vhost_vdpa *v, unsigned long number, uint32_t index, int fd,
			   const char *what, struct err *e)
{
	struct vhost_vring_file f = { .index = index, .fd = fd };
	int r = request(v, number, &f, what, e);

	return r ? queue_failed(index, r, e) : 0;
}

static int wrong_kind(const char *name, struct err *e)
{
	err_set(e, -ENOTTY, "'%s' is not a vhost-vdpa device", name);
	err_hint(e, "'vdpactl dev show' lists devices with their nodes /dev/vhost-vdpa-N");
	return -ENOTTY;
}

/* Only a vhost-vdpa device answers the question for its virtio class. */
static int check_kind(struct vhost_vdpa *v, const char *name, struct err *e)
{
	struct stat st;

	if (fstat(v->fd, &st) < 0)
		return err_errno(e, -errno, "'%s'", name);
	if (!S_ISCHR(st.st_mode) ||
	    request(v, VHOST_VDPA_GET_DEVICE_ID, &v->device_id, "read its class", NULL))
		return wrong_kind(name, e);
	return 0;
}

static int open_failed(const char *path, int code, struct err *e)
{
	struct vdpa_sysfs_dev dev;
	struct stat st;

	/* An open of something that is no device at all (a folder, a file) fails in its own ways.
	 */
	if (stat(path, &st) == 0 && !S_ISCHR(st.st_mode))
		return wrong_kind(path, e);
	if (code == EBUSY && vdpa_sysfs_by_node(NULL, path, &dev, NULL) == 0)
		return vdpa_sysfs_busy(NULL, &dev, e);
	err_errno(e, -code, "cannot open '%s'", path);
	if (code == ENOENT)
		err_hint(e, "'vdpactl dev show' lists devices with their nodes; the number of a "
			    "node changes when devices are made anew, so prefer the device's name");
	else if (code == EACCES || code == EPERM)
		err_hint(e, "as root: 'vdpactl dev set name NAME owner USER mode 660'");
	else if (code == ENXIO)
		err_hint(e, "the device behind it is gone or being deleted");
	else if (code == ENODEV || code == KERNEL_ENOTSUPP)
		err_hint(e, "the device needs an IOMMU that is switched on (intel_iommu=on)");
	return -code;
}

int vhost_vdpa_open(struct vhost_vdpa *v, const char *path, struct err *e)
{
	int r;

	*v = VHOST_VDPA_INIT;
	v->fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (v->fd < 0)
		return open_failed(path, errno, e);
	r = check_kind(v, path, e);
	if (r)
		vhost_vdpa_close(v);
	return r;
}

int vhost_vdpa_adopt(struct vhost_vdpa *v, int fd, struct err *e)
{
	char name[32];
	int r;

	*v = VHOST_VDPA_INIT;
	v->fd = fd;
	snprintf(name, sizeof(name), "descriptor %d", fd);
	r = check_kind(v, name, e);
	if (r)
		vhost_vdpa_close(v);
	return r;
}

void vhost_vdpa_close(struct vhost_vdpa *v)
{
	if (v->fd >= 0)
		close(v->fd);
	free(v->maps);
	*v = VHOST_VDPA_INIT;
}

int vhost_vdpa_set_owner(struct vhost_vdpa *v, struct err *e)
{
	struct err why = { 0 };
	int r = request(v, VHOST_SET_OWNER, NULL, "become its owner", &why);

	/* An owner stays one while the file is open anywhere; nobody else is let near the rings. */
	if (r == -EBUSY &&
	    eventfd_request(v, VHOST_SET_VRING_ERR, 0, -1, "unset the error eventfd", NULL) == 0)
		r = 0;
	if (r)
		return err_pass(e, &why);
	v->is_owner = true;
	return 0;
}

int vhost_vdpa_get_backend_features(const struct vhost_vdpa *v, uint64_t *offered, struct err *e)
{
	return request(v, VHOST_GET_BACKEND_FEATURES, offered, "read backend features", e);
}

int vhost_vdpa_ack_backend_features(struct vhost_vdpa *v, uint64_t wanted, struct err *e)
{
	uint64_t offered = 0;
	int r = vhost_vdpa_get_backend_features(v, &offered, e);

	v->backend_features = 0;
	if (r)
		return r == -EOPNOTSUPP ? 0 : r;
	wanted &= offered;
	r = request(v, VHOST_SET_BACKEND_FEATURES, &wanted, "set backend features", e);
	if (!r)
		v->backend_features = wanted;
	return r;
}

int vhost_vdpa_get_features(const struct vhost_vdpa *v, uint64_t *features, struct err *e)
{
	return request(v, VHOST_GET_FEATURES, features, "read its features", e);
}

int vhost_vdpa_set_features(const struct vhost_vdpa *v, uint64_t features, struct err *e)
{
	int r = request(v, VHOST_SET_FEATURES, &features, "set features", e);

	return r ? err_prefix(e, "features 0x%llx", (unsigned long long)features), r : 0;
}

int vhost_vdpa_get_status(const struct vhost_vdpa *v, uint8_t *status, struct err *e)
{
	return request(v, VHOST_VDPA_GET_STATUS, status, "read its status", e);
}

int vhost_vdpa_set_status(const struct vhost_vdpa *v, uint8_t status, struct err *e)
{
	int r = request(v, VHOST_VDPA_SET_STATUS, &status, "set its status", e);

	return r ? err_prefix(e, "status 0x%02x", status), r : 0;
}

int vhost_vdpa_get_config_size(const struct vhost_vdpa *v, uint32_t *size, struct err *e)
{
	return request(v, VHOST_VDPA_GET_CONFIG_SIZE, size, "read the size of its configuration",
		       e);
}

/* The kernel's struct ends in as many bytes as are asked for. */
struct config_buffer {
	struct vhost_vdpa_config head;
	uint8_t bytes[VHOST_VDPA_CONFIG_MAX];
};

static int check_config_len(size_t len, struct err *e)
{
	if (len >= 1 && len <= VHOST_VDPA_CONFIG_MAX)
		return 0;
	return err_set(e, -EINVAL, "configuration access of %zu bytes (1 to %d)", len,
		       VHOST_VDPA_CONFIG_MAX);
}

int vhost_vdpa_get_config(const struct vhost_vdpa *v, uint32_t offset, void *buf, size_t len,
			  struct err *e)
{
	struct config_buffer c = { .head = { .off = offset, .len = (uint32_t)len } };
	int r = check_config_len(len, e);

	if (!r)
		r = request(v, VHOST_VDPA_GET_CONFIG, &c, "read its configuration", e);
	if (!r)
		memcpy(buf, c.bytes, len);
	return r;
}

int vhost_vdpa_set_config(const struct vhost_vdpa *v, uint32_t offset, const void *buf, size_t len,
			  struct err *e)
{
	struct config_buffer c = { .head = { .off = offset, .len = (uint32_t)len } };
	int r = check_config_len(len, e);

	if (r)
		return r;
	memcpy(c.bytes, buf, len);
	return request(v, VHOST_VDPA_SET_CONFIG, &c, "write its configuration", e);
}

int vhost_vdpa_get_vqs_count(const struct vhost_vdpa *v, uint32_t *count, struct err *e)
{
	uint32_t n = 0, size;
	int r = request(v, VHOST_VDPA_GET_VQS_COUNT, &n, "read its number of queues", e);

	if (r != -EOPNOTSUPP) {
		if (!r)
			*count = n;
		return r;
	}
	/* Linux before 5.18: indices are accepted up to the number of queues. */
	for (n = 0; n < MAX_PROBED_QUEUES; n++) {
		size = 2;
		r = vring_request(v, VHOST_SET_VRING_NUM, n, &size, "count its queues", e);
		if (r == -ENOBUFS)
			break;
		if (r)
			return r;
	}
	*count = n;
	return 0;
}

int vhost_vdpa_get_vring_num(const struct vhost_vdpa *v, uint16_t *num, struct err *e)
{
	return request(v, VHOST_VDPA_GET_VRING_NUM, num, "read its ring size", e);
}

int vhost_vdpa_get_vring_size(struct vhost_vdpa *v, uint32_t index, uint32_t *num, struct err *e)
{
	struct err why = { 0 };
	uint32_t n = 0;
	int r;

	if (v->ring_size) {
		*num = v->ring_size;
		return 0;
	}
	r = vring_request(v, VHOST_VDPA_GET_VRING_SIZE, index, &n, "read the ring size", &why);
	/* The simulator lacks it in its usual mode; so do kernels before 6.9. */
	if (r == -EOPNOTSUPP) {
		r = vhost_vdpa_get_vring_num(v, &v->ring_size, e);
		n = v->ring_size;
	} else if (r) {
		return err_pass(e, &why);
	}
	if (!r)
		*num = n;
	return r;
}

int vhost_vdpa_get_iova_range(const struct vhost_vdpa *v, struct vhost_vdpa_iova_range *range,
			      struct err *e)
{
	int r = request(v, VHOST_VDPA_GET_IOVA_RANGE, range, "read its IOVA range", e);

	if (r != -EOPNOTSUPP)
		return r;
	*range = (struct vhost_vdpa_iova_range){ .first = 0, .last = UINT64_MAX };
	return 0;
}

/* Counts that kernels before address spaces and groups (6.0) do not tell, and that are 1 there. */
static int get_count(const struct vhost_vdpa *v, unsigned long number, uint32_t *n,
		     const char *what, struct err *e)
{
	int r = request(v, number, n, what, e);

	if (r != -EOPNOTSUPP)
		return r;
	*n = 1;
	return 0;
}

int vhost_vdpa_get_as_num(const struct vhost_vdpa *v, uint32_t *n, struct err *e)
{
	return get_count(v, VHOST_VDPA_GET_AS_NUM, n, "read its number of address spaces", e);
}

int vhost_vdpa_get_group_num(const struct vhost_vdpa *v, uint32_t *n, struct err *e)
{
	return get_count(v, VHOST_VDPA_GET_GROUP_NUM, n, "read its number of groups", e);
}

int vhost_vdpa_set_vring_num(const struct vhost_vdpa *v, uint32_t index, uint32_t num,
			     struct err *e)
{
	return vring_request(v, VHOST_SET_VRING_NUM, index, &num, "set the ring size", e);
}

int vhost_vdpa_set_vring_addr(const struct vhost_vdpa *v, const struct vhost_vring_addr *addr,
			      struct err *e)
{
	struct vhost_vring_addr a = *addr;
	int r = request(v, VHOST_SET_VRING_ADDR, &a, "set the ring addresses", e);

	return r ? queue_failed(addr->index, r, e) : 0;
}

int vhost_vdpa_set_vring_base(const struct vhost_vdpa *v, uint32_t index, uint32_t base,
			      struct err *e)
{
	return vring_request(v, VHOST_SET_VRING_BASE, index, &base, "set the ring position", e);
}

int vhost_vdpa_get_vring_base(const struct vhost_vdpa *v, uint32_t index, uint32_t *base,
			      struct err *e)
{
	return vring_request(v, VHOST_GET_VRING_BASE, index, base, "read the ring position", e);
}

int vhost_vdpa_set_vring_kick(const struct vhost_vdpa *v, uint32_t index, int fd, struct err *e)
{
	return eventfd_request(v, VHOST_SET_VRING_KICK, index, fd, "set the kick eventfd", e);
}

int vhost_vdpa_set_vring_call(const struct vhost_vdpa *v, uint32_t index, int fd, struct err *e)
{
	return eventfd_request(v, VHOST_SET_VRING_CALL, index, fd, "set the call eventfd", e);
}

int vhost_vdpa_set_config_call(const struct vhost_vdpa *v, int fd, struct err *e)
{
	return request(v, VHOST_VDPA_SET_CONFIG_CALL, &fd, "set the configuration eventfd", e);
}

int vhost_vdpa_set_vring_enable(const struct vhost_vdpa *v, uint32_t index, bool enable,
				struct err *e)
{
	uint32_t on = enable;

	return vring_request(v, VHOST_VDPA_SET_VRING_ENABLE, index, &on, "enable the ring", e);
}

int vhost_vdpa_suspend(const struct vhost_vdpa *v, struct err *e)
{
	return request(v, VHOST_VDPA_SUSPEND, NULL, "suspend it", e);
}

int vhost_vdpa_resume(const struct vhost_vdpa *v, struct err *e)
{
	return request(v, VHOST_VDPA_RESUME, NULL, "resume it", e);
}

/* At `at`, or anywhere; NULL with errno. The kernel takes one page at a time, and no PROT_READ. */
static void *map_doorbell(const struct vhost_vdpa *v, uint32_t index, void *at, size_t page)
{
	void *p = mmap(at, page, PROT_WRITE, MAP_SHARED | (at ? MAP_FIXED : 0), v->fd,
		       (off_t)(index * page));

	return p == MAP_FAILED ? NULL : p;
}

int vhost_vdpa_map_doorbells(const struct vhost_vdpa *v, uint32_t n, void **pages, struct err *e)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint32_t i = 0;
	char *all = map_doorbell(v, 0, NULL, page);

	/* Most devices have none: they are asked once. */
	if (all && n > 1) {
		munmap(all, page);
		all = mmap(NULL, n * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		all = all == MAP_FAILED ? NULL : all;
		while (all && i < n && map_doorbell(v, i, all + i * page, page))
			i++;
	}
	if (all && (n == 1 || i == n)) {
		*pages = all;
		return 0;
	}
	int code = errno;

	if (all)
		munmap(all, n * page);
	if (code == KERNEL_ENOTSUPP || code == EINVAL || code == ENODEV)
		code = EOPNOTSUPP;
	return err_errno(e, -code, "queue %u: cannot map the doorbell page", i);
}
