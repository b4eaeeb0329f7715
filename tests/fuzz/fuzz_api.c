/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * API requests over a machine that only pretends, and the client's reading of answers. An input is
 * lines of "METHOD NAME BODY", done one after another on the same VMM.
 */
#include "api/requests.h"
#include "vmm_api/http_reply.h"

#include <assert.h>
#include <json-c/json.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int pretend_create(const struct vm_config *config, const struct machine_setup *setup,
			  struct machine **out, struct err *e)
{
	(void)config, (void)setup;
	*out = calloc(1, sizeof(**out));
	return *out ? 0 : err_nomem(e);
}

static int pretend(struct machine *m, struct err *e)
{
	(void)m, (void)e;
	return 0;
}

static void pretend_destroy(struct machine *m)
{
	free(m);
}

static int pretend_disk(struct machine *m, const struct disk_config *disk,
			struct machine_place *place, struct err *e)
{
	(void)m, (void)e;
	assert(disk->path && disk->pci.id);
	*place = (struct machine_place){ .segment = disk->pci.segment };
	return 0;
}

static int pretend_vdpa(struct machine *m, const struct vdpa_config *vdpa,
			struct machine_place *place, struct err *e)
{
	(void)m, (void)e;
	assert((vdpa->path || vdpa->device) && vdpa->fd < 0 && vdpa->pci.id);
	*place = (struct machine_place){ .segment = vdpa->pci.segment };
	return 0;
}

static int pretend_remove(struct machine *m, const char *id, struct err *e)
{
	(void)m, (void)id, (void)e;
	return 0;
}

static void pretend_each(struct machine *m, machine_device_fn fn, void *data)
{
	(void)m, (void)fn, (void)data;
}

static const struct machine_ops ops = {
	.create = pretend_create,
	.start = pretend,
	.pause = pretend,
	.resume = pretend,
	.destroy = pretend_destroy,
	.add_disk = pretend_disk,
	.add_vdpa = pretend_vdpa,
	.remove_device = pretend_remove,
	.power_button = pretend,
	.nmi = pretend,
	.each_device = pretend_each,
};

static void one_request(struct vmm *vmm, const char *line, size_t len)
{
	_api_answer_ struct api_answer answer = { 0 };
	_free_ char *text = strndup(line, len);
	char *name = strchr(text, ' '), *body, path[300];

	if (!name)
		return;
	*name++ = '\0';
	body = strchr(name, ' ');
	if (body)
		*body++ = '\0';
	snprintf(path, sizeof(path), "/api/v1/%s", name);
	api_request(vmm, text, path, body ? body : "", body ? strlen(body) : 0, &answer);
	assert(answer.status >= 200 && answer.status <= 501);
	assert((answer.status == 204) == !answer.body);
	if (answer.body)
		json_object_to_json_string(answer.body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *at = (const char *)data, *end = at + size;
	struct vmm_setup setup = { .ops = &ops };
	struct http_head head;
	struct vmm vmm;
	struct vmm_fault fault = { 0 };

	if (size && http_head_parse(at, size, &head, NULL) == 1)
		assert(head.head_len <= size);
	vmm_init(&vmm, &setup);
	while (at < end) {
		const char *eol = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((eol ? eol : end) - at);

		one_request(&vmm, at, len);
		/* No Landlock: what confines a fuzzer stays for its next run. */
		vmm.restricted = true;
		at += len + 1;
	}
	return vmm_delete_vm(&vmm, &fault);
}
