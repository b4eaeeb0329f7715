/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bit sets as lists of names. */
#include "output/bit_names.h"

#include "vdpa/virtio_names.h"

#include <stdio.h>

struct bit_names {
	const char *list[64];
	char unnamed[64][8];
	size_t n;
};

static void add_bit(struct bit_names *names, unsigned bit, const char *name)
{
	if (!name) {
		snprintf(names->unnamed[bit], sizeof(names->unnamed[bit]), "bit_%u", bit);
		name = names->unnamed[bit];
	}
	names->list[names->n++] = name;
}

void out_features(struct output *o, const char *key, const char *label, uint32_t class_id,
		  uint64_t features)
{
	struct bit_names names = { .n = 0 };

	for (unsigned bit = 0; bit < 64; bit++)
		if (features >> bit & 1)
			add_bit(&names, bit, virtio_feature_name(class_id, bit));
	out_list(o, key, label, names.list, names.n);
}

void out_backend_features(struct output *o, const char *key, const char *label, uint64_t features)
{
	struct bit_names names = { .n = 0 };

	for (unsigned bit = 0; bit < 64; bit++)
		if (features >> bit & 1)
			add_bit(&names, bit, vhost_backend_feature_name(bit));
	out_list(o, key, label, names.list, names.n);
}

void out_status(struct output *o, const char *key, const char *label, uint8_t status)
{
	struct bit_names names = { .n = 0 };

	for (unsigned bit = 0; bit < 8; bit++)
		if (status >> bit & 1)
			add_bit(&names, bit, virtio_status_name(bit));
	out_list(o, key, label, names.list, names.n);
}

void out_class(struct output *o, const char *key, const char *label, uint32_t class_id)
{
	const char *name = virtio_class_name(class_id);
	char number[12];

	if (!name)
		snprintf(number, sizeof(number), "%u", class_id);
	out_str(o, key, label, name ? name : number);
}
