#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The examples run, and the helper library leaves nothing behind.

bats_require_minimum_version 1.5.0
load ../asserts
load ../../bats/vdpa

setup() {
	top=$BATS_TEST_DIRNAME/../..
	export VDPA_BATS=$top/bats IMAGE=$LAB_GUEST_IMAGE KERNEL=$LAB_GUEST_VMLINUX VDPA_TIMEOUT=240
}

@test "the example suite passes and leaves nothing behind" {
	run -0 bats --tap "$top/examples/vdpa-suite.bats"
	run -0 vdpactl dev show --json
	refute_output --partial suite-blk
}

@test "a client that has curl alone sees a VM through its life" {
	for name in a b; do
		vdpactl dev add name curl-$name mgmtdev vdpasim_blk
	done
	cd "$BATS_TEST_TMPDIR"
	run "$top/examples/api-curl.sh" "$LAB_GUEST_VMLINUX" "$LAB_TINY_INITRD" \
		"/dev/$(basename /sys/bus/vdpa/devices/curl-a/vhost-vdpa-*)" "/dev/$(basename /sys/bus/vdpa/devices/curl-b/vhost-vdpa-*)"
	vdpactl dev del curl-a
	vdpactl dev del curl-b
	assert_success
	assert_line '< 200 {"id":"second","bdf":"0000:00:04.0"}'
	assert_line '! device-removed'
	assert_line --regexp '^< 200 .*"state":"Running"'
	assert_line --regexp '^< 200 .*"state":"Created"'
	assert_equal "$(grep -c '^< 204' <<<"$output")" 8
}

@test "what a killed suite made is taken back" {
	setsid bats "$BATS_TEST_DIRNAME/guest/dies.bats" >/dev/null 2>&1 3>&- &
	local suite=$!
	vdpa_wait_until assert_vdpa_device dies-blk
	kill -KILL -- "-$suite"
	vdpa_wait_until refute_vdpa_device dies-blk
}

@test "a failed assertion says what was expected and what there is" {
	vdpa_setup
	vdpa_device said-blk vdpasim_blk
	run ! assert_vdpa_device said-blk driver virtio_vdpa
	assert_line "expected : virtio_vdpa"
	assert_line "actual   : vhost_vdpa"
	run ! refute_vdpa_device said-blk
	run ! assert_vdpa_vm nobody Running
	assert_line "actual   : gone"
	VDPA_TIMEOUT=1 run ! vdpa_wait_until refute_vdpa_device said-blk
	assert_line "-- not within 1 s: refute_vdpa_device said-blk --"
	vdpa_teardown
	refute_vdpa_device said-blk
}
