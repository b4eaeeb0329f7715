#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# A suite of your own: does this guest image work with a vDPA disk?
# Run as root with IMAGE (a raw Debian image with a root shell on hvc0) and KERNEL (its kernel) set.

load "${VDPA_BATS:-/usr/local/share/vdpactl/bats}/vdpa"

setup() {
	vdpa_setup
	vdpa_device suite-blk vdpasim_blk
	cp --sparse=always "$IMAGE" "$BATS_TEST_TMPDIR/image.raw"
}

teardown() {
	vdpa_teardown
}

@test "the device is there, bound for VMs" {
	assert_vdpa_device suite-blk driver vhost_vdpa type block
	refute_vdpa_device no-such-device
}

@test "a guest writes to the vDPA disk and reads it back" {
	local options=(--cpus boot=1 --memory size=256M --disk "path=$BATS_TEST_TMPDIR/image.raw"
		--kernel "$KERNEL" --cmdline "root=/dev/vda1 console=hvc0 quiet" --vdpa device=suite-blk)
	assert_vdpa_check "${options[@]}"
	vdpa_vm suite "${options[@]}"
	vdpa_guest_ready suite
	run vdpa_guest_run suite 'lsblk -dno SIZE /dev/vdb'
	[ "$status" -eq 0 ]
	[ "${output// /}" = 128M ]
	vdpa_guest_run suite 'head -c 1M /dev/urandom >/tmp/a && dd if=/tmp/a of=/dev/vdb oflag=direct bs=64k &&
		dd if=/dev/vdb iflag=direct bs=64k count=16 | cmp - /tmp/a'
	# A command that fails in the guest fails here, with its status.
	run vdpa_guest_run suite 'exit_with() { return 7; }; exit_with'
	[ "$status" -eq 7 ]
	vdpactl vm kill suite
	vdpa_vm_stopped suite
}
