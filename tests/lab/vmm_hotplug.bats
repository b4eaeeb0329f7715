#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Devices that come to a running guest and leave it: behind the IOMMU without planning, and under I/O, again and
# again. HOTPLUG_ROUNDS is how often (12): HOTPLUG_ROUNDS=200 tests/lab/run --timeout 3600 -- bats THIS-FILE

bats_require_minimum_version 1.5.0
load ../asserts

load guest/guest

setup() {
	[ "${IN_LAB:-}" = 1 ] || skip "runs in the lab (tests/lab/run)"
	cd "$BATS_TEST_TMPDIR" || return
	vdpa dev add name b0 mgmtdev vdpasim_blk
	vdpa dev add name b1 mgmtdev vdpasim_blk
	node1=/dev/$(basename /sys/bus/vdpa/devices/b1/vhost-vdpa-*)
}

teardown() {
	guest_kill
	vdpa dev del b0
	vdpa dev del b1
}

VM=(--memory size=192M,shared=on --api-socket api --event-monitor path=events)

put() { # NAME [BODY]
	curl -sS --max-time 60 --unix-socket api -X PUT ${2:+-d "$2"} -w '%{stderr}%{http_code}' -o body \
		"http://localhost/api/v1/$1" 2>code
	cat body
	[ "$(cut -c1 code)" = 2 ]
}

# removed N: so many devices have left.
removed() {
	for _ in $(seq 900); do
		[ "$(grep -c device-removed events)" -lt "$1" ] || return 0
		sleep 0.1
	done
	return 1
}

state() {
	echo "$(find "/proc/$GUEST_PID/fd" | wc -l) $(awk '/^VmPin/ { print $2 }' "/proc/$GUEST_PID/status")"
}

kib() { awk '/^RssAnon/ { print $2 }' "/proc/$GUEST_PID/status"; }

# used DISK SEED: it takes and gives back what it is given; prints where it is.
used() {
	run -0 guest_run "for i in \$(seq 300); do test -b /dev/$1 && break; sleep 0.1; done
		blkio write /dev/$1 $2 2097152 && blkio verify /dev/$1 $2 2097152 && readlink -f /sys/block/$1/device/.."
}

@test "a vDPA disk joins behind the IOMMU without planning, at 0001:00:00.0, and is gone after it left" {
	guest_start "${VM[@]}" --vdpa device=b0
	for round in 1 2; do
		run -0 put vm.add-vdpa "{\"path\":\"$node1\",\"iommu\":true,\"id\":\"hot\"}"
		assert_output '{"id":"hot","bdf":"0001:00:00.0"}'
		used vdb 7
		assert_output --regexp '/pci0001:00/0001:00:00.0$'
		run -0 guest_run 'ls /sys/kernel/iommu_groups | wc -w'
		assert_output 1
		put vm.remove-device '{"id":"hot"}'
		removed $round
		run -0 guest_run 'ls /sys/bus/pci/devices /sys/block'
		refute_output --partial 0001:00:00.0
		refute_output --partial vdb
		run -1 fuser "$node1"
	done
	# Over a reboot it stays where it is.
	put vm.add-vdpa "{\"path\":\"$node1\",\"iommu\":true,\"id\":\"hot\"}"
	put vm.reboot
	guest_ready
	used vdb 8
	assert_output --regexp '/pci0001:00/0001:00:00.0$'
}

@test "a device that came as a descriptor lives through reboots, and is let go when it is removed" {
	local fd
	exec {fd}<>"$node1"
	guest_start "${VM[@]}" --vdpa device=b0 --vdpa "fd=$fd,id=given"
	exec {fd}>&-
	used vdb 5
	for _ in 1 2; do
		guest_send 'reboot -f'
		guest_ready
		run -0 guest_run 'blkio verify /dev/vdb 5 2097152'
		used vdb 5
	done
	put vm.remove-device '{"id":"given"}'
	removed 1
	run -1 fuser "$node1"
}

@test "a device that the guest ejects by itself is out of the configuration, and its place is free" {
	guest_start "${VM[@]}" --vdpa device=b0 --vdpa "path=$node1,id=hot"
	used vdb 6
	run -0 guest_run 'cat /sys/bus/pci/slots/4/address'
	assert_output 0000:00:04
	# It is reported when the device is free, however long that takes.
	strace -f -qq -o trace -p "$GUEST_PID" -P "$node1" -e trace=close -e inject=close:delay_enter=8000000 3>&- &
	until grep -q '^TracerPid:.[1-9]' "/proc/$GUEST_PID/status"; do sleep 0.1; done
	guest_send 'echo 0 >/sys/bus/pci/slots/4/power'
	removed 1
	run -0 find "/proc/$GUEST_PID/fd" -lname "$node1"
	assert_output ""
	kill $!
	run -0 cat trace
	assert_output --partial "close("
	run -0 gojq -c 'select(.event == "device-removed") | .properties' events
	assert_output '{"bdf":"0000:00:04.0","id":"hot"}'
	run -1 fuser "$node1"
	assert_equal "$(curl -s --unix-socket api http://localhost/api/v1/vm.info | gojq -c '[.config.vdpa[].id]')" '["_vdpa0"]'
	run -0 put vm.add-vdpa "{\"path\":\"$node1\",\"id\":\"hot\"}"
	assert_output '{"id":"hot","bdf":"0000:00:04.0"}'
	used vdb 7
}

@test "devices come and go under I/O, and leave nothing behind" {
	local rounds=${HOTPLUG_ROUNDS:-12} before=0 kib=0
	guest_start "${VM[@]}" --vdpa device=b0
	guest_run 'while blkio write /dev/vda 3 4194304 && blkio verify /dev/vda 3 4194304; do :; done >/tmp/io 2>&1 &'
	for round in $(seq "$rounds"); do
		run -0 put vm.add-vdpa "{\"path\":\"$node1\",\"id\":\"hot\"}"
		assert_output '{"id":"hot","bdf":"0000:00:04.0"}'
		# Every other one leaves in the middle of requests, or before its driver came.
		[ $((round % 3)) = 0 ] || guest_run 'for i in $(seq 50); do test -b /dev/vdb && break; sleep 0.1; done
			dd if=/dev/zero of=/dev/vdb bs=64k count=2000 2>/dev/null & sleep 0.1'
		put vm.remove-device '{"id":"hot"}'
		run put vm.remove-device '{"id":"hot"}'
		assert_equal "$(cat code)" 404
		removed "$round"
		run -1 fuser "$node1"
		[ "$round" != 4 ] || { before=$(state) kib=$(kib); }
	done
	assert_equal "$(state)" "$before"
	echo "# $rounds rounds: descriptors and pinned KiB $before; anonymous KiB $kib, then $(kib)" >&3
	assert [ "$(kib)" -le $((kib + 512)) ]
	# Of many rounds the whole would take minutes on the console.
	run -0 guest_run 'tail -n 1 /tmp/io; grep -c blkio: /tmp/io; blkio write /dev/vda 3 4194304'
	assert_line --index 1 0
}
