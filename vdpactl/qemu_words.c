/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A configuration as a command line of QEMU. */
#include "qemu_words.h"

#include "base/parse.h"
#include "vdpa/sysfs.h"

#include <stdarg.h>
#include <string.h>

static int add(struct cli_words *words, struct err *e, const char *fmt, ...) _printf_(3, 4);

static int add(struct cli_words *words, struct err *e, const char *fmt, ...)
{
	_free_ char *text = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		text = NULL;
	return n < 0 || cli_words_add(words, text) ? err_nomem(e) : 0;
}

static int pair(struct cli_words *words, struct err *e, const char *option, const char *value)
{
	int r = add(words, e, "%s", option);

	return r ? r : add(words, e, "%s", value);
}

static int memory(const struct vm_config *c, struct cli_words *words, struct err *e)
{
	char size[32], object[128];
	int r;

	format_size(c->memory.size, size, sizeof(size));
	r = pair(words, e, "-m", size);
	if (r || (!c->memory.hugepages && !c->memory.shared))
		return r;
	snprintf(object, sizeof(object), "memory-backend-memfd,id=ram,size=%s,share=on%s%s", size,
		 c->memory.hugepages ? ",hugetlb=on" : "",
		 c->memory.prefault ? ",prealloc=on" : "");
	r = pair(words, e, "-object", object);
	return r ? r : pair(words, e, "-machine", "memory-backend=ram");
}

/* Within a list of key=value, QEMU takes a comma that is doubled for one of the value. */
static void put_value(struct strbuf *sb, const char *key, const char *value)
{
	strbuf_printf(sb, "%s=", key);
	for (; *value; value++) {
		if (*value == ',')
			strbuf_putc(sb, ',');
		strbuf_putc(sb, *value);
	}
}

static int disks(const struct vm_config *c, struct cli_words *words, struct err *e)
{
	int r = 0;

	for (size_t i = 0; !r && i < c->n_disks; i++) {
		const struct disk_config *d = &c->disks[i];
		_strbuf_ struct strbuf drive = { 0 }, device = { 0 };

		put_value(&drive, "file", d->path);
		strbuf_printf(&drive, ",format=raw,if=none,id=disk%zu%s%s", i,
			      d->readonly ? ",readonly=on" : "",
			      d->direct ? ",cache=none,aio=io_uring" : "");
		strbuf_printf(&device, "virtio-blk-pci,drive=disk%zu%s", i, d->serial ? "," : "");
		if (d->serial)
			put_value(&device, "serial", d->serial);
		if (drive.failed || device.failed)
			return err_nomem(e);
		r = pair(words, e, "-drive", strbuf_text(&drive));
		if (!r)
			r = pair(words, e, "-device", strbuf_text(&device));
	}
	return r;
}

static int vdpas(const struct vm_config *c, struct cli_words *words, struct err *e)
{
	int r = 0;

	for (size_t i = 0; !r && i < c->n_vdpas; i++) {
		const struct vdpa_config *v = &c->vdpas[i];
		_strbuf_ struct strbuf device = { 0 };
		char node[VDPA_NODE_MAX];

		if (!v->path)
			r = vdpa_sysfs_node(NULL, v->device ? v->device : "", node, e);
		if (r)
			return r;
		strbuf_puts(&device, "vhost-vdpa-device-pci,");
		put_value(&device, "vhostdev", v->path ? v->path : node);
		r = device.failed ? err_nomem(e) : pair(words, e, "-device", strbuf_text(&device));
	}
	return r;
}

static int payload(const struct vm_config *c, struct cli_words *words, struct err *e)
{
	const struct payload_config *p = &c->payload;
	int r = p->kernel ? pair(words, e, "-kernel", p->kernel) : 0;

	if (!r && p->initramfs)
		r = pair(words, e, "-initrd", p->initramfs);
	if (!r && p->cmdline)
		r = pair(words, e, "-append", p->cmdline);
	return r;
}

static int console(const struct vm_config *c, struct cli_words *words, struct err *e)
{
	int r = pair(words, e, "-serial", c->serial.mode == CONSOLE_TTY ? "mon:stdio" : "null");

	if (r || c->console.mode != CONSOLE_TTY)
		return r;
	r = pair(words, e, "-device", "virtio-serial-pci");
	if (!r)
		r = pair(words, e, "-chardev", "stdio,id=hvc0,signal=off");
	return r ? r : pair(words, e, "-device", "virtconsole,chardev=hvc0");
}

int qemu_words(const struct vm_config *config, struct cli_words *words, struct err *e)
{
	char cpus[32];
	int r = add(words, e, "qemu-system-x86_64");

	if (!r)
		r = pair(words, e, "-machine", "q35,accel=kvm");
	if (!r)
		r = pair(words, e, "-cpu", "host");
	snprintf(cpus, sizeof(cpus), "%u", config->cpus.boot);
	if (!r)
		r = pair(words, e, "-smp", cpus);
	if (!r)
		r = memory(config, words, e);
	if (!r)
		r = add(words, e, "-nodefaults");
	if (!r)
		r = add(words, e, "-nographic");
	if (!r)
		r = payload(config, words, e);
	if (!r)
		r = console(config, words, e);
	if (!r)
		r = disks(config, words, e);
	return r ? r : vdpas(config, words, e);
}
