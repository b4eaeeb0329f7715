/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the VMM process asks of a machine; a test puts one without KVM in its place. */
#pragma once

#include "machine.h"

struct machine_ops {
	int (*create)(const struct vm_config *config, const struct machine_setup *setup,
		      struct machine **out, struct err *e);
	int (*start)(struct machine *m, struct err *e);
	int (*pause)(struct machine *m, struct err *e);
	int (*resume)(struct machine *m, struct err *e);
	int (*snapshot)(struct machine *m, const struct vm_config *config, const char *url,
			struct err *e);
	void (*destroy)(struct machine *m);
	int (*add_disk)(struct machine *m, const struct disk_config *disk,
			struct machine_place *place, struct err *e);
	int (*add_vdpa)(struct machine *m, const struct vdpa_config *vdpa,
			struct machine_place *place, struct err *e);
	int (*remove_device)(struct machine *m, const char *id, struct err *e);
	int (*power_button)(struct machine *m, struct err *e);
	int (*nmi)(struct machine *m, struct err *e);
	void (*each_device)(struct machine *m, machine_device_fn fn, void *data);
};

/* The machine of machine.h. */
extern const struct machine_ops machine_ops_kvm;
