/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machine under KVM, as the VMM process sees it. */
#include "machine_ops.h"

const struct machine_ops machine_ops_kvm = {
	.create = machine_create,
	.start = machine_start,
	.pause = machine_pause,
	.resume = machine_resume,
	.snapshot = machine_snapshot,
	.destroy = machine_destroy,
	.add_disk = machine_add_disk,
	.add_vdpa = machine_add_vdpa,
	.remove_device = machine_remove_device,
	.power_button = machine_power_button,
	.nmi = machine_nmi,
	.each_device = machine_each_device,
};
