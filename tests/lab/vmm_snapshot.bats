#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# A guest that is written into a folder and goes on in another VMM; every filter on kill.

bats_require_minimum_version 1.5.0
load ../asserts

load guest/guest

setup() {
	[ "${IN_LAB:-}" = 1 ] || skip "runs in the lab (tests/lab/run)"
	cd "$BATS_TEST_TMPDIR" || return
	vdpa dev add name b0 mgmtdev vdpasim_blk
	vdpa dev add name b1 mgmtdev vdpasim_blk
	truncate -s 8M image.raw
	mkdir snap
}

teardown() {
	vdpactl vm kill later 2>/dev/null || true
	guest_kill
	vdpa dev del b0 2>/dev/null || true
	vdpa dev del b1 2>/dev/null || true
}

api() { # REQUEST [BODY]: prints the answer's status and body
	curl -sS --unix-socket api.sock -X PUT -w ' %{http_code}' ${2:+-d "$2"} "http://localhost/api/v1/$1"
}

restore() { # [FOLDER]: through the API
	api vm.restore "{\"source_url\":\"file://$PWD/${1:-snap}\"}"
}

# What was done to a copy of the snapshot is named, and there is no VM.
broken() { # SCRIPT MESSAGE
	rm -rf broken
	mkdir broken
	ln snap/* broken
	(cd broken && eval "$1")
	run restore broken
	assert_output --regexp '^\["could not restore the VM",".*'"$2"'.*"\] [45]00$'
	run -0 curl -sS --unix-socket api.sock -o /dev/null -w '%{http_code}' http://localhost/api/v1/vm.info
	assert_output 404
}

# Two vCPUs count, and a process reads the vDPA disk over and over.
WORK='blkio write /dev/vda 5 1048576 && blkio write /dev/vdb 7 1048576 || exit 1
	for cpu in 0 1; do
		taskset $((1 << cpu)) sh -c "i=0; while echo \$i >/tmp/count$cpu; do i=\$((i + 1)); sleep 0.05; done" >/dev/null 2>&1 &
	done
	(n=0; while echo 3 >/proc/sys/vm/drop_caches && blkio verify /dev/vdb 7 1048576; do n=$((n + 1)); echo $n >/tmp/verified; done
		echo bad >/tmp/bad) >/dev/null 2>&1 &
	sleep 1; cat /proc/sys/kernel/random/boot_id'

# The same guest goes on: its counters, its disks, its interrupts; and its clock is not found fault with.
goes_on() { # BOOT-ID
	run -0 guest_run 'cat /proc/sys/kernel/random/boot_id
		for f in count0 count1 verified; do
			a=$(cat /tmp/$f); i=0
			while [ "$(cat /tmp/$f)" = "$a" ] && [ $i -lt 300 ]; do sleep 0.1; i=$((i + 1)); done
			[ $i -lt 300 ] && [ "${a:-1}" -gt 0 ] || echo "$f stands still at $a"
		done
		cat /tmp/bad 2>/dev/null
		blkio verify /dev/vda 5 1048576 >/dev/null && blkio verify /dev/vdb 7 1048576 >/dev/null || echo "the disks differ"
		head -c 100 /dev/hwrng | wc -c
		dmesg | grep -iE "stall|lockup|clocksource.*unstable|Clocksource.*skew|I/O error" || :'
	assert_output "$1"$'\n100'
}

@test "a guest goes on in another VMM, with its disks and what was added; it reboots" {
	guest_start --cpus boot=2 --memory size=192M --disk path=image.raw --vdpa device=b0 --api-socket path=api.sock
	run -0 guest_run "$WORK"
	local id=${lines[-1]}
	run -0 vdpactl vm add-vdpa ./api.sock device=b1,id=late,iommu=on,count_interrupts=on
	run -0 guest_run 'i=0; until [ -b /dev/vdc ] || [ $i = 300 ]; do sleep 0.1; i=$((i + 1)); done; blkio write /dev/vdc 9 1048576'
	run -1 vdpactl vm snapshot ./api.sock snap
	assert_output --partial 'the VM is running (pause it first)'
	run -0 vdpactl vm pause ./api.sock
	run -1 vdpactl vm snapshot ./api.sock nowhere
	run api vm.snapshot "{\"destination_url\":\"file://$PWD/nowhere\"}"
	assert_output --regexp "could not snapshot the VM.*cannot open folder '$PWD/nowhere'.* 500$"
	run -0 --separate-stderr vdpactl vm snapshot ./api.sock snap --json
	assert_equal "$(gojq -c '.vm["./api.sock"]' <<<"$output")" "{\"folder\":\"$PWD/snap\",\"state\":\"paused, written\"}"
	run -0 stat -c '%A %n' snap/*
	assert_output "-rw------- snap/config.json
-rw------- snap/memory
-rw------- snap/state.json"
	run -0 stat -c %s snap/memory
	assert_output $((192 << 20))
	# Pages that are zero are holes.
	[ "$(du -k snap/memory | cut -f 1)" -lt $((160 << 10)) ]
	run -1 vdpactl vm snapshot ./api.sock snap
	assert_output --partial "'memory' is there already"
	assert_equal "$(ls -A snap | wc -l)" 3
	guest_kill
	rm -f api.sock

	guest_spawn vdpa-vmm --restore "source_url=file://$PWD/snap,resume=on" --api-socket path=api.sock --event-monitor path=events
	goes_on "$id"
	run -0 guest_run 'blkio verify /dev/vdc 9 1048576 >/dev/null && blkio write /dev/vdc 3 1048576 >/dev/null && echo whole'
	assert_output whole
	run -0 gojq -r 'select(.source == "vm") | .event' events
	assert_output "restoring
restored
resuming
resumed"
	run -0 vdpactl vm remove-device ./api.sock late
	run -0 guest_run 'i=0; while [ -b /dev/vdc ] && [ $i -lt 300 ]; do sleep 0.1; i=$((i + 1)); done; ls -1 /dev/vd?'
	assert_output "/dev/vda
/dev/vdb"
	guest_send 'reboot -f'
	guest_ready
	run -0 guest_run 'cat /proc/sys/kernel/random/boot_id; blkio verify /dev/vdb 7 1048576 >/dev/null && echo whole'
	refute_line "$id"
	assert_line whole
}

@test "behind the virtio-iommu, under Landlock and through the API; what is broken is refused and leaves nothing" {
	guest_start --cpus boot=2 --memory size=192M --disk path="$PWD/image.raw",iommu=on --vdpa device=b0,iommu=on \
		--api-socket path=api.sock --landlock --landlock-rules "path=$PWD,access=rw"
	run -0 guest_run "$WORK"
	local id=${lines[-1]}
	run api vm.pause
	assert_output ' 204'
	run api vm.snapshot "{\"destination_url\":\"file://$PWD/snap\"}"
	assert_output ' 204'
	# It is only a copy: the guest goes on here, too.
	run api vm.resume
	assert_output ' 204'
	goes_on "$id"
	guest_kill
	rm -f api.sock

	guest_spawn vdpa-vmm --api-socket path=api.sock
	while [ ! -S api.sock ]; do sleep 0.1; done
	broken "gojq '.devices._vdpa1.queue0.size = 3' state.json >t && mv t state.json" \
		'_vdpa1.queue0: the queue has 3 entries'
	# the IOMMU where a device behind it is: neither is left, nor used after it is gone
	broken "gojq '.devices.__iommu.slot = .devices._disk0.slot' state.json >t && mv t state.json" \
		'identifier but already used'
	broken "gojq '.vcpus.count = 7' state.json >t && mv t state.json" \
		'count is 7 in the snapshot, and 2 here'
	broken "gojq 'del(.clock)' state.json >t && mv t state.json" \
		"'clock' is missing"
	broken "gojq '.disks[0].nonsense = 1' config.json >t && mv t config.json" \
		'config.json.*nonsense'
	broken "gojq '.cpus += {boot_vcpus: 1, max_vcpus: 1}' config.json >t && mv t config.json" \
		'count is 2 in the snapshot, and 1 here'
	broken "gojq '.vdpa[0].device = \"gone\"' config.json >t && mv t config.json" \
		'gone'
	broken 'rm memory; truncate -s 64M memory' \
		"has 67108864 bytes, and the VM's memory 201326592"

	run restore
	assert_output ' 204'
	run restore
	assert_output --partial 'the VM is paused'
	run api vm.resume
	assert_output ' 204'
	goes_on "$id"
	run -0 api vmm.shutdown
	guest_wait
	rm -f api.sock

	# By name, with the console in the VM's own folder.
	run vdpactl vm restore later snap
	assert_success
	assert_line --regexp '^later .* running$'
	run -0 --separate-stderr vdpactl vm info later --json
	assert_equal "$(gojq -r '.vm_info | .state + " " + .config.console.socket' <<<"$output")" "Running /run/vdpactl/later/console.sock"
	run -1 vdpactl vm restore later snap
	assert_output --partial "a VM 'later' is running"
	run -0 vdpactl vm kill later

	# And where nobody has an API.
	guest_spawn vdpa-vmm --restore "source_url=file://$PWD/snap,resume=on"
	run -0 guest_run 'cat /proc/sys/kernel/random/boot_id'
	assert_output "$id"
}
