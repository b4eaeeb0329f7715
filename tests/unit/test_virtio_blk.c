/* SPDX-License-Identifier: GPL-3.0-or-later */
/* virtio-blk on a file, with requests as a driver would lay them out, and as none would. */
#include "fake_transport.h"

#include "virtio/blk_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

enum {
	SECTORS = 64,
	HEAD = 0x30000,
	STATUS = 0x31000,
};

struct fixture {
	struct fake_guest guest;
	struct fake_transport transport;
	struct event_loop *loop;
	struct virtio_device *dev;
	struct disk_config config;
	char path[64];
	unsigned int requests;
};

static void make_device(struct fixture *f)
{
	const struct virtio_host host = { .dma = &f->guest.dma, .loop = f->loop };
	struct err e = { 0 };

	if (virtio_blk_create(&f->config, &host, &f->dev, &e))
		fail_msg("%s", e.text);
	fake_attach(f->dev, &f->transport);
	memset(fake_at(&f->guest, FAKE_RING), 0, 0x10000);
	fake_activate(f->dev, 16, f->dev->offered);
	f->requests = 0;
}

static void again(struct fixture *f)
{
	virtio_device_destroy(f->dev);
	make_device(f);
}

static int setup(void **state)
{
	static char id[] = "_disk0";
	struct fixture *f = calloc(1, sizeof(*f));
	int fd;

	assert_non_null(f);
	fake_guest_init(&f->guest);
	assert_int_equal(event_loop_create(&f->loop, NULL), 0);
	snprintf(f->path, sizeof(f->path), "/tmp/test_blk.XXXXXX");
	fd = mkstemp(f->path);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, SECTORS * 512), 0);
	for (unsigned int i = 0; i < SECTORS; i++) {
		char sector[512];

		memset(sector, (int)('A' + i % 26), sizeof(sector));
		assert_int_equal(pwrite(fd, sector, 512, i * 512), 512);
	}
	close(fd);
	f->config = (struct disk_config){
		.pci.id = id,
		.path = f->path,
		.queue_size = 128,
		.num_queues = 1,
	};
	make_device(f);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	virtio_device_destroy(f->dev);
	event_loop_destroy(f->loop);
	unlink(f->path);
	fake_guest_fini(&f->guest);
	free(f);
	return 0;
}

/* One request with `len` bytes at `data`; returns the status, -1 when it did not complete. */
static int request(struct fixture *f, uint32_t type, uint64_t sector, uint64_t data, uint32_t len)
{
	struct virtio_blk_outhdr head = { .type = type, .sector = sector };
	uint16_t in =
		type == VIRTIO_BLK_T_IN || type == VIRTIO_BLK_T_GET_ID ? VRING_DESC_F_WRITE : 0;
	uint8_t *status = fake_at(&f->guest, STATUS);

	*status = 0xee;
	memcpy(fake_at(&f->guest, HEAD), &head, sizeof(head));
	fake_desc(&f->guest, FAKE_RING, 0, HEAD, sizeof(head), VRING_DESC_F_NEXT, len ? 1 : 2);
	fake_desc(&f->guest, FAKE_RING, 1, data, len, VRING_DESC_F_NEXT | in, 2);
	fake_desc(&f->guest, FAKE_RING, 2, STATUS, 1, VRING_DESC_F_WRITE, 0);
	fake_offer(&f->guest, 16, 0);
	f->requests++;
	f->dev->ops->notify(f->dev, 0);
	blk_io_drain(to_blk(f->dev));
	if (fake_used_idx(&f->guest) != f->requests)
		return -1;
	return *status;
}

static void on_disk(struct fixture *f, unsigned int sector, void *buf)
{
	int fd = open(f->path, O_RDONLY);

	assert_int_equal(pread(fd, buf, 512, sector * 512), 512);
	close(fd);
}

static void reads_and_writes(void **state)
{
	struct fixture *f = *state;
	char *data = fake_at(&f->guest, FAKE_DATA);
	char sector[512];

	assert_int_equal(request(f, VIRTIO_BLK_T_IN, 1, FAKE_DATA, 1024), VIRTIO_BLK_S_OK);
	assert_int_equal(fake_used(&f->guest, 0).len, 1025);
	assert_int_equal(data[0], 'B');
	assert_int_equal(data[1023], 'C');
	memset(data, 'x', 512);
	assert_int_equal(request(f, VIRTIO_BLK_T_OUT, 63, FAKE_DATA, 512), VIRTIO_BLK_S_OK);
	assert_int_equal(fake_used(&f->guest, 1).len, 1);
	on_disk(f, 63, sector);
	assert_memory_equal(sector, data, 512);
	assert_int_equal(request(f, VIRTIO_BLK_T_FLUSH, 0, 0, 0), VIRTIO_BLK_S_OK);
	assert_int_equal(request(f, VIRTIO_BLK_T_GET_ID, 0, FAKE_DATA, 20), VIRTIO_BLK_S_OK);
	assert_string_equal(data, "_disk0");
	assert_int_equal(request(f, 99, 0, FAKE_DATA, 512), VIRTIO_BLK_S_UNSUPP);
	assert_false(f->dev->status & VIRTIO_STATUS_NEEDS_RESET);
}

static uint64_t counter(struct fixture *f, const char *name)
{
	struct virtio_counter all[32];
	size_t n = f->dev->ops->counters(f->dev, all, ARRAY_SIZE(all));

	for (size_t i = 0; i < n; i++)
		if (strcmp(all[i].name, name) == 0)
			return all[i].value;
	fail_msg("no counter %s", name);
	return 0;
}

static void counted(void **state)
{
	struct fixture *f = *state;
	uint64_t least, most;

	assert_int_equal(counter(f, "read_latency_min"), 0);
	assert_int_equal(counter(f, "read_latency_avg"), 0);
	for (unsigned int i = 0; i < 10; i++)
		assert_int_equal(request(f, VIRTIO_BLK_T_IN, i, FAKE_DATA, 1024), VIRTIO_BLK_S_OK);
	assert_int_equal(request(f, VIRTIO_BLK_T_OUT, 3, FAKE_DATA, 512), VIRTIO_BLK_S_OK);
	assert_int_equal(request(f, VIRTIO_BLK_T_FLUSH, 0, 0, 0), VIRTIO_BLK_S_OK);
	assert_int_equal(request(f, VIRTIO_BLK_T_IN, SECTORS, FAKE_DATA, 512), VIRTIO_BLK_S_IOERR);
	assert_int_equal(counter(f, "read_ops"), 10);
	assert_int_equal(counter(f, "read_bytes"), 10240);
	assert_int_equal(counter(f, "write_ops"), 1);
	assert_int_equal(counter(f, "write_bytes"), 512);
	assert_int_equal(counter(f, "flush_ops"), 1);
	least = counter(f, "read_latency_min");
	most = counter(f, "read_latency_max");
	assert_true(most < 60000000 && least <= most);
	assert_in_range(counter(f, "read_latency_avg"), least, most);
	/* Of one write all three are the same. */
	assert_int_equal(counter(f, "write_latency_min"), counter(f, "write_latency_max"));
	assert_int_equal(counter(f, "write_latency_avg"), counter(f, "write_latency_max"));
	/* What took a second is the longest of all. */
	to_blk(f->dev)->writes.sum_us += 1000000;
	assert_int_equal(counter(f, "write_latency_avg"),
			 counter(f, "write_latency_max") + 1000000);
}

static void beyond_the_disk(void **state)
{
	struct fixture *f = *state;
	static const struct {
		uint64_t sector;
		uint32_t len;
	} rows[] = {
		{ SECTORS, 512 },    { SECTORS - 1, 1024 },
		{ UINT64_MAX, 512 }, { UINT64_MAX / 512 + 1, 512 },
		{ 0, 100 },          { 0, SECTORS * 512 + 512 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(
			request(f, VIRTIO_BLK_T_IN, rows[i].sector, FAKE_DATA, rows[i].len),
			VIRTIO_BLK_S_IOERR);
		assert_int_equal(
			request(f, VIRTIO_BLK_T_OUT, rows[i].sector, FAKE_DATA, rows[i].len),
			VIRTIO_BLK_S_IOERR);
	}
	/* No data at all. */
	assert_int_equal(request(f, VIRTIO_BLK_T_IN, 0, 0, 0), VIRTIO_BLK_S_IOERR);
}

static void not_a_request(void **state)
{
	struct fixture *f = *state;

	/* A header without a status byte. */
	fake_desc(&f->guest, FAKE_RING, 0, HEAD, 16, 0, 0);
	fake_offer(&f->guest, 16, 0);
	f->dev->ops->notify(f->dev, 0);
	assert_true(f->dev->status & VIRTIO_STATUS_NEEDS_RESET);
	assert_int_equal(f->transport.config_changes, 1);
	/* Half a header. */
	again(f);
	fake_desc(&f->guest, FAKE_RING, 0, HEAD, 8, VRING_DESC_F_NEXT, 1);
	fake_desc(&f->guest, FAKE_RING, 1, STATUS, 1, VRING_DESC_F_WRITE, 0);
	fake_offer(&f->guest, 16, 0);
	f->dev->ops->notify(f->dev, 0);
	assert_true(f->dev->status & VIRTIO_STATUS_NEEDS_RESET);
}

/* Header, data and status in two descriptors, cut where no driver cuts them. */
static void odd_layout(void **state)
{
	struct fixture *f = *state;
	struct virtio_blk_outhdr head = { .type = VIRTIO_BLK_T_OUT, .sector = 5 };
	uint8_t *p = fake_at(&f->guest, FAKE_DATA);
	char sector[512];

	memcpy(p, &head, sizeof(head));
	memset(p + sizeof(head), 'q', 512);
	fake_desc(&f->guest, FAKE_RING, 0, FAKE_DATA, 10, VRING_DESC_F_NEXT, 1);
	fake_desc(&f->guest, FAKE_RING, 1, FAKE_DATA + 10, 6 + 512, VRING_DESC_F_NEXT, 2);
	fake_desc(&f->guest, FAKE_RING, 2, STATUS, 1, VRING_DESC_F_WRITE, 0);
	fake_offer(&f->guest, 16, 0);
	f->dev->ops->notify(f->dev, 0);
	blk_io_drain(to_blk(f->dev));
	assert_int_equal(*(uint8_t *)fake_at(&f->guest, STATUS), VIRTIO_BLK_S_OK);
	on_disk(f, 5, sector);
	assert_memory_equal(sector, p + sizeof(head), 512);
}

static void zeroes_and_discards(void **state)
{
	struct fixture *f = *state;
	struct virtio_blk_discard_write_zeroes *range = fake_at(&f->guest, FAKE_DATA);
	char sector[512], zero[512] = "";

	*range = (struct virtio_blk_discard_write_zeroes){ .sector = 3, .num_sectors = 2 };
	assert_int_equal(request(f, VIRTIO_BLK_T_WRITE_ZEROES, 0, FAKE_DATA, sizeof(*range)),
			 VIRTIO_BLK_S_OK);
	for (unsigned int i = 2; i < 6; i++) {
		on_disk(f, i, sector);
		assert_int_equal(!memcmp(sector, zero, 512), i == 3 || i == 4);
	}
	range->flags = VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP;
	range->sector = 10;
	assert_int_equal(request(f, VIRTIO_BLK_T_WRITE_ZEROES, 0, FAKE_DATA, sizeof(*range)),
			 VIRTIO_BLK_S_OK);
	on_disk(f, 11, sector);
	assert_memory_equal(sector, zero, 512);
	assert_int_equal(request(f, VIRTIO_BLK_T_DISCARD, 0, FAKE_DATA, sizeof(*range)),
			 VIRTIO_BLK_S_UNSUPP);
	range->flags = 0;
	range->num_sectors = SECTORS;
	assert_int_equal(request(f, VIRTIO_BLK_T_DISCARD, 0, FAKE_DATA, sizeof(*range)),
			 VIRTIO_BLK_S_IOERR);
	range->sector = 0;
	assert_int_equal(request(f, VIRTIO_BLK_T_DISCARD, 0, FAKE_DATA, sizeof(*range)),
			 VIRTIO_BLK_S_OK);
	assert_int_equal(request(f, VIRTIO_BLK_T_DISCARD, 0, FAKE_DATA, sizeof(*range) - 1),
			 VIRTIO_BLK_S_IOERR);
}

static void zeroes_written_by_hand(void **state)
{
	struct fixture *f = *state;
	struct blk *blk = to_blk(f->dev);
	struct blk_request *req = blk->free;
	char sector[512], zero[512] = "";

	/* As if the file system had refused both ways of fallocate. */
	blk->free = req->next;
	req->op = BLK_ZERO_PUNCH;
	req->queue = 0;
	req->status = fake_at(&f->guest, STATUS);
	req->offset = 512;
	req->bytes = req->left = 62 * 512;
	blk->in_flight++;
	blk_request_done(blk, req, -EOPNOTSUPP);
	blk_io_drain(blk);
	assert_int_equal(*(uint8_t *)fake_at(&f->guest, STATUS), VIRTIO_BLK_S_OK);
	on_disk(f, 0, sector);
	assert_int_equal(sector[0], 'A');
	on_disk(f, 62, sector);
	assert_memory_equal(sector, zero, 512);
	on_disk(f, 63, sector);
	assert_int_equal(sector[0], 'A' + 63 % 26);
}

static void truncated_underneath(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(truncate(f->path, 512), 0);
	assert_int_equal(request(f, VIRTIO_BLK_T_IN, 0, FAKE_DATA, 512), VIRTIO_BLK_S_OK);
	assert_int_equal(request(f, VIRTIO_BLK_T_IN, 0, FAKE_DATA, 1024), VIRTIO_BLK_S_IOERR);
	assert_int_equal(request(f, VIRTIO_BLK_T_IN, 9, FAKE_DATA, 512), VIRTIO_BLK_S_IOERR);
	assert_int_equal(to_blk(f->dev)->errors, 2);
}

static void read_only_and_locked(void **state)
{
	struct fixture *f = *state;
	const struct virtio_host host = { .dma = &f->guest.dma, .loop = f->loop };
	struct virtio_device *second = NULL;
	struct err e = { 0 };

	assert_int_equal(virtio_blk_create(&f->config, &host, &second, &e), -EBUSY);
	assert_non_null(strstr(e.text, "in use"));
	f->config.readonly = true;
	assert_int_equal(virtio_blk_create(&f->config, &host, &second, &e), -EBUSY);
	again(f);
	assert_int_equal(virtio_blk_create(&f->config, &host, &second, &e), 0);
	virtio_device_destroy(second);
	assert_int_equal(request(f, VIRTIO_BLK_T_IN, 0, FAKE_DATA, 512), VIRTIO_BLK_S_OK);
	assert_int_equal(request(f, VIRTIO_BLK_T_OUT, 0, FAKE_DATA, 512), VIRTIO_BLK_S_IOERR);
	assert_true(f->dev->offered & VIRTIO_FEATURE(VIRTIO_BLK_F_RO));
}

static void more_than_fits_in_flight(void **state)
{
	struct fixture *f = *state;
	struct blk *blk = to_blk(f->dev);
	struct virtio_blk_outhdr head = { .type = VIRTIO_BLK_T_IN };
	struct blk_request *kept = blk->free->next->next;

	/* Only two requests at a time. */
	blk->free->next->next = NULL;
	memcpy(fake_at(&f->guest, HEAD), &head, sizeof(head));
	fake_desc(&f->guest, FAKE_RING, 0, HEAD, sizeof(head), VRING_DESC_F_NEXT, 1);
	fake_desc(&f->guest, FAKE_RING, 1, FAKE_DATA, 512, VRING_DESC_F_NEXT | VRING_DESC_F_WRITE,
		  2);
	fake_desc(&f->guest, FAKE_RING, 2, STATUS, 1, VRING_DESC_F_WRITE, 0);
	for (unsigned int i = 0; i < 9; i++)
		fake_offer(&f->guest, 16, 0);
	for (unsigned int turn = 0; turn < 9 && fake_used_idx(&f->guest) < 9; turn++) {
		f->dev->ops->notify(f->dev, 0);
		blk_io_drain(blk);
		assert_int_equal(blk->in_flight, 0);
	}
	assert_int_equal(fake_used_idx(&f->guest), 9);
	blk->free->next->next = kept;
}

static void direct_with_odd_buffers(void **state)
{
	struct fixture *f = *state;
	const struct virtio_host host = { .dma = &f->guest.dma, .loop = f->loop };
	char sector[512];
	struct err e = { 0 };

	virtio_device_destroy(f->dev);
	f->config.direct = true;
	if (virtio_blk_create(&f->config, &host, &f->dev, &e)) {
		f->config.direct = false;
		make_device(f);
		print_message("%s\n", e.text);
		skip();
	}
	again(f);
	if (to_blk(f->dev)->image.block_size > 512)
		skip();
	to_blk(f->dev)->image.memory_align = 512;
	assert_int_equal(request(f, VIRTIO_BLK_T_IN, 2, FAKE_DATA + 3, 1024), VIRTIO_BLK_S_OK);
	assert_int_equal(((char *)fake_at(&f->guest, FAKE_DATA + 3))[0], 'C');
	assert_int_equal(((char *)fake_at(&f->guest, FAKE_DATA + 3))[1023], 'D');
	memset(fake_at(&f->guest, FAKE_DATA + 1), 'z', 512);
	assert_int_equal(request(f, VIRTIO_BLK_T_OUT, 7, FAKE_DATA + 1, 512), VIRTIO_BLK_S_OK);
	on_disk(f, 7, sector);
	assert_int_equal(sector[511], 'z');
}

static void without_io_uring(void **state)
{
	struct fixture *f = *state;
	struct blk *blk = to_blk(f->dev);
	bool had = blk->has_ring;
	char sector[512];

	blk->has_ring = false;
	memset(fake_at(&f->guest, FAKE_DATA), 'y', 512);
	assert_int_equal(request(f, VIRTIO_BLK_T_OUT, 1, FAKE_DATA, 512), VIRTIO_BLK_S_OK);
	on_disk(f, 1, sector);
	assert_int_equal(sector[0], 'y');
	assert_int_equal(request(f, VIRTIO_BLK_T_IN, 2, FAKE_DATA, 512), VIRTIO_BLK_S_OK);
	assert_int_equal(*(char *)fake_at(&f->guest, FAKE_DATA), 'C');
	assert_int_equal(request(f, VIRTIO_BLK_T_FLUSH, 0, 0, 0), VIRTIO_BLK_S_OK);
	assert_int_equal(blk->in_flight, 0);
	blk->has_ring = had;
}

/* Behind an IOMMU: what is under way there is finished first, and without rings there is an end. */
static void memory_taken_away(void **state)
{
	struct fixture *f = *state;
	struct blk *blk = to_blk(f->dev);
	struct blk_request *req = blk->free;
	const uint64_t data = 0x32000, other = 0x40000, ring = FAKE_RING;

	blk->free = req->next;
	req->taken = true;
	req->op = BLK_READ;
	req->left = req->bytes = 512;
	req->status = fake_at(&f->guest, STATUS);
	req->vq.n_in = 1;
	req->vq.segments[0] = (struct iovec){ fake_at(&f->guest, data), 512 };
	req->iov = req->vq.segments;
	req->n_iov = 1;
	blk_io_start(blk, req);
	virtio_device_withdraw(f->dev, other, other + 0xfff, fake_at(&f->guest, other));
	assert_int_equal(blk->in_flight, 1);
	virtio_device_withdraw(f->dev, data, data + 0xfff, fake_at(&f->guest, data));
	assert_int_equal(blk->in_flight, 0);
	assert_int_equal(*(uint8_t *)fake_at(&f->guest, data), 'A');
	assert_int_equal(fake_used_idx(&f->guest), 1);
	assert_false(f->dev->status & VIRTIO_STATUS_NEEDS_RESET);
	virtio_device_withdraw(f->dev, ring, ring + 0xfff, fake_at(&f->guest, ring));
	assert_true(f->dev->status & VIRTIO_STATUS_NEEDS_RESET);
	virtqueue_push(&f->dev->queues[0], 0, 0);
	assert_int_equal(fake_used_idx(&f->guest), 1);
}

/* A guest can have all its memory written many times at once: what is copied for that is limited.
 */
static void bounces_are_limited(void **state)
{
	struct fixture *f = *state;
	struct blk *blk = to_blk(f->dev);
	uint64_t at = FAKE_DATA + 1; /* no address for direct I/O */

	blk->image.direct = true;
	blk->image.memory_align = 512;
	blk->bounced = BLK_MAX_BOUNCED;
	assert_int_equal(request(f, VIRTIO_BLK_T_OUT, 1, at, 512), -1);
	blk->bounced = BLK_MAX_BOUNCED - 1;
	blk_serve(f->dev, 0);
	blk_io_drain(blk);
	assert_int_equal(*(uint8_t *)fake_at(&f->guest, STATUS), VIRTIO_BLK_S_OK);
	assert_int_equal(blk->bounced, BLK_MAX_BOUNCED - 1);
}

static void images_of_other_kinds(void **state)
{
	static const char *const heads[] = {
		"QFI\xfb", "vhdxfile", "conectix", "KDMV", "# Disk DescriptorFile",
	};
	struct fixture *f = *state;
	const struct virtio_host host = { .dma = &f->guest.dma, .loop = f->loop };
	struct disk_config config = f->config;
	struct virtio_device *dev;

	virtio_device_destroy(f->dev);
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		struct err e = { 0 };
		int fd = open(f->path, O_WRONLY | O_CLOEXEC);

		assert_true(pwrite(fd, heads[i], strlen(heads[i]), 0) > 0);
		close(fd);
		config.direct = i == 1;
		config.image_type = DISK_IMAGE_UNKNOWN;
		assert_int_equal(virtio_blk_create(&config, &host, &dev, &e), -EINVAL);
		assert_non_null(strstr(e.hint, "image_type=raw"));
		config.image_type = DISK_IMAGE_RAW;
		assert_int_equal(virtio_blk_create(&config, &host, &dev, &e), 0);
		virtio_device_destroy(dev);
	}
	config.direct = false;
	assert_int_equal(virtio_blk_create(&config, &host, &f->dev, NULL), 0);
}

/* Beyond what it has, another may write where the lock is of bytes. */
static void what_is_locked(void **state)
{
	struct fixture *f = *state;
	const struct virtio_host host = { .dma = &f->guest.dma, .loop = f->loop };
	struct disk_config config = f->config;
	struct flock behind = { .l_type = F_WRLCK, .l_start = SECTORS * 512, .l_len = 1 };
	int fd = open(f->path, O_RDWR | O_CLOEXEC);

	assert_int_equal(fcntl(fd, F_OFD_SETLK, &behind), 0);
	virtio_device_destroy(f->dev);
	config.lock_granularity = DISK_LOCK_FULL;
	assert_int_equal(virtio_blk_create(&config, &host, &f->dev, NULL), -EBUSY);
	close(fd);
	assert_int_equal(virtio_blk_create(&config, &host, &f->dev, NULL), 0);
	fd = open(f->path, O_RDWR | O_CLOEXEC);
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &behind), -1);
	close(fd);
}

static void bad_images(void **state)
{
	struct fixture *f = *state;
	const struct virtio_host host = { .dma = &f->guest.dma, .loop = f->loop };
	static char none[] = "/nonexistent/image", folder[] = "/tmp", null[] = "/dev/null";
	struct disk_config config = f->config;
	struct virtio_device *dev;
	struct err e = { 0 };

	config.path = none;
	assert_int_equal(virtio_blk_create(&config, &host, &dev, &e), -ENOENT);
	config.path = folder;
	config.readonly = true;
	assert_int_equal(virtio_blk_create(&config, &host, &dev, &e), -EINVAL);
	config.path = null;
	assert_int_equal(virtio_blk_create(&config, &host, &dev, &e), -EINVAL);
	assert_non_null(strstr(e.text, "/dev/null"));
}

int main(void)
{
#define ROW(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	static const struct CMUnitTest tests[] = {
		ROW(reads_and_writes),
		ROW(counted),
		ROW(beyond_the_disk),
		ROW(not_a_request),
		ROW(odd_layout),
		ROW(zeroes_and_discards),
		ROW(zeroes_written_by_hand),
		ROW(truncated_underneath),
		ROW(read_only_and_locked),
		ROW(more_than_fits_in_flight),
		ROW(direct_with_odd_buffers),
		ROW(without_io_uring),
		ROW(memory_taken_away),
		ROW(bounces_are_limited),
		ROW(images_of_other_kinds),
		ROW(what_is_locked),
		ROW(bad_images),
	};

	return cmocka_run_group_tests_name("virtio_blk", tests, NULL, NULL);
}
