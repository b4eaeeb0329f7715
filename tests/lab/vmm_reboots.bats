#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# A guest that reboots again and again in one VMM; in a file of its own, for it takes its time.

bats_require_minimum_version 1.5.0
load ../asserts

load guest/guest

setup() {
	[ "${IN_LAB:-}" = 1 ] || skip "runs in the lab (tests/lab/run)"
}

teardown() {
	guest_kill
	vdpa dev del b0
}

MEMORY=(--memory size=192M,shared=on)

@test "twenty reboots with the device alive" {
	vdpa dev add name b0 mgmtdev vdpasim_blk
	guest_start "${MEMORY[@]}" --vdpa device=b0
	for boot in $(seq 20); do
		run -0 guest_run "blkio write /dev/vda $boot 262144"
		guest_send 'reboot -f'
		guest_ready
		echo "# boot $boot at ${SECONDS} s" >&3
		run -0 guest_run "blkio verify /dev/vda $boot 262144"
	done
}
