#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# lab: --pinned
# Devices that pin guest memory: limits that bind, and guests that run.

bats_require_minimum_version 1.5.0
load ../asserts

load guest/guest

setup() {
	[ "${IN_LAB:-}" = 1 ] || skip "runs in the lab (tests/lab/run)"
	echo 96 >/proc/sys/vm/nr_hugepages
	vdpa dev add name b0 mgmtdev vdpasim_blk
}

teardown() {
	guest_kill
	vdpa dev del b0
	echo 0 >/proc/sys/vm/nr_hugepages
}

MEMORY=(--memory size=192M,hugepages=on)

@test "a pinned disk holds its data, over reboots too" {
	ulimit -l unlimited
	guest_start "${MEMORY[@]}" --vdpa device=b0
	for boot in 1 2 3; do
		run -0 guest_run "blkio write /dev/vda $boot 8388608"
		guest_send 'reboot -f'
		guest_ready
		run -0 guest_run "blkio verify /dev/vda $boot 8388608"
	done
}

@test "too low a locked-memory limit is named before the guest starts" {
	ulimit -l 65536
	run -1 timeout 180 vdpa-vmm "${MEMORY[@]}" --kernel "$LAB_GUEST_VMLINUX" --console off --vdpa device=b0
	assert_output --partial 'locked-memory limit'
	assert_output --partial 'ulimit -l'
	assert_output --regexp "'prlimit --pid [0-9]+ --memlock=[0-9]+'"
}
