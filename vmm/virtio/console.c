/* SPDX-License-Identifier: GPL-3.0-or-later */
/* virtio-console (virtio 1.2, 5.3): one port, hvc0 of a Linux guest. */
#include "base/checked.h"
#include "virtio/devices.h"

#include <linux/virtio_console.h>
#include <linux/virtio_ids.h>
#include <string.h>

enum {
	CONSOLE_RX,
	CONSOLE_TX,
	CONSOLE_QUEUES,
	CONSOLE_QUEUE_SIZE = 256,
	CONSOLE_BATCH = 64,          /* requests before others get their turn */
	CONSOLE_MAX_WRITE = 1 << 20, /* bytes of one request; the rest of a silly one is dropped */
};

struct console {
	struct virtio_device virtio;
	struct console_backend *backend; /* borrowed */
	struct console_user user;
	uint64_t rx_bytes, tx_bytes;
};

static struct console *to_console(struct virtio_device *dev)
{
	return container_of(dev, struct console, virtio);
}

static void config_read(struct virtio_device *dev, uint32_t offset, void *buf, uint32_t len)
{
	struct virtio_console_config config = { .max_nr_ports = 1 };
	uint16_t columns, rows;

	if (console_backend_size(to_console(dev)->backend, &columns, &rows)) {
		config.cols = columns;
		config.rows = rows;
	}
	memcpy(buf, (const uint8_t *)&config + offset, len);
}

/* Puts input into the guest's buffers, one buffer a time; returns what they took. */
static size_t receive(struct console *c, const uint8_t *buf, size_t len)
{
	struct virtio_device *dev = &c->virtio;
	struct virtqueue_request req;
	size_t done = 0;

	for (unsigned int i = 1; done < len && virtio_device_pop(dev, CONSOLE_RX, &req); i++) {
		size_t n = virtqueue_write(&req, 0, buf + done, len - done);

		virtqueue_push(&dev->queues[CONSOLE_RX], req.head, (uint32_t)n);
		done += n;
		/* Empty buffers must not keep us here; serving again asks for the input again. */
		if (i == CONSOLE_BATCH) {
			dev->transport_ops->serve_again(dev);
			break;
		}
	}
	c->rx_bytes += done;
	virtio_device_notify(dev, CONSOLE_RX);
	return done;
}

static size_t on_input(void *data, const uint8_t *buf, size_t len)
{
	struct console *c = data;
	size_t n = 0;

	pthread_mutex_lock(&c->virtio.lock);
	if (c->virtio.activated)
		n = receive(c, buf, len);
	pthread_mutex_unlock(&c->virtio.lock);
	return n;
}

static void on_resized(void *data)
{
	struct console *c = data;
	struct virtio_device *dev = &c->virtio;

	pthread_mutex_lock(&dev->lock);
	if (dev->activated && virtio_has_feature(dev, VIRTIO_FEATURE(VIRTIO_CONSOLE_F_SIZE)))
		dev->transport_ops->notify_config(dev);
	pthread_mutex_unlock(&dev->lock);
}

static void transmit(struct console *c)
{
	struct virtio_device *dev = &c->virtio;
	struct virtqueue_request req;

	for (unsigned int i = 1; virtio_device_pop(dev, CONSOLE_TX, &req); i++) {
		size_t room = CONSOLE_MAX_WRITE;

		for (unsigned int s = 0; s < req.n_out && room; s++) {
			size_t n = req.segments[s].iov_len;

			if (n > room)
				n = room;
			console_backend_write(c->backend, req.segments[s].iov_base, n);
			c->tx_bytes += n;
			room -= n;
		}
		virtqueue_push(&dev->queues[CONSOLE_TX], req.head, 0);
		if (i == CONSOLE_BATCH) {
			dev->transport_ops->serve_again(dev);
			break;
		}
	}
	virtio_device_notify(dev, CONSOLE_TX);
}

static void serve(struct virtio_device *dev, unsigned int queue)
{
	struct console *c = to_console(dev);

	if (queue == CONSOLE_RX)
		console_backend_resume(c->backend);
	else
		transmit(c);
}

static int activate(struct virtio_device *dev, struct err *e)
{
	int r = virtio_device_start_queues(dev, e);

	if (r)
		return r;
	for (unsigned int i = 0; i < CONSOLE_QUEUES; i++)
		virtqueue_enable_kicks(&dev->queues[i]);
	console_backend_resume(to_console(dev)->backend);
	return 0;
}

static void reset(struct virtio_device *dev _unused_)
{
}

static size_t counters(struct virtio_device *dev, struct virtio_counter *out, size_t room)
{
	const struct console *c = to_console(dev);

	if (room < 2)
		return 0;
	out[0] = (struct virtio_counter){ .name = "rx_bytes", .value = c->rx_bytes };
	out[1] = (struct virtio_counter){ .name = "tx_bytes", .value = c->tx_bytes };
	return 2;
}

static void destroy(struct virtio_device *dev)
{
	struct console *c = to_console(dev);

	console_backend_attach(c->backend, NULL);
	virtio_device_fini(dev);
	free(c);
}

static const struct virtio_ops ops = {
	.config_read = config_read,
	.activate = activate,
	.reset = reset,
	.notify = serve,
	.counters = counters,
	.destroy = destroy,
};

int virtio_console_create(const struct console_config *config, struct console_backend *backend,
			  const struct virtio_host *host, struct virtio_device **out, struct err *e)
{
	_free_ struct console *c = calloc(1, sizeof(*c));
	struct virtio_device *dev;

	if (!c || virtio_device_init(&c->virtio, &ops, VIRTIO_ID_CONSOLE, config->pci.id,
				     CONSOLE_QUEUES, CONSOLE_QUEUE_SIZE))
		return err_nomem(e);
	dev = &c->virtio;
	dev->kind = "console";
	/* Whatever is behind it now: a restored guest may find something else there. 0 x 0 is a
	 * size that is not known. */
	dev->offered = VIRTIO_FEATURE_EVENT_IDX | VIRTIO_FEATURE_INDIRECT |
		       VIRTIO_FEATURE(VIRTIO_CONSOLE_F_SIZE);
	dev->config_size = sizeof(struct virtio_console_config);
	dev->dma = host->dma;
	dev->loop = host->loop;
	c->backend = backend;
	c->user = (struct console_user){ .input = on_input, .resized = on_resized, .data = c };
	console_backend_attach(backend, &c->user);
	*out = &steal_ptr(&c)->virtio;
	return 0;
}
