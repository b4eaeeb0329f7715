#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The HTTP API over a running guest, by a client that has curl alone; every filter on kill.

bats_require_minimum_version 1.5.0
load ../asserts

setup() {
	[ "${IN_LAB:-}" = 1 ] || skip "runs in the lab (tests/lab/run)"
	cd "$BATS_TEST_TMPDIR"
	sock=$PWD/api.sock
	for name in b0 b1; do
		vdpa dev add name "$name" mgmtdev vdpasim_blk
	done
	node0=/dev/$(basename /sys/bus/vdpa/devices/b0/vhost-vdpa-*)
	node1=/dev/$(basename /sys/bus/vdpa/devices/b1/vhost-vdpa-*)
	echo 200 >/proc/sys/vm/nr_hugepages
	pid=
}

teardown() {
	if [ -n "${pid:-}" ]; then
		kill -KILL "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	fi
	for name in b0 b1; do
		vdpa dev del "$name" 2>/dev/null || true
	done
	echo 0 >/proc/sys/vm/nr_hugepages
}

# serve [COMMAND...]: starts vdpa-vmm, by COMMAND where there is one.
serve() {
	"$@" vdpa-vmm --api-socket "$sock" --event-monitor path=events </dev/null >out 2>&1 3>&- &
	pid=$!
	for _ in $(seq 900); do
		[ ! -S "$sock" ] || return 0
		sleep 0.05
	done
	cat out
	return 1
}

# The VMM has ended or is about to, with status 0. (Under `run` it would be no child of the shell.)
ended() {
	local code=0
	wait "$pid" || code=$?
	assert_equal "exit status $code" "exit status 0"
}

# expect STATUS METHOD NAME [BODY]: one request; $output is its body.
expect() {
	local args=(-s --max-time 60 --unix-socket "$sock" -X "$2" -o body -w '%{http_code}')
	[ $# -lt 4 ] || args+=(-d "$4")
	: >body
	status=$(curl "${args[@]}" "http://localhost/api/v1/$3") || true
	output=$(cat body)
	assert_equal "$2 $3: $status $output" "$2 $3: $1 $output"
}

vm() { # [MORE-MEMBERS]
	cat <<-END
		{ "payload": { "kernel": "$LAB_GUEST_VMLINUX", "initramfs": "$LAB_TINY_INITRD", "cmdline": "console=hvc0" },
		  "memory": { "size": 134217728, "hugepages": true },
		  "console": { "mode": "File", "file": "$PWD/console" },
		  "vdpa": [ { "path": "$node0", "id": "boot0" } ] ${1:+, $1} }
	END
}

# wait_for PATTERN FILE [COUNT]
wait_for() {
	local n
	for _ in $(seq 900); do
		n=$(grep -c "$1" "$2" 2>/dev/null) || n=${n:-0}
		[ "$n" -lt "${3:-1}" ] || return 0
		sleep 0.3
	done
	echo "no '$1' in $2:"
	tail -n 20 "$2" out
	stands_still
	return 1
}

# What a VMM is at whose guest does not go on: its rings and counters, and each thread with its CPU time.
stands_still() {
	local task name
	for name in vm.rings vm.counters; do
		curl -s --max-time 10 --unix-socket "$sock" "http://localhost/api/v1/$name" || true
		echo
	done
	for task in "/proc/$pid/task/"*; do
		echo "$(cat "$task/comm"): $(cut -d ' ' -f 3,14,15 "$task/stat") $(cat "$task/wchan")"
	done
}

# wait_event EVENT [COUNT]
wait_event() {
	wait_for "\"event\": \"$1\"" events "${2:-1}"
}

ready() { # [COUNT]: boots since the console file was made
	wait_for '^guest: ready' console "${1:-1}"
}

@test "a guest's life by curl: create, boot, pause, reboot, shut down, boot again" {
	serve
	expect 204 PUT vm.create "$(vm)"
	expect 204 PUT vm.boot
	ready
	expect 200 GET vm.info
	run -0 gojq -c '[.state, .device_tree["_virtio-pci-boot0"].pci_bdf, .device_tree["_virtio-pci-boot0"].children]' <<<"$output"
	assert_output '["Running","0000:00:03.0",["boot0"]]'
	expect 500 PUT vm.boot
	expect 204 PUT vm.pause
	expect 500 PUT vm.pause
	expect 200 GET vm.info
	assert_output --partial '"state":"Paused"'
	expect 204 PUT vm.resume
	expect 204 PUT vm.nmi
	wait_for 'NMI' console
	expect 204 PUT vm.power-button
	: >console
	expect 204 PUT vm.reboot
	ready
	expect 204 PUT vm.shutdown
	expect 200 GET vm.info
	assert_output --partial '"state":"Created"'
	: >console
	expect 204 PUT vm.boot
	ready
	expect 204 PUT vmm.shutdown
	ended
	pid=
	run -0 gojq -r 'select(.source == "vm") | .event' events
	assert_output "booting
booted
pausing
paused
resuming
resumed
rebooting
rebooted
shutdown
booting
booted
shutdown
deleted"
}

@test "counters and rings tell what the vDPA device and the disk did" {
	truncate -s 1M disk.img
	serve
	expect 204 PUT vm.create "$(vm "\"disks\": [ { \"path\": \"$PWD/disk.img\", \"id\": \"disk0\" } ]")"
	expect 204 PUT vm.boot
	ready
	expect 200 GET vm.counters
	counters=$output
	run -0 gojq -c '.boot0 | [.activations, .errors, .queue0_kicks > 0]' <<<"$counters"
	assert_output '[1,0,true]'
	# The guest has looked for a partition table.
	run -0 gojq -c '.disk0 | [.read_ops > 0, .read_bytes >= 512 * .read_ops, .read_latency_max > 0,
		.read_latency_min <= .read_latency_avg, .read_latency_avg <= .read_latency_max,
		.write_ops, .write_latency_avg, .errors]' <<<"$counters"
	assert_output '[true,true,true,true,true,0,0,0]'
	expect 200 GET vm.rings
	run -0 gojq -c '.boot0 | [.device_type, .active, .queues[0].layout, .queues[0].in_flight,
		.queues[0].used_index > 0]' <<<"$output"
	assert_output '[2,true,"split",0,true]'
}

@test "a vDPA device comes and goes, and a second removal is 404" {
	serve
	expect 204 PUT vm.create "$(vm)"
	expect 204 PUT vm.boot
	ready
	for round in 1 2; do
		expect 200 PUT vm.add-vdpa "{\"path\":\"$node1\",\"id\":\"hot\"}"
		assert_equal "$(gojq -r .bdf <<<"$output")" 0000:00:04.0
		wait_for '"id": "hot"' events $((3 * round - 2))
		expect 409 PUT vm.add-disk '{"path":"/dev/null","id":"hot"}'
		expect 204 PUT vm.remove-device '{"id":"hot"}'
		expect 404 PUT vm.remove-device '{"id":"hot"}'
		wait_event device-removed "$round"
		# The node is free by then: nobody has it open.
		run -1 fuser "$node1"
	done
	expect 500 PUT vm.remove-device '{"id":"__rng"}'
	expect 500 PUT vm.add-vdpa '{"path":"/dev/vhost-vdpa-99"}'
	expect 200 GET vm.info
	run -0 gojq -c '[.config.vdpa[].id]' <<<"$output"
	assert_output '["boot0"]'
}

@test "a vDPA device added to a machine that had none is read by the guest" {
	serve
	expect 204 PUT vm.create "$(vm | gojq -c 'del(.vdpa) | .memory = { size: 134217728 }')"
	expect 204 PUT vm.boot
	ready
	expect 200 PUT vm.add-vdpa "{\"path\":\"$node1\",\"id\":\"hot\"}"
	for _ in $(seq 900); do
		expect 200 GET vm.rings
		run -0 gojq -c '[.hot.queues[0].in_flight, .hot.queues[0].used_index > 0]' <<<"$output"
		[ "$output" != '[0,true]' ] || break
		sleep 0.3
	done
	assert_output '[0,true]'
}

@test "add, remove and reboot leave descriptors and memory as they were" {
	serve
	expect 204 PUT vm.create "$(vm)"
	expect 204 PUT vm.boot
	ready
	for round in 1 2 3 4 5; do
		expect 200 PUT vm.add-vdpa "{\"path\":\"$node1\",\"id\":\"hot\"}"
		wait_event activated $((3 + round))
		expect 204 PUT vm.remove-device '{"id":"hot"}'
		wait_event device-removed "$round"
		[ "$round" != 2 ] || before=$(find "/proc/$pid/fd" | wc -l)
	done
	assert_equal "$(find "/proc/$pid/fd" | wc -l)" "$before"
}

@test "a removal that is asked for while the guest still starts is done when it can" {
	serve
	expect 204 PUT vm.create "$(vm)"
	expect 204 PUT vm.boot
	expect 204 PUT vm.remove-device '{"id":"boot0"}'
	ready
	wait_event device-removed
}

@test "with Landlock, only what the configuration names can be opened" {
	serve
	expect 204 PUT vm.create "$(vm '"landlock_enable": true')"
	expect 204 PUT vm.boot
	ready
	expect 500 PUT vm.add-vdpa "{\"path\":\"$node1\"}"
	assert_output --partial 'Landlock holds this VMM'
	expect 204 PUT vmm.shutdown
	ended
	# A device by name opens its own node, and no other.
	serve
	rm console
	expect 204 PUT vm.create "$(vm '"landlock_enable": true' | sed "s|\"path\": \"$node0\"|\"device\": \"b0\"|")"
	expect 204 PUT vm.boot
	ready
	expect 500 PUT vm.add-vdpa "{\"path\":\"$node1\"}"
	assert_output --partial 'Landlock holds this VMM'
	expect 204 PUT vm.reboot
	ready 2
	expect 204 PUT vmm.shutdown
	ended
	serve
	rm console
	expect 204 PUT vm.create "$(vm '"landlock_enable": true, "landlock_rules": [ { "path": "/dev", "access": "rw" } ]')"
	expect 204 PUT vm.boot
	ready
	expect 200 PUT vm.add-vdpa "{\"path\":\"$node1\"}"
}

@test "an ordinary user runs it all" {
	chmod 666 "$node0" "$node1" /dev/kvm
	# bats' own folder is closed to others.
	cd "$(mktemp -d /tmp/user.XXXXXX)"
	chmod 777 .
	sock=$PWD/api.sock
	serve setpriv --reuid 65534 --regid 65534 --clear-groups
	expect 204 PUT vm.create "$(vm)"
	expect 204 PUT vm.boot
	ready
	run -0 grep -E '^(Uid|NoNewPrivs|Seccomp):' "/proc/$pid/status"
	assert_line --regexp '^Uid:\s+65534'
	assert_line --regexp '^Seccomp:\s+2'
	for task in "/proc/$pid/task/"*; do
		run -0 grep -E '^Seccomp:' "$task/status"
		assert_output --regexp '2$'
	done
	expect 200 PUT vm.add-vdpa "{\"path\":\"$node1\",\"id\":\"hot\"}"
	expect 204 PUT vm.remove-device '{"id":"hot"}'
	wait_event device-removed
}

@test "the vCPU's thread has a filter of its own, and every descriptor closes on exec" {
	serve
	expect 204 PUT vm.create "$(vm)"
	expect 204 PUT vm.boot
	ready
	main=$(sed -n 's/^Seccomp_filters:\s*//p' "/proc/$pid/status")
	for task in "/proc/$pid/task/"*; do
		grep -q '^vcpu' "$task/comm" || continue
		assert_equal "$(sed -n 's/^Seccomp_filters:\s*//p' "$task/status")" $((main + 1))
	done
	assert_close_on_exec "$pid"
}

@test "the events of a launch and a power-off on the command line" {
	vdpa-vmm --kernel "$LAB_GUEST_VMLINUX" --initramfs "$LAB_TINY_INITRD" --memory size=128M,shared=on \
		--cmdline "console=hvc0" --console "file=$PWD/console" --vdpa "path=$node0" \
		--api-socket "$sock" --event-monitor path=events </dev/null >out 2>&1 3>&- &
	pid=$!
	ready
	kill -TERM "$pid"
	ended
	pid=
	run -0 gojq -r '"\(.source) \(.event) \(.properties.id // "")"' events
	assert_output "vmm starting 
vm booting 
vm booted 
virtio-device activated __console
virtio-device activated __rng
virtio-device activated __iommu
vdpa activated _vdpa0
vm shutdown 
vm deleted 
vmm shutdown "
}
