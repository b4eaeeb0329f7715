/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bit sets as lists of names. */
#pragma once

#include "output/output.h"

/* Virtio feature bits of a class; a bit without a name is shown as "bit_N". */
void out_features(struct output *o, const char *key, const char *label, uint32_t class_id,
		  uint64_t features);
/* As iproute2 names them in JSON: a class id as its name or its number. */
void out_class(struct output *o, const char *key, const char *label, uint32_t class_id);

void out_backend_features(struct output *o, const char *key, const char *label, uint64_t features);
void out_status(struct output *o, const char *key, const char *label, uint8_t status);
