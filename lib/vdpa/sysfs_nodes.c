/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The nodes of all vDPA devices by two listings, where a look at each would cost a system call. */
#include "vdpa/sysfs_nodes.h"

#include "vdpa/sysfs.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

/* By inode numbers, in steps of so many bits from the lowest on, which costs the same for each. */
enum {
	DIGIT_BITS = 8,
	DIGITS = 1 << DIGIT_BITS,
};

static void sort_by_digit(const struct vdpa_links *from, struct vdpa_link *to, uint64_t low,
			  unsigned int shift)
{
	size_t at[DIGITS] = { 0 }, sum = 0;

	for (size_t i = 0; i < from->n; i++)
		at[(from->items[i].ino - low) >> shift & (DIGITS - 1)]++;
	for (size_t i = 0; i < DIGITS; i++) {
		size_t n = at[i];

		at[i] = sum;
		sum += n;
	}
	for (size_t i = 0; i < from->n; i++)
		to[at[(from->items[i].ino - low) >> shift & (DIGITS - 1)]++] = from->items[i];
}

static bool sort(struct vdpa_links *links)
{
	struct vdpa_link *other = reallocarray(NULL, links->n, sizeof(*other));
	uint64_t low = UINT64_MAX, high = 0;

	if (!other)
		return false;
	for (size_t i = 0; i < links->n; i++) {
		low = links->items[i].ino < low ? links->items[i].ino : low;
		high = links->items[i].ino > high ? links->items[i].ino : high;
	}
	for (unsigned int shift = 0; shift < 64 && (high - low) >> shift; shift += DIGIT_BITS) {
		struct vdpa_link *sorted = other;

		sort_by_digit(links, sorted, low, shift);
		other = links->items;
		links->items = sorted;
	}
	free(other);
	return true;
}

bool vdpa_nodes_pair(struct vdpa_links *devices, struct vdpa_links *nodes)
{
	uint64_t last = 0;

	if (!devices->n || devices->n != nodes->n || !sort(devices) || !sort(nodes))
		return false;
	for (size_t i = 0; i < devices->n; i++) {
		if (devices->items[i].ino <= last || nodes->items[i].ino <= devices->items[i].ino)
			return false;
		last = nodes->items[i].ino;
	}
	return true;
}

/* Names stay where they are while the buffer grows only as offsets. */
static bool append(struct vdpa_links *links, size_t *room, const struct dirent *entry, size_t skip,
		   struct strbuf *names)
{
	const char *name = entry->d_name + skip;

	if (links->n == *room) {
		size_t more = *room ? 2 * *room : 64;
		struct vdpa_link *items = reallocarray(links->items, more, sizeof(*items));

		if (!items)
			return false;
		links->items = items;
		*room = more;
	}
	links->items[links->n++] = (struct vdpa_link){ .ino = entry->d_ino, .name = names->len };
	strbuf_append(names, name, strlen(name) + 1);
	return !names->failed;
}

/* The links in a folder whose names begin with `prefix`, by the rest of their names; but not a
 * driver's link to its module. */
static bool read_links(const struct host_roots *at, const char *folder, const char *prefix,
		       struct vdpa_links *links, struct strbuf *names)
{
	size_t prefix_len = strlen(prefix), room = 0;
	const struct dirent *entry;
	_closedir_ DIR *d = NULL;
	char path[VDPA_PATH_MAX];

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", at->sys, folder) >= sizeof(path))
		return false;
	d = opendir(path);
	if (!d)
		return false;
	while ((entry = readdir(d)))
		if (entry->d_type == DT_LNK && strncmp(entry->d_name, prefix, prefix_len) == 0 &&
		    strcmp(entry->d_name, "module") != 0 &&
		    !append(links, &room, entry, prefix_len, names))
			return false;
	return true;
}

void vdpa_nodes_read(const struct host_roots *roots, unsigned int number, struct vdpa_nodes *out)
{
	static const char driver[] = "bus/vdpa/drivers/" VDPA_DRIVER_VHOST;
	const struct host_roots *at = host_roots_or_default(roots);
	char prefix[16];

	*out = (struct vdpa_nodes){ 0 };
	snprintf(prefix, sizeof(prefix), "%u:", number);
	/* Nodes first: one whose device is gone meanwhile has no link before it and is noticed. */
	if (!read_links(at, "dev/char", prefix, &out->nodes, &out->names) ||
	    !read_links(at, driver, "", &out->devices, &out->names) ||
	    !vdpa_nodes_pair(&out->devices, &out->nodes))
		vdpa_nodes_clear(out);
}

const char *vdpa_nodes_find(struct vdpa_nodes *nodes, const char *device)
{
	for (size_t i = 0; i < nodes->devices.n; i++) {
		size_t at = nodes->next;

		nodes->next = at + 1 < nodes->devices.n ? at + 1 : 0;
		if (strcmp(nodes->names.text + nodes->devices.items[at].name, device) == 0)
			return nodes->names.text + nodes->nodes.items[at].name;
	}
	return NULL;
}

void vdpa_nodes_clear(struct vdpa_nodes *nodes)
{
	free(nodes->devices.items);
	free(nodes->nodes.items);
	strbuf_free(&nodes->names);
	*nodes = (struct vdpa_nodes){ 0 };
}
