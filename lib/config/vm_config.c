/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The configuration of one virtual machine: defaults, copies, records. */
#include "config/vm_config.h"

#include "config/vm_options.h"

#include <errno.h>
#include <string.h>

/* More than any machine has slots; bounds what a profile or a request can ask for. */
enum {
	MAX_RECORDS = VM_MAX_SEGMENTS * VM_SLOTS_PER_SEGMENT
};

static void *field(const struct vm_config *config, uint16_t offset)
{
	return (char *)(uintptr_t)config + offset;
}

static void **list_of(const struct vm_config *config, const struct option_section *section)
{
	return field(config, section->offset);
}

static size_t *length_of(const struct vm_config *config, const struct option_section *section)
{
	return field(config, section->count_offset);
}

size_t vm_config_count(const struct vm_config *config, const struct option_section *section)
{
	return section->list ? *length_of(config, section) : 1;
}

void *vm_config_record(const struct vm_config *config, const struct option_section *section,
		       size_t index)
{
	if (section->list)
		return (char *)*list_of(config, section) + index * section->size;
	return field(config, section->offset);
}

int vm_config_init(struct vm_config *config)
{
	int r = 0;

	/* The section of the machine as a whole is the first and clears the struct. */
	for (const struct option_section *const *s = vm_sections; *s && !r; s++)
		if (!(*s)->list)
			r = option_record_init(*s, vm_config_record(config, *s, 0));
	if (r)
		vm_config_clear(config);
	return r;
}

void vm_config_clear(struct vm_config *config)
{
	for (const struct option_section *const *s = vm_sections; *s; s++) {
		for (size_t i = 0; i < vm_config_count(config, *s); i++)
			option_record_clear(*s, vm_config_record(config, *s, i));
		if (!(*s)->list)
			continue;
		free(*list_of(config, *s));
		*list_of(config, *s) = NULL;
		*length_of(config, *s) = 0;
	}
	origins_clear(&config->origins);
}

static int copy_list(const struct option_section *section, struct vm_config *to,
		     const struct vm_config *from)
{
	size_t n = *length_of(from, section);
	void *records = n ? malloc(n * section->size) : NULL;

	*list_of(to, section) = records;
	*length_of(to, section) = 0;
	if (n && !records)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		if (option_record_copy(section, (char *)records + i * section->size,
				       vm_config_record(from, section, i)))
			return -ENOMEM;
		*length_of(to, section) = i + 1;
	}
	return 0;
}

int vm_config_copy(struct vm_config *to, const struct vm_config *from)
{
	int r = 0;

	/*
	 * The section of the machine as a whole is the first and copies the struct byte by byte;
	 * from then on every section goes its own way to the end, so that nothing stays shared.
	 */
	for (const struct option_section *const *s = vm_sections; *s; s++) {
		int one = (*s)->list ? copy_list(*s, to, from)
				     : option_record_copy(*s, vm_config_record(to, *s, 0),
							  vm_config_record(from, *s, 0));

		r = one ? one : r;
	}
	if (origins_copy(&to->origins, &from->origins))
		r = -ENOMEM;
	if (r)
		vm_config_clear(to);
	return r;
}

void *vm_config_open(struct vm_config *config, const struct option_section *section, size_t *index,
		     struct err *e)
{
	size_t n = 0;
	void *records;

	if (section == &vm_section_platform)
		config->has_platform = true;
	if (section->list) {
		n = *length_of(config, section);
		if (n >= MAX_RECORDS) {
			err_set(e, -E2BIG, "more than %d of '%s'", MAX_RECORDS, section->name);
			return NULL;
		}
		records = realloc(*list_of(config, section), (n + 1) * section->size);
		if (records)
			*list_of(config, section) = records;
		if (!records || option_record_init(section, vm_config_record(config, section, n))) {
			err_nomem(e);
			return NULL;
		}
		*length_of(config, section) = n + 1;
	}
	if (index)
		*index = n;
	return vm_config_record(config, section, n);
}

void vm_config_drop(struct vm_config *config, const struct option_section *section, size_t index)
{
	size_t *n = length_of(config, section);
	char *record = vm_config_record(config, section, index);

	option_record_clear(section, record);
	memmove(record, record + section->size, (*n - index - 1) * section->size);
	--*n;
}

int vm_config_remove_device(struct vm_config *config, const char *id, struct err *e)
{
	for (size_t i = 0; i < config->n_disks; i++) {
		if (config->disks[i].pci.id && strcmp(config->disks[i].pci.id, id) == 0) {
			vm_config_drop(config, &vm_section_disk, i);
			return 0;
		}
	}
	for (size_t i = 0; i < config->n_vdpas; i++) {
		if (config->vdpas[i].pci.id && strcmp(config->vdpas[i].pci.id, id) == 0) {
			vm_config_drop(config, &vm_section_vdpa, i);
			return 0;
		}
	}
	return err_set(e, -ENOENT, "no disk or vDPA device has the identifier '%s'", id);
}

int vm_config_prefix(const struct vm_config *config, const struct option_section *section,
		     size_t index, const struct option *option, struct err *e)
{
	const struct option *label = section->label ? option_find(section, section->label) : NULL;
	_strbuf_ struct strbuf text = { 0 };

	if (config->origins.form == ORIGIN_PLACE && label)
		option_get(label, vm_config_record(config, section, index), &text);
	if (!text.len)
		return origins_prefix(&config->origins, section, index, option, e);
	return err_prefix(e, "%s.%s%s%s", section->name, strbuf_text(&text), option ? "." : "",
			  option ? option->key : "");
}
