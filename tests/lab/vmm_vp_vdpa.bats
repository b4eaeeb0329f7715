#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# lab: --vp-vdpa
# A device like hardware: it pins memory, wants the status step by step and talks to a real network.

bats_require_minimum_version 1.5.0
load ../asserts

load guest/guest

setup() {
	[ "${IN_LAB:-}" = 1 ] || skip "runs in the lab (tests/lab/run)"
	ulimit -l unlimited
	echo 96 >/proc/sys/vm/nr_hugepages
	vdpa dev add name p0 mgmtdev "pci/$LAB_VP_VDPA"
}

teardown() {
	guest_kill
	vdpa dev del p0
}

@test "the guest gets an address, and again after its driver was bound anew" {
	guest_start --memory size=192M,hugepages=on --vdpa device=p0,num_queues=auto
	for turn in 1 2 3; do
		run -0 guest_run 'ip link set eth0 up && udhcpc -i eth0 -n -q -s /bin/true 2>&1'
		assert_output --partial 'lease of'
		run -0 guest_run 'cd /sys/bus/virtio/drivers/virtio_net; d=$(ls -d virtio*); echo $d >unbind; echo $d >bind'
	done
}

# What is rung there no eventfd counts: only the one ring that each start has.
@test "the device's own doorbell pages are the guest's, before and after a reset" {
	guest_start --memory size=192M,hugepages=on --vdpa device=p0,num_queues=auto,id=net --api-socket "$BATS_TEST_TMPDIR/api"
	run grep -c /dev/vhost-vdpa "/proc/$GUEST_PID/maps"
	assert_output 3
	for turn in 1 2; do
		run -0 guest_run 'ip link set eth0 up && udhcpc -i eth0 -n -q -s /bin/true 2>&1'
		assert_output --partial 'lease of'
		run -0 guest_run 'cd /sys/bus/virtio/drivers/virtio_net; d=$(ls -d virtio*); echo $d >unbind; echo $d >bind'
	done
	run -0 vdpactl vm counters "$BATS_TEST_TMPDIR/api" --json
	run -0 gojq -c '[.. | objects | select(.activations) | .activations, .queue0_kicks, .queue1_kicks, .queue2_kicks]' <<<"$output"
	assert_output '[3,3,3,3]'
}

# It takes no address, which the device has nevertheless; and it can have one device only.
@test "save gives back what apply can make, also under another name" {
	run -0 vdpactl save "$BATS_TEST_TMPDIR/host.ini"
	refute_output --partial mac
	vdpactl dev del p0
	run -0 vdpactl apply "$BATS_TEST_TMPDIR/host.ini"
	assert_line --regexp '^[+] +device +p0 '
	sed -i 's/"p0"/"p1"/' "$BATS_TEST_TMPDIR/host.ini"
	run -0 vdpactl apply "$BATS_TEST_TMPDIR/host.ini" --prune
	run -0 vdpactl dev show p1
	vdpactl dev del p1
	vdpa dev add name p0 mgmtdev "pci/$LAB_VP_VDPA"
}

@test "a pair of queues without the control queue is enough" {
	guest_start --memory size=192M,hugepages=on --vdpa device=p0,num_queues=2
	run -0 guest_run 'ip link set eth0 up && udhcpc -i eth0 -n -q -s /bin/true 2>&1'
	assert_output --partial 'lease of'
}
