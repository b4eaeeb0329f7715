#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# lab: --vp-vdpa
# The lab with --vp-vdpa: a virtio-net function behind an IOMMU as vDPA hardware.

bats_require_minimum_version 1.5.0
load ../asserts

@test "a device can be made on the virtio-net function and opened" {
	run -0 vdpa mgmtdev show
	assert_line --partial "pci/$LAB_VP_VDPA"
	run -0 vdpa dev add name vp0 mgmtdev "pci/$LAB_VP_VDPA"
	# without an IOMMU this open fails
	run -0 sh -c 'exec 5<>"/dev/$(ls /sys/bus/vdpa/devices/vp0 | grep ^vhost-vdpa-)"'
	run -0 vdpa dev del vp0
}
