#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Where devices are: many segments, and the slots that a command line promises.

bats_require_minimum_version 1.5.0
load ../asserts

load guest/guest

setup() {
	[ "${IN_LAB:-}" = 1 ] || skip "runs in the lab (tests/lab/run)"
	cd "$BATS_TEST_TMPDIR" || return
	vdpa dev add name b0 mgmtdev vdpasim_blk
}

teardown() {
	guest_kill
	vdpa dev del b0
}

# used SEED: the disk takes and gives back what it is given.
used() {
	run -0 guest_run "blkio write /dev/vda $1 4194304 && blkio verify /dev/vda $1 4194304"
}

@test "96 segments: each has its host bridge, and a device on the last one works" {
	guest_start --memory size=256M,shared=on --platform num_pci_segments=96 --vdpa device=b0,pci_segment=95 \
		--pci-segment pci_segment=95,mmio64_aperture_weight=2
	run -0 guest_run 'ls -d /sys/devices/pci*:00 | wc -l; ls /sys/bus/pci/devices'
	assert_line 96
	assert_line --partial '005f:00:00.0'
	used 2
}

@test "slots are as promised: console, disks, entropy, then vDPA" {
	truncate -s 1M one.img two.img
	guest_start --memory size=192M,shared=on --disk path=one.img path=two.img --vdpa device=b0
	run -0 guest_run 'cd /sys/bus/pci/devices; for d in *; do echo $d $(cat $d/device); done'
	assert_output "0000:00:00.0 0x0d57
0000:00:01.0 0x1043
0000:00:02.0 0x1042
0000:00:03.0 0x1042
0000:00:04.0 0x1044
0000:00:05.0 0x1042"
}
